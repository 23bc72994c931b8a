//! `--fault`: what happens to a coming request.

use std::str::FromStr;

use wsman::cim::{CimStatus, WbemStatus};
use wsman::simulator::{Knob, RawAnswer};

use crate::args::Time;

/// A fault, and how often it happens.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    knob: Knob,
    times: usize,
}

/// The forms of a fault.
pub(super) const FORMS: &str = "pass, delay:TIME, drop-answer, cut-answer:BYTES, cut-request:BYTES, \
    close, close-after-answer, restart, endless-answer, unauthorized, timed-out, empty-page, \
    expire-enumerations, status:HTTP, cim:STATUS or wbem:HRESULT, each with *N for N requests";

impl Fault {
    /// Returns the faults of the coming requests.
    pub(super) fn knobs(&self) -> impl Iterator<Item = Knob> {
        std::iter::repeat_n(self.knob.clone(), self.times)
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("invalid fault: expected {FORMS}");
        let (text, times) = match text.rsplit_once('*') {
            Some((text, times)) => (text, times.parse().map_err(|_| invalid())?),
            None => (text, 1),
        };
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let knob = knob(name, value).ok_or_else(invalid)?;
        Ok(Self { knob, times })
    }
}

fn knob(name: &str, value: &str) -> Option<Knob> {
    Some(match (name, value) {
        ("delay", _) => Knob::Delay(value.parse::<Time>().ok()?.0),
        ("cut-answer", _) => Knob::CutAnswerAt(value.parse().ok()?),
        ("cut-request", _) => Knob::CutRequestAt(value.parse().ok()?),
        ("status", _) => Knob::Answer(RawAnswer::new(status(value)?)),
        ("cim", _) => Knob::Fault(CimStatus::from_code(value.parse().ok()?)),
        ("wbem", _) => Knob::WbemFault(WbemStatus(hexadecimal(value)?)),
        (_, "") => plain(name)?,
        _ => return None,
    })
}

fn plain(name: &str) -> Option<Knob> {
    Some(match name {
        "pass" => Knob::Pass,
        "drop-answer" => Knob::DropAnswer,
        "close" => Knob::CloseBeforeReading,
        "close-after-answer" => Knob::CloseAfterAnswer,
        "restart" => Knob::Restart,
        "endless-answer" => Knob::EndlessAnswer,
        "unauthorized" => Knob::Unauthorized,
        "timed-out" => Knob::TimedOut,
        "empty-page" => Knob::EmptyPage,
        "expire-enumerations" => Knob::ExpireEnumerations,
        _ => return None,
    })
}

fn status(text: &str) -> Option<u16> {
    text.parse()
        .ok()
        .filter(|status| (200..600).contains(status))
}

fn hexadecimal(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms() {
        for text in [
            "pass*3",
            "delay:500ms",
            "drop-answer",
            "cut-answer:100",
            "status:503*2",
            "cim:2",
            "wbem:0x80041003",
        ] {
            assert!(text.parse::<Fault>().is_ok(), "{text}");
        }
        assert_eq!("pass*3".parse::<Fault>().unwrap().knobs().count(), 3);
        for text in [
            "",
            "melt",
            "status:99",
            "wbem:5",
            "pass:1",
            "delay",
            "delay:soon",
            "pass*x",
            "cut-answer",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
