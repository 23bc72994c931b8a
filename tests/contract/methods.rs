//! Checks methods of instances and of classes, their input and output.

use serde::{Deserialize, Serialize};
use wsman::cim::{CimClass, DateTime, Value};
use wsman::{Instance, InstancePath, Session};

use crate::target::{Outcome, Target, Wrong, able};

pub(crate) async fn method_of_an_instance(session: &Session, target: &Target) -> Outcome {
    let method = target.method()?;
    target.create(session, 1).await?;
    let at_path = session.invoke_method(target.path(), method).await;
    assert_eq!(able("invoke", at_path)?.return_code().unwrap(), 0);
    let read = target.read(session).await;
    let of_read = able("invoke", session.invoke_method(&read, method).await)?;
    assert_eq!(of_read.return_code().unwrap(), 0);
    Ok(())
}

pub(crate) async fn method_of_no_class(session: &Session, target: &Target) -> Outcome {
    let path =
        InstancePath::new("Wsman_NoSuchClass").with_key(target.key.as_str(), target.name.as_str());
    let called = session.invoke_method(&path, "Wsman_NoSuchMethod").await;
    target.answers(Wrong::ClassOfMethod, called);
    Ok(())
}

pub(crate) async fn unknown_method(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let called = session.invoke_method(target.path(), "Wsman_NoSuchMethod");
    target.answers(Wrong::Method, called.await);
    Ok(())
}

pub(crate) async fn a_static_method(session: &Session, target: &Target) -> Outcome {
    let create = || {
        session
            .invoke_method("Win32_Share", "Create")
            .arg("Name", target.name.as_str())
            .arg("Path", r"C:\logs")
            .arg("Type", 0u32)
    };
    let done = able("invoke", create().await)?;
    assert_eq!(done.return_code().unwrap(), 0);
    assert!(done.outputs.properties().is_empty());
    let share = target.read(session).await;
    assert_eq!(share.get::<String>("Path").unwrap(), r"C:\logs");
    let again = able("invoke", create().await)?;
    assert_eq!(again.return_code().unwrap(), 22, "it is there already");
    Ok(())
}

fn spooler() -> InstancePath {
    InstancePath::new("Win32_Service").with_key("Name", "Spooler")
}

pub(crate) async fn a_return_value_that_is_not_zero(session: &Session, _: &Target) -> Outcome {
    let started = session.invoke_method(spooler(), "StartService").await;
    let started = able("invoke", started)?;
    assert_eq!(started.return_code().unwrap(), 10, "it runs already");
    Ok(())
}

pub(crate) async fn a_method_that_changes_its_instance(session: &Session, _: &Target) -> Outcome {
    let stopped = session.invoke_method(spooler(), "StopService").await;
    assert_eq!(able("invoke", stopped)?.return_code().unwrap(), 0);
    let service = able("get", session.get_instance(spooler()).await)?;
    assert_eq!(service.get::<String>("State").unwrap(), "Stopped");
    Ok(())
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    flag: bool,
    u8: u8,
    s8: i8,
    u16: u16,
    s16: i16,
    u32: u32,
    s32: i32,
    u64: u64,
    s64: i64,
    r32: f32,
    r64: f64,
    text: String,
    when: DateTime,
    span: DateTime,
    peer: InstancePath,
    part: Instance,
    parts: Vec<Instance>,
}

