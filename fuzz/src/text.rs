//! Texts: datetimes, object paths and queries.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use wsman::cim::WireForm;
use wsman::cim::wql::{Condition, Query, property};
use wsman::cim::{DateTime, Name};
use wsman::fuzzing::query_parts;
use wsman::simulator::Dialect;
use wsman::{InstancePath, Value};

use crate::messages::assert_shown;
use crate::values;

/// A datetime in the form of CIM: what is printed reads back equal.
pub fn datetime(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let read = match text.parse::<DateTime>() {
        Ok(read) => read,
        Err(error) => return assert_shown(&error),
    };
    let printed = read.to_string();
    let back: DateTime = printed.parse().expect(&printed);
    assert_eq!(back, read);
    assert_eq!(back.to_string(), printed);
    if let Some(xs) = read.to_xs() {
        let back = Value::Untyped(xs.clone()).typed_as(wsman::cim::CimType::DateTime);
        let back = back.unwrap_or_else(|error| panic!("{xs}: {error}"));
        assert!(matches!(&back, Value::DateTime(_)), "{back:?}");
    }
    let _ = std::time::SystemTime::try_from(read);
    let _ = std::time::Duration::try_from(read);
}

/// An object path: what is printed reads back equal.
pub fn object_path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let read = match text.parse::<InstancePath>() {
        Ok(read) => read,
        Err(error) => return assert_shown(&error),
    };
    let printed = read.to_string();
    let back: InstancePath = printed.parse().expect(&printed);
    assert_eq!(back, read, "{printed}");
    assert_eq!(back.to_string(), printed);
    assert!(back.same_instance(&read));
}

/// A query: any text is parsed by the servers' parsers, and no value changes the structure of a query.
pub fn wql(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        for server in SERVERS {
            let _ = query_parts(text, server.0);
            let condition = ["SELECT * FROM A WHERE ", text].concat();
            let _ = query_parts(&condition, server.0);
        }
    }
    let _ = built(&mut Unstructured::new(data));
}

const SERVERS: [(Dialect, WireForm); 3] = [
    (Dialect::Windows, WireForm::Windows),
    (Dialect::Omi, WireForm::Omi),
    (Dialect::Openwsman, WireForm::Openwsman),
];

/// Builds a query of a few comparisons, and looks for each in what the servers read.
fn built(input: &mut Unstructured<'_>) -> Result<()> {
    let class = Name::new(values::name(input)?);
    let mut query = Query::new(class.clone());
    let mut wanted = Vec::new();
    for _ in 0..input.int_in_range(1..=4)? {
        let name = values::name(input)?;
        let (condition, text) = comparison(input, &name)?;
        let condition = if input.ratio(1, 4)? {
            condition.negated()
        } else {
            condition
        };
        query = query.matching(condition);
        wanted.push((name, text));
    }
    for (server, form) in SERVERS {
        let text = match query.text(form) {
            Ok(text) => text,
            Err(error) => {
                assert_shown(&error);
                continue;
            }
        };
        let [found, selected, comparisons] = query_parts(&text, server)
            .unwrap_or_else(|error| panic!("{server:?}: {error} in {text}"));
        assert_eq!(
            (found, selected.len()),
            (vec![class.to_string()], 0),
            "{text}"
        );
        assert_eq!(
            comparisons.len(),
            wanted.len(),
            "{server:?}: {text}: {comparisons:?}"
        );
        for (comparison, (name, value)) in comparisons.iter().zip(&wanted) {
            let rest = comparison.strip_prefix(name.as_str());
            assert!(
                rest.is_some_and(|rest| rest.starts_with(' ')),
                "{server:?}: {comparison}"
            );
            if let Some(value) = value {
                assert!(
                    comparison.ends_with(&format!(" text {value}")),
                    "{server:?}: {comparison:?}, not {value:?}"
                );
            }
        }
    }
    Ok(())
}

/// Returns a condition, and the text that it compares with exactly.
fn comparison(input: &mut Unstructured<'_>, name: &str) -> Result<(Condition, Option<String>)> {
    let operand = property(name);
    let text = values::text(input)?;
    Ok(match input.int_in_range(0..=7)? {
        0 => (operand.eq(text.as_str()), Some(text)),
        1 => (operand.ne(text.as_str()), Some(text)),
        2 => (operand.lt(text.as_str()), Some(text)),
        3 => (operand.starts_with(&text), None),
        4 => (operand.contains(&text), None),
        5 => (operand.like(text), None),
        6 => (operand.ge(values::scalar(input)?), None),
        _ => (operand.eq(values::scalar(input)?), None),
    })
}
