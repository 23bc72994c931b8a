//! Values with a marker, the classes that declare them, and the search for the markers.

use std::error::Error as StdError;

use wsman::auth::Secret;
use wsman::cim::{CimType, Class, DateTime, MethodDecl, ParameterDecl, PropertyDecl};
use wsman::simulator::{MethodReply, Simulator};
use wsman::{Credentials, Instance, Session, SessionBuilder, Value};

/// What stands in the texts of the values below.
pub(crate) const MARKERS: &[&str] = &[
    "marker-horse",
    "bWFya2VyLWhvcnNl",
    "48731",
    "-23719",
    "3735928559",
    "-1640531527",
    "9182736455463728190",
    "-8182736455463728191",
    "1.2345679",
    "2.718281828459",
    "918273",
    "\u{a7f0}",
    "42992",
];

/// A value of each type that has a marker. A boolean and a number of 8 bits have none.
pub(crate) fn values() -> Vec<(&'static str, Value)> {
    let datetime = |text: &str| Value::from(text.parse::<DateTime>().unwrap());
    let inner = Instance::new("Acme_Part").with("Note", "marker-horse");
    vec![
        ("Text", Value::from("marker-horse")),
        ("Raw", Value::Untyped("marker-horse".into())),
        ("Digits", Value::Untyped("9182736455463728190".into())),
        ("U16", Value::from(48731u16)),
        ("S16", Value::from(-23719i16)),
        ("U32", Value::from(3_735_928_559u32)),
        ("S32", Value::from(-1_640_531_527i32)),
        ("U64", Value::from(9_182_736_455_463_728_190u64)),
        ("S64", Value::from(-8_182_736_455_463_728_191i64)),
        ("R32", Value::from(1.234_567_9e33f32)),
        ("R64", Value::from(2.718_281_828_459e99f64)),
        ("C16", Value::Char16(0xa7f0)),
        ("When", datetime("20370118031407.918273+000")),
        ("Long", datetime("00000012011730.918273:000")),
        ("Bytes", Value::octets(*b"marker-horse")),
        ("Part", Value::from(inner)),
        ("List", Value::from(vec!["marker-horse", "b"])),
        ("Numbers", Value::from(vec![48731u16, 2])),
        ("Hidden", Value::from(Secret::from("marker-horse"))),
    ]
}

pub(crate) fn account() -> Instance {
    let account = Instance::new("Acme_Account").with_key("Name", "ops");
    values()
        .into_iter()
        .fold(account, |account, (name, value)| account.with(name, value))
}

#[track_caller]
pub(crate) fn keeps(told: &str) {
    for marker in MARKERS {
        assert!(!told.contains(marker), "{marker} in {told}");
    }
}

/// Checks the texts of an error and its causes, in every form.
#[track_caller]
pub(crate) fn error_keeps(error: &(dyn StdError + 'static)) {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.for_each(|error| keeps(&format!("{error}\n{error:?}\n{error:#?}")));
}

/// A class that declares every property as another type.
pub(crate) fn wrong_class(secret: bool) -> Class {
    let class = Class::new("Acme_Account").with_key("Name", CimType::String);
    values().iter().fold(class, |class, (name, value)| {
        let other = match value.cim_type() {
            Some(CimType::Boolean) => CimType::Uint8,
            _ => CimType::Boolean,
        };
        let declared = PropertyDecl::new(*name, other);
        class.with_property(if secret { declared.secret() } else { declared })
    })
}

/// The class, in which every property is a secret.
pub(crate) fn secret_class() -> Class {
    let class = Class::new("Acme_Account").with_key("Name", CimType::String);
    values().iter().fold(class, |class, (name, value)| {
        let declared = PropertyDecl::new(*name, value.cim_type().unwrap_or(CimType::String));
        let is_array = matches!(value, Value::Array(_) | Value::Octets(_));
        let declared = if is_array { declared.array() } else { declared };
        class.with_property(declared.secret())
    })
}

pub(crate) async fn simulator(class: Class) -> Simulator {
    let method = MethodDecl::new("Check")
        .as_static()
        .returns(CimType::Uint32);
    let method = values().iter().fold(method, |method, (name, value)| {
        let input = ParameterDecl::input(*name, value.cim_type().unwrap_or(CimType::String));
        let is_array = matches!(value, Value::Array(_) | Value::Octets(_));
        let input = if is_array { input.array() } else { input };
        method.with(input.secret())
    });
    let part = Class::new("Acme_Part").with("Note", CimType::String);
    Simulator::builder()
        .namespace("root/cimv2".parse().unwrap())
        .class(part)
        .class(class.with_method(method))
        .method("Acme_Account", "Check", |_| Ok(MethodReply::new(0u32)))
        .instance(
            Instance::new("Acme_Account")
                .with_key("Name", "ops")
                .with("Text", "marker-horse"),
        )
        .start()
        .await
        .unwrap()
}

pub(crate) fn session(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
}
