//! Tests that no error, trace or recording shows the value of a property, and that `Debug` and `Display`
//! show none that the caller or the class marks as secret.
//!
//! Every type of value carries a marker, every operation is made to fail in every way, and all texts are
//! searched for the markers.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::time::{Duration, SystemTime};

use wsman::auth::Secret;
use wsman::cim::wql::property;
use wsman::cim::{
    Array, CimClass, CimStatus, CimType, DateTime, Interval, PropertyDecl, Timestamp, ValueError,
};
use wsman::simulator::{Knob, RawAnswer, Simulator};
use wsman::{Error, Instance, InstancePath, PartialUpdate, PutMode, Session, Value};

use super::marked::{
    account, error_keeps, keeps, secret_class, session, simulator, values, wrong_class,
};
use super::{Shown, listener};

#[track_caller]
fn refuses<T: Debug>(outcome: Result<T, ValueError>) {
    if let Err(error) = outcome {
        error_keeps(&error);
    }
}

#[test]
fn no_conversion_repeats_the_value() {
    for (name, value) in values() {
        let one = Instance::new("A").with(name, value.clone());
        macro_rules! as_types {
            ($($rust:ty),*) => {$(
                refuses(value.to::<$rust>());
                refuses(value.to::<Option<$rust>>());
                refuses(value.to::<Vec<$rust>>());
                refuses(<$rust>::try_from(value.clone()));
                refuses(one.get::<$rust>(name));
                refuses(one.get::<Vec<$rust>>(name));
            )*};
        }
        as_types!(
            bool, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, char, String
        );
        as_types!(
            DateTime,
            Timestamp,
            Interval,
            SystemTime,
            Duration,
            InstancePath,
            Instance
        );
        refuses(value.to_octets());
        refuses(one.octets(name));
        for cim_type in CimType::ALL {
            refuses(value.typed_as(cim_type));
            refuses(PropertyDecl::new(name, cim_type).declared(&value));
            refuses(PropertyDecl::new(name, cim_type).array().declared(&value));
            let error = PropertyDecl::new(name, cim_type).secret().declared(&value);
            if let Err(error) = error {
                keeps(error.found());
            }
            let mut array = Array::untyped();
            refuses(array.push(value.clone()));
            refuses(Array::from_values(vec![Value::from(true), value.clone()]));
        }
    }
}

#[test]
fn no_struct_repeats_the_value() {
    #[derive(Debug, serde::Deserialize)]
    enum State {
        On,
        Off,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Deep {
        #[allow(dead_code)]
        value: Box<State>,
    }
    macro_rules! fields {
        ($one:expr; $($field:ty),*) => {$({
            #[derive(Debug, serde::Deserialize)]
            struct Row {
                #[allow(dead_code)]
                value: $field,
            }
            refuses($one.to_struct::<Row>());
        })*};
    }
    for (_, value) in values() {
        let one = Instance::new("A").with("value", value);
        fields!(one; bool, u8, i8, u16, i16, u32, i32, u64, i64, u128, i128, f32, f64, char, String);
        fields!(one; State, Deep, (), (u8, u8), [u8; 3], Vec<bool>, Option<State>, Vec<State>);
        fields!(one; std::net::IpAddr, std::num::NonZeroU8, std::collections::BTreeMap<String, u8>);
        fields!(one; DateTime, InstancePath, Instance, Value);
        let _both = [State::On, State::Off];
    }
}

/// Returns whatever `Debug` and `Display` print.
fn printed<T: Debug + Display>(value: &T) -> String {
    format!("{value} {value:#} {value:?} {value:#?}")
}

#[test]
fn an_instance_of_known_class_hides_what_the_class_marks() {
    let typed = account().typed_by(&secret_class());
    keeps(&printed(&typed));
    keeps(&typed.to_mof());
    let other = Instance::new("Acme_Account").with("Text", "other");
    let changes = typed.diff(&other);
    let there: Vec<String> = changes.iter().map(printed).collect();
    keeps(&there.join("\n"));
    let back: Vec<String> = other.diff(&typed).iter().map(printed).collect();
    keeps(&back.join("\n"));
    keeps(&printed(&Value::from(typed.clone())));
    // The value itself is still there.
    assert_eq!(typed.get::<String>("Text").unwrap(), "marker-horse");
    for property in typed.properties() {
        assert_eq!(
            property.is_secret(),
            property.name() != "Name",
            "{property:?}"
        );
        keeps(&format!("{property:?}"));
    }
    // The mark stays when the caller sets a new value.
    let mut changed = typed;
    changed.set("Text", "48731");
    keeps(&printed(&changed));
    for property in changed
        .properties()
        .iter()
        .filter(|property| property.is_secret())
    {
        let error = changed.get::<bool>(property.name().as_str()).unwrap_err();
        keeps(error.found());
    }
}

/// The struct of the rows, whose fields are of other types.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrongRow {
    #[allow(dead_code)]
    text: u8,
}

