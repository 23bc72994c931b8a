//! Compares an error.

use toml::Value as Toml;
use wsman::{Delivery, Error};

use super::instance::properties;
use super::{equal, table};
use crate::call::Outcome;

pub(super) fn check(key: &str, wanted: &Toml, outcome: &Outcome) -> Result<(), String> {
    let error = outcome.error().ok_or("no error")?;
    let text = wanted.as_str().unwrap_or_default();
    let number =
        || u32::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|e| e.to_string());
    let fault = || error.fault().ok_or_else(|| "no fault".to_owned());
    match key {
        "error" => equal(&text, &error.name()),
        "ambiguous" => equal(&wanted.as_bool(), &Some(error.is_ambiguous())),
        "delivery" => equal(&text, &delivery(error)),
        "lost_rows" => {
            let range = error.lost_rows().ok_or("no lost rows")?;
            let found = [range.start, range.end].map(|row| Toml::Integer(row.cast_signed()));
            equal(&wanted.as_array().map(Vec::as_slice), &Some(&found[..]))
        }
        "wbem" => equal(&number()?, &error.wbem().0),
        "cim_status" => {
            let found = fault()?.cim_status().map(|status| i64::from(status.code()));
            equal(&wanted.as_integer(), &found)
        }
        "wsman_code" => equal(&Some(number()?), &fault()?.wsman_code.map(|code| code.0)),
        "subcode" => equal(&Some(text.into()), &fault()?.subcode),
        "fault_detail" => equal(&Some(text.into()), &fault()?.fault_detail),
        "cim_error" => properties(
            table(wanted)?,
            error.cim_instance().ok_or("no error instance")?,
        ),
        other => Err(format!("nothing called {other}")),
    }
}

fn delivery(error: &Error) -> &'static str {
    match error.delivery() {
        Delivery::NotSent => "not-sent",
        Delivery::Answered => "answered",
        Delivery::Unknown => "unknown",
    }
}
