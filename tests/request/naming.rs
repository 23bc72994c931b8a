//! What names a target, an endpoint and a value of the context; bad names fail before sending.

use std::fmt::Debug;

use serde::Serialize;
use wsman::auth::Secret;
use wsman::error::{Delivery, Error};
use wsman::simulator::sample;
use wsman::{CimClass, Instance, InstancePath, Session, Value};

use super::{builder, share, stage};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Share {
    name: &'static str,
}

impl CimClass for Share {
    const CLASS: &'static str = "Win32_Share";
    const KEYS: &'static [&'static str] = &["Name"];
}

fn assert_refused<T: Debug>(result: Result<T, Error>, kind: &str) {
    let error = result.unwrap_err();
    assert_eq!(
        (error.name(), error.delivery()),
        (kind, Delivery::NotSent),
        "{error}"
    );
}

#[tokio::test]
async fn every_operation_takes_what_names_an_instance() {
    let (_simulator, session) = stage().await;
    let text = r#"Win32_Share.Name="public""#;
    let path: InstancePath = text.parse().unwrap();
    let owned = text.to_owned();
    let read = session.get_instance(&path).await.unwrap();
    for named in [
        session.get_instance(path.clone()).await,
        session.get_instance(text).await,
        session.get_instance(text.to_owned()).await,
        session.get_instance(&owned).await,
        session.get_instance(&read).await,
        session.get_instance(read.clone()).await,
        session.get_instance(&Share { name: "public" }).await,
    ] {
        assert_eq!(named.unwrap(), read);
    }
    let name = session
        .get_property(&Share { name: "public" }, "Name")
        .await;
    assert_eq!(name.unwrap().to::<String>().unwrap(), "public");
    let computer = session
        .enumerate_instances("Win32_ComputerSystem")
        .await
        .unwrap();
    for associated in [
        session.associators(&computer[0]).await,
        session.references(&computer[0]).await,
        session
            .associators(computer[0].path().unwrap().to_string())
            .await,
    ] {
        assert!(!associated.unwrap().is_empty());
    }
    let put = session
        .put_instance(&share().without_path())
        .at(&Share { name: "logs" });
    assert_eq!(
        put.await.unwrap().path.key("Name"),
        Some(&Value::Untyped("logs".into()))
    );
    session
        .delete_instance(&Share { name: "logs" })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_bad_name_is_refused_before_sending() {
    let (simulator, session) = stage().await;
    for text in [
        "",
        "Win32_Share.",
        r#"Win32_Share.Name="public"#,
        "Win32_Share=1",
    ] {
        assert_refused(session.get_instance(text).await, "InvalidParameter");
        assert_refused(session.get_property(text, "Name").await, "InvalidParameter");
        assert_refused(
            session.delete_instance(text).optional().await,
            "InvalidParameter",
        );
        assert_refused(session.associators(text).await, "InvalidParameter");
        assert_refused(session.references(text).await, "InvalidParameter");
        assert_refused(
            session.put_instance(&share()).at(text).await,
            "InvalidParameter",
        );
        assert_refused(
            session.invoke_method(text, "Stop").await,
            "InvalidParameter",
        );
    }
    let unnamed = Instance::new("Win32_Share");
    assert_refused(session.get_instance(&unnamed).await, "InvalidParameter");
    assert_refused(
        session.get_instance("Win32_Share").await,
        "InvalidParameter",
    );
    assert_eq!(simulator.connections(), 0);
}

#[tokio::test]
async fn optional_turns_only_not_found_into_none() {
    let (simulator, session) = stage().await;
    let missing = r#"Win32_Share.Name="missing""#;
    assert_eq!(
        session.get_instance(missing).optional().await.unwrap(),
        None
    );
    assert_eq!(
        session.delete_instance(missing).optional().await.unwrap(),
        None
    );
    let update = session
        .put_instance(&share())
        .mode(wsman::PutMode::UpdateOnly);
    assert_eq!(update.optional().await.unwrap(), None);
    let found = session
        .get_instance(r#"Win32_Share.Name="public""#)
        .optional();
    assert!(found.start().await.unwrap().is_some());
    simulator.next(wsman::simulator::Knob::Fault(
        wsman::cim::CimStatus::AccessDenied,
    ));
    let denied = session.get_instance(missing).optional().await;
    assert_eq!(denied.unwrap_err().name(), "AccessDenied");
}

#[tokio::test]
async fn context_is_sent_as_options() {
    let (simulator, session) = stage().await;
    let get = session.get_instance(r#"Win32_Share.Name="public""#);
    get.context("__CorrelationId", "7d1c")
        .context("Depth", 3i32)
        .context("Names", ["a", "b"])
        .await
        .unwrap();
    let sent = simulator.requests().pop().unwrap();
    let sent = String::from_utf8(sent.body.to_vec()).unwrap();
    for option in [
        r#"<w:Option Name="wmi:__CorrelationId" Type="xs:string">7d1c</w:Option>"#,
        r#"<w:Option Name="wmi:Depth" Type="xs:int">3</w:Option>"#,
        r#"<w:Option Name="wmiarray:Names" Type="xs:string">a</w:Option><w:Option Name="wmiarray:Names" Type="xs:string">b</w:Option>"#,
    ] {
        assert!(sent.contains(option), "{option}\n{sent}");
    }
}

#[tokio::test]
async fn bad_context_is_refused_before_sending() {
    let (simulator, session) = stage().await;
    let values = [
        ("X", Value::Null),
        ("", Value::from(1u8)),
        ("X", Value::from(Instance::new("A"))),
        ("X", Value::from(InstancePath::new("A"))),
    ];
    for (name, value) in values {
        let get = session.get_instance(r#"Win32_Share.Name="public""#);
        assert_refused(get.context(name, value.clone()).await, "InvalidParameter");
        let rows = session
            .enumerate_instances("Win32_Share")
            .context(name, value);
        assert_refused(rows.stream().next().await.unwrap(), "InvalidParameter");
    }
    assert_eq!(simulator.connections(), 0);
}

#[tokio::test]
async fn methods_are_checked_and_typed() {
    let (simulator, session) = stage().await;
    let add = || session.invoke_method("Demo_Item", "Add").checked();
    assert_refused(add().arg("Number", 1u32).await, "InvalidParameter");
    assert_refused(add().arg("Sum", 1u32).await, "InvalidParameter");
    assert_refused(add().arg("Numbers", "many").await, "TypeMismatch");
    assert_refused(add().arg("Numbers", [-1i8]).await, "TypeMismatch");
    let unknown = session.invoke_method("Demo_Item", "Ad").checked().await;
    assert_refused(unknown, "NotSupported");
    let calls = simulator.requests();
    assert!(
        calls
            .iter()
            .all(|call| !call.action.as_deref().unwrap().ends_with("/Add"))
    );

    let simulator = sample()
        .dialect(wsman::simulator::Dialect::Omi)
        .start()
        .await
        .unwrap();
    let session = builder(&simulator).build().unwrap();
    let add = |numbers: &[u8]| {
        session
            .invoke_method("Demo_Item", "Add")
            .arg("Numbers", numbers)
    };
    let untyped = add(&[1, 2]).await.unwrap();
    assert_eq!(
        untyped.outputs.value("Sum"),
        Some(&Value::Untyped("3".into()))
    );
    let typed = add(&[1, 2]).checked().typed().await.unwrap();
    assert_eq!(typed.outputs.value("Sum"), Some(&Value::Uint64(3)));
    assert_eq!(typed.return_value, Value::Uint32(0));
}

/// A class with methods of each kind, and what a call with each fault is refused as.
#[tokio::test]
async fn a_checked_method_is_refused_before_sending() {
    use wsman::cim::{CimType, Class, MethodDecl, ParameterDecl, Qualifier};
    use wsman::simulator::{Dialect, MethodReply, Simulator};
    let required = |parameter: ParameterDecl| parameter.qualified(Qualifier::flag("Required"));
    let turn = MethodDecl::new("Turn")
        .returns(CimType::Uint32)
        .with(required(ParameterDecl::input("Degrees", CimType::Sint16)))
        .with(ParameterDecl::input("Slowly", CimType::Boolean))
        .with(ParameterDecl::in_out("Count", CimType::Uint32))
        .with(ParameterDecl::output("Now", CimType::Sint16));
    let find = MethodDecl::new("Find").returns(CimType::Uint32).as_static();
    let lamp = Class::new("Acme_Lamp")
        .with_key("Id", CimType::Uint32)
        .with_method(turn)
        .with_method(find);
    let server = |dialect| {
        Simulator::builder()
            .dialect(dialect)
            .namespace("root/cimv2".parse().unwrap())
            .class(lamp.clone())
            .method("Acme_Lamp", "Turn", |_| Ok(MethodReply::new(0u32)))
            .method("Acme_Lamp", "Find", |_| Ok(MethodReply::new(0u32)))
            .instance(Instance::new("Acme_Lamp").with_key("Id", 1u32))
    };
    let simulator = server(Dialect::Windows).start().await.unwrap();
    let session = builder(&simulator).checked().build().unwrap();
    const LAMP: &str = "Acme_Lamp.Id=1";
    let call = |target: &str, method: &str| session.invoke_method(target, method);
    let turn = || call(LAMP, "Turn");
    for (request, kind, text) in [
        (
            call("Acme_Lamp", "Turn").arg("Degrees", 5),
            "InvalidParameter",
            "not static",
        ),
        (call(LAMP, "Find"), "InvalidParameter", "is static"),
        (turn(), "InvalidParameter", "requires the parameter Degrees"),
        (
            turn().arg("Slowly", true),
            "InvalidParameter",
            "requires the parameter Degrees",
        ),
        (turn().arg("Degrees", Value::Null), "IllegalNull", "Degrees"),
        (
            turn().arg("Degrees", 5).arg("Now", 5),
            "InvalidParameter",
            "output parameter",
        ),
        (
            turn().arg("Degrees", 5).arg("Later", 5),
            "InvalidParameter",
            "no input parameter",
        ),
        (turn().arg("Degrees", 40_000), "TypeMismatch", "Degrees"),
        (turn().arg("Degrees", [5]), "TypeMismatch", "Degrees"),
        (call(LAMP, "Twist"), "NotSupported", "no method Twist"),
    ] {
        let error = request.await.unwrap_err();
        let seen = (error.name(), error.delivery());
        assert_eq!(seen, (kind, Delivery::NotSent), "{error}");
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
    // Only the class was read.
    assert_eq!(simulator.requests().len(), 1);
    turn()
        .arg("Degrees", -5)
        .arg("Slowly", Value::Null)
        .await
        .unwrap();
    turn()
        .arg("Degrees", Value::Untyped("30".into()))
        .arg("Count", 1)
        .await
        .unwrap();
    call("Acme_Lamp", "Find").await.unwrap();
    assert_eq!(simulator.requests().len(), 4);

    // OMI's classes do not say what is static, so its server decides.
    let simulator = server(Dialect::Omi).start().await.unwrap();
    let session = builder(&simulator).checked().build().unwrap();
    let find = session.invoke_method("Acme_Lamp", "Find").await;
    assert_eq!(find.unwrap().return_code().unwrap(), 0);
}

#[test]
fn a_session_takes_a_host_or_a_url_and_refuses_others_when_built() {
    for endpoint in ["win01", "https://win01:5986/wsman", "[::1]:5985"] {
        Session::builder(endpoint).build().unwrap();
        Session::builder(endpoint.to_owned()).build().unwrap();
    }
    let url: wsman::Url = "http://win01:5985/wsman".parse().unwrap();
    Session::builder(&url).build().unwrap();
    Session::builder(url).build().unwrap();
    for endpoint in [
        "",
        "win01/wsman",
        "ops:hunter2@win01",
        "http:win01",
        "https://",
    ] {
        let error = Session::builder(endpoint).build().unwrap_err();
        assert_eq!(error.name(), "Config", "{endpoint}");
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
    let basic = wsman::Credentials::basic("ops", "hunter2");
    let error = Session::builder("win01")
        .credentials(basic)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("allow_unencrypted"), "{error}");
}

#[tokio::test]
async fn a_secret_is_sent_and_never_shown() {
    let (simulator, session) = stage().await;
    let secret = || Secret::from("hunter2");
    let account = share().with("Description", secret());
    let put = session.put_instance(&account);
    let call = session
        .invoke_method("Win32_UserAccount", "SetPassword")
        .arg("Password", secret());
    let context = session.get_instance("A.K=1").context("Password", secret());
    let selected = session.get_instance(InstancePath::new("A").with_key("K", secret()));
    let shown = format!("{put:?}{call:?}{context:?}{selected:?}{account:?}{account}{account:#}");
    assert!(!shown.contains("hunter2"), "{shown}");
    put.await.unwrap();
    let sent = simulator.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&sent.body).contains("hunter2"));
    assert!(serde_json::to_string(&account).is_err());
}