impl CimClass for WrongRow {
    const CLASS: &'static str = "Acme_Account";
}

/// Runs every operation that carries values, each under one trouble; returns their errors.
async fn operations(simulator: &Simulator, session: &Session, trouble: &Knob) -> Vec<Error> {
    let (account, path) = (account(), r#"Acme_Account.Name="ops""#);
    let mut errors = Vec::new();
    macro_rules! run {
        ($($request:expr),* $(,)?) => {$(
            simulator.clear_knobs();
            simulator.next(trouble.clone());
            errors.extend($request.await.err());
        )*};
    }
    for mode in [
        PutMode::CreateOnly,
        PutMode::UpdateOnly,
        PutMode::CreateOrUpdate,
    ] {
        let put = session.put_instance(&account).mode(mode);
        run!(put.clone(), put.checked());
    }
    for partial in [
        PartialUpdate::Merge,
        PartialUpdate::ModifiedProperties,
        PartialUpdate::Fragment("Text".into()),
        PartialUpdate::Fragment("Hidden".into()),
    ] {
        run!(
            session
                .put_instance(&account)
                .mode(PutMode::UpdateOnly)
                .partial(partial)
        );
    }
    run!(
        session.create_instance(&account),
        session.create_instance(&account).checked(),
        session.modify_instance(&account),
        session.get_instance(path).typed(),
        session.get_property(path, "Text"),
        session.enumerate_instances("Acme_Account"),
        session.enumerate::<WrongRow>(),
        session.query_instances("SELECT * FROM Acme_Account"),
        session.delete_instance(r#"Acme_Account.Name="none""#),
    );
    // The other troubles do not look at the values.
    let is_of_values = matches!(
        trouble,
        Knob::Pass | Knob::DropAnswer | Knob::Fault(CimStatus::TypeMismatch)
    );
    for (name, value) in values().into_iter().filter(|_| is_of_values) {
        let call = session
            .invoke_method("Acme_Account", "Check")
            .arg(name, value.clone());
        let wrong = session
            .invoke_method("Acme_Account", "Check")
            .arg("U16", value.clone());
        run!(call.clone(), call.checked(), wrong.checked());
        run!(session.query::<WrongRow>(property(name).eq(value)));
    }
    errors
}

/// Returns the errors of requests that fail before they are sent.
async fn refusals(session: &Session) -> Vec<Error> {
    let mut errors = Vec::new();
    for (name, value) in values() {
        let ops = Instance::new("Acme_Account").with_key("Name", "ops");
        let one = ops.clone().with(name, value.clone());
        let late = session.put_instance(&one).deadline(Duration::ZERO);
        errors.extend(late.await.err());
        let bad = ops.clone().with("More", "marker-horse\u{0}");
        errors.extend(session.put_instance(&bad).await.err());
        let empty = ops.with("More", Vec::<String>::new());
        errors.extend(session.put_instance(&empty).await.err());
        let inner = Instance::new("A").with(name, value);
        let key = InstancePath::new("Acme_Account").with_key(name, inner.clone());
        errors.extend(session.get_instance(&key).await.err());
        errors.extend(
            session
                .get_instance("Acme_Account")
                .context("X", inner)
                .await
                .err(),
        );
        let query = property("Text").eq(Instance::new("A").with(name, "marker-horse"));
        errors.extend(session.query::<WrongRow>(query).await.err());
    }
    errors
}

/// The failures of the server, each for one message.
fn troubles() -> Vec<Knob> {
    let answer = |body: &str| Knob::Answer(RawAnswer::new(200).with_body(body));
    let statuses = [
        CimStatus::Failed,
        CimStatus::AccessDenied,
        CimStatus::TypeMismatch,
        CimStatus::InvalidParameter,
        CimStatus::AlreadyExists,
        CimStatus::NotFound,
        CimStatus::NotSupported,
    ];
    let mut troubles: Vec<Knob> = statuses.into_iter().map(Knob::Fault).collect();
    troubles.extend([
        Knob::Pass,
        Knob::DropAnswer,
        Knob::CutRequestAt(200),
        Knob::CutAnswerAt(30),
        Knob::Unauthorized,
        Knob::TimedOut,
        Knob::OldAnswer,
        Knob::AlterAnswer(60),
        answer(""),
        answer("<a>"),
    ]);
    troubles
}

#[tokio::test]
async fn no_error_and_no_trace_shows_a_value() {
    listener::listen();
    let mut kinds = BTreeSet::new();
    let mut look = |errors: Vec<Error>| {
        for error in errors {
            kinds.insert(error.kind());
            error_keeps(&error);
        }
    };
    for class in [secret_class(), wrong_class(false), wrong_class(true)] {
        let simulator = simulator(class).await;
        let session = session(&simulator).build().unwrap();
        look(refusals(&session).await);
        for trouble in troubles() {
            look(operations(&simulator, &session, &trouble).await);
        }
        simulator.refuse().await;
        look(operations(&simulator, &session, &Knob::Pass).await);
    }
    for kind in [
        "access-denied",
        "auth",
        "decode",
        "fault",
        "invalid-parameter",
        "timeout",
        "transport",
        "type-mismatch",
        "value",
    ] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
    keeps(&String::from_utf8_lossy(&listener::heard()));
}

#[tokio::test]
async fn a_request_hides_what_a_cached_class_marks() {
    let simulator = simulator(secret_class()).await;
    let session = session(&simulator).build().unwrap();
    let unknown = format!("{:?}", session.put_instance(&account()));
    assert!(
        unknown.contains("3735928559"),
        "the class is not known yet: {unknown}"
    );
    session.get_class("Acme_Account").cached().await.unwrap();
    let account = account();
    let around = Instance::new("Acme_Around")
        .with("One", account.clone())
        .with("List", vec![account.clone()]);
    let call = session.invoke_method("Acme_Account", "Check");
    let call = values()
        .into_iter()
        .fold(call, |call, (name, value)| call.arg(name, value));
    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Arguments {
        text: &'static str,
    }
    let struct_call = session.invoke_method("Acme_Account", "Check");
    let struct_call = struct_call.args(&Arguments {
        text: "marker-horse",
    });
    let fragment = session
        .put_instance(&account)
        .partial(PartialUpdate::Fragment("Text".into()));
    let requests: Vec<&dyn Debug> = vec![&call, &struct_call, &fragment];
    let requests = requests
        .into_iter()
        .map(|request| format!("{request:?} {request:#?}"));
    requests.for_each(|told| keeps(&told));
    for told in [
        format!("{:?}", session.put_instance(&account)),
        format!("{:?}", session.put_instance(&around)),
        format!("{:?}", session.create_instance(&account)),
        format!("{:?}", session.modify_instance(&account)),
        format!("{:?}", session.put_instance(&account).start()),
    ] {
        assert!(told.contains("***") || told.contains("Operation"), "{told}");
        keeps(&told);
    }
    let read = session
        .get_instance(r#"Acme_Account.Name="ops""#)
        .typed()
        .await
        .unwrap();
    assert!(read.property("Text").unwrap().is_secret());
    keeps(&printed(&read));
}

#[tokio::test]
async fn a_recording_leaves_out_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = simulator(secret_class()).await;
    let open = || {
        session(&simulator)
            .record(folder.path(), "simulator")
            .build()
            .unwrap()
    };
    let (recorded, path) = (open(), r#"Acme_Account.Name="ops""#);
    recorded.get_class("Acme_Account").cached().await.unwrap();
    let put = recorded.put_instance(&account()).mode(PutMode::UpdateOnly);
    put.await.unwrap();
    let call = recorded.invoke_method("Acme_Account", "Check");
    let call = values()
        .into_iter()
        .fold(call, |call, (name, value)| call.arg(name, value));
    call.await.unwrap();
    let hidden = recorded
        .get_instance(path)
        .context("Pin", Secret::from("marker-horse"));
    let _read = hidden.await;
    let fragment = PartialUpdate::Fragment("Text".into());
    let one = recorded
        .put_instance(&account())
        .mode(PutMode::UpdateOnly)
        .partial(fragment);
    one.await.unwrap();
    // Shows that a marker on the way is found: nothing marks this one.
    let open_text = Instance::new("Acme_Account").with_key("Name", "open-horse");
    open()
        .create_instance(&open_text.with("Text", "b"))
        .await
        .unwrap();
    let mut shown = Shown::default();
    assert!(shown.files(folder.path()) >= 12);
    let told = String::from_utf8(shown.0).unwrap();
    assert!(
        told.contains("***</p0:Text>") && told.contains("open-horse"),
        "{told}"
    );
    keeps(&told);
}