pub(crate) async fn arguments_of_every_type(session: &Session, target: &Target) -> Outcome {
    let part = |label: &str| Instance::new("Demo_Part").with("Label", label);
    let sent = Everything {
        flag: true,
        u8: u8::MAX,
        s8: i8::MIN,
        u16: u16::MAX,
        s16: i16::MIN,
        u32: u32::MAX,
        s32: i32::MIN,
        u64: u64::MAX,
        s64: i64::MIN,
        r32: 1.5,
        r64: -0.25,
        text: "a < b & \"c\" €".into(),
        when: "20240229123456.789012+000".parse().unwrap(),
        span: "00000001020304.000567:000".parse().unwrap(),
        peer: InstancePath::new("Demo_Pair").with_key("Name", "left"),
        part: part("one"),
        parts: vec![part("one"), part("two")],
    };
    let echo = session.invoke_method("Demo_Item", "Echo").args(&sent).await;
    let echo = able("invoke", echo)?;
    assert_eq!(echo.return_code().unwrap(), 42);
    let mut back: Everything = echo.to_struct().unwrap();
    assert!(back.peer.same_instance(&sent.peer), "{}", back.peer);
    back.peer = sent.peer.clone();
    if target.manners().reverses_arrays {
        back.parts.reverse();
    }
    assert_eq!(back.part.get::<String>("Label").unwrap(), "one");
    let labels = |parts: &[Instance]| -> Vec<String> {
        parts
            .iter()
            .map(|part| part.get("Label").unwrap())
            .collect()
    };
    assert_eq!(labels(&back.parts), labels(&sent.parts));
    (back.part, back.parts) = (sent.part.clone(), vec![part("one"), part("two")]);
    assert_eq!(back, sent);
    Ok(())
}

pub(crate) async fn arrays_as_arguments(session: &Session, target: &Target) -> Outcome {
    let echo = session
        .invoke_method("Demo_Item", "Echo")
        .arg("Numbers", vec![1u32, 2, 3])
        .arg("One", vec!["a"])
        .await;
    let echo = able("invoke", echo)?;
    let mut numbers: Vec<u32> = echo.get("Numbers").unwrap();
    if target.manners().reverses_arrays {
        numbers.reverse();
    }
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(echo.get::<Vec<String>>("One").unwrap(), ["a"]);
    Ok(())
}

pub(crate) async fn an_output_that_is_null(session: &Session, target: &Target) -> Outcome {
    let added = session
        .invoke_method("Demo_Item", "Add")
        .arg("Numbers", vec![1u32, 2])
        .await;
    let added = able("invoke", added)?;
    assert_eq!(added.get::<u64>("Sum").unwrap(), 3);
    let remark = added.outputs.value("Remark");
    let null = (!target.manners().leaves_null_out).then_some(&Value::Null);
    assert_eq!(remark, null);
    assert_eq!(added.get::<Option<String>>("Remark").unwrap(), None);
    Ok(())
}

pub(crate) async fn unknown_argument(session: &Session, target: &Target) -> Outcome {
    let called = session
        .invoke_method(spooler(), "ChangeStartMode")
        .arg("Mode", "Manual");
    target.answers(Wrong::UnknownArgument, called.await);
    Ok(())
}

pub(crate) async fn argument_of_another_type(session: &Session, target: &Target) -> Outcome {
    let called = session
        .invoke_method("Demo_Item.Id=\"first\"", "Increment")
        .arg("By", "some");
    target.answers(Wrong::ArgumentType, called.await);
    Ok(())
}

pub(crate) async fn method_of_a_missing_instance(session: &Session, target: &Target) -> Outcome {
    let gone = InstancePath::new("Win32_Service").with_key("Name", "gone");
    let called = session.invoke_method(&gone, "StopService").await;
    target.answers(Wrong::NoInstance, called);
    Ok(())
}

pub(crate) async fn method_of_an_instance_on_its_class(session: &Session, _: &Target) -> Outcome {
    let called = session.invoke_method("Win32_Service", "StopService").await;
    let error = called.expect_err("it needs an instance");
    assert_eq!(error.name(), "InvalidParameter", "{error:?}");
    Ok(())
}

/// Returns the keys of a service.
#[derive(Serialize)]
struct Service {
    #[serde(rename = "Name")]
    name: &'static str,
}

impl CimClass for Service {
    const CLASS: &'static str = "Win32_Service";
    const KEYS: &'static [&'static str] = &["Name"];
}

pub(crate) async fn a_typed_target(session: &Session, _: &Target) -> Outcome {
    let service = Service { name: "W32Time" };
    let started = session.invoke_method(&service, "StartService").await;
    assert_eq!(able("invoke", started)?.return_code().unwrap(), 0);
    Ok(())
}
