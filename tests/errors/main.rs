//! Tests the texts of errors: each kind once in a snapshot, with its whole chain.
//!
//! The errors come from a session against the simulator, a closed port and a canned answer. Review a
//! changed text with `cargo insta review`, or set `INSTA_UPDATE=always`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::error::Error as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wsman::cim::{CimStatus, WbemStatus};
use wsman::simulator::{Dialect, Knob, RawAnswer, Simulator, sample};
use wsman::transport::{ConnectProblem, Proxy};
use wsman::{CimClass, Credentials, Error, Instance, PutMode, Session, SessionBuilder};

/// The answer to a Create that made another share than requested.
const CREATED: &str = concat!(
    r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope""#,
    r#" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing""#,
    r#" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd""#,
    r#" xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"><s:Header>"#,
    "<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/CreateResponse</a:Action></s:Header>",
    "<s:Body><x:ResourceCreated><a:Address>http://h/wsman</a:Address><a:ReferenceParameters>",
    "<w:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Share</w:ResourceURI>",
    r#"<w:SelectorSet><w:Selector Name="Name">other</w:Selector></w:SelectorSet>"#,
    "</a:ReferenceParameters></x:ResourceCreated></s:Body></s:Envelope>",
);

const MISSING: &str = r#"Win32_Share.Name="missing""#;
const PUBLIC: &str = r#"Win32_Share.Name="public""#;

/// The share whose `Type` is no text.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wrong {
    #[allow(dead_code)]
    path: u32,
}

impl CimClass for Wrong {
    const CLASS: &'static str = "Win32_Share";
}

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .wire_form(simulator.dialect().wire_form())
}

fn logs() -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
}

/// Returns the levels of an error, one a line.
fn chain(error: &Error) -> Vec<String> {
    let mut levels = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        levels.push(cause.to_string());
        source = cause.source();
    }
    levels
}

/// Replaces what differs between two runs: ports and identifiers.
fn steady(text: &str, endpoint: &str) -> String {
    let port = endpoint.rsplit(':').next().unwrap_or_default();
    let port = port.split('/').next().unwrap_or_default();
    text.replace(&format!(":{port}"), ":PORT")
}

/// Errors of a session on the simulator.
async fn of_the_simulator() -> Vec<Error> {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator).build().unwrap();
    let mut errors = vec![
        session.get_instance(MISSING).await.unwrap_err(),
        session.get_property(MISSING, "Path").await.unwrap_err(),
        session.delete_instance(MISSING).await.unwrap_err(),
        session.get_instance("Win32_Share").await.unwrap_err(),
        session
            .put_instance(&logs())
            .mode(PutMode::UpdateOnly)
            .await
            .unwrap_err(),
        session.modify_instance(&logs()).await.unwrap_err(),
        session
            .put_instance(&Instance::new("Win32_Share"))
            .await
            .unwrap_err(),
        session
            .put_instance(&logs())
            .at("Win32_Share")
            .await
            .unwrap_err(),
        session
            .put_instance(&logs().with_null("Path"))
            .checked()
            .await
            .unwrap_err(),
        session
            .put_instance(&logs().with("Type", "many"))
            .checked()
            .await
            .unwrap_err(),
        session.get_class("Win32_Nope").await.unwrap_err(),
        session.enumerate_instances("Win32_Nope").await.unwrap_err(),
        session.query_instances("").await.unwrap_err(),
        session.invoke_method(PUBLIC, "Nope").await.unwrap_err(),
        session
            .enumerate_instances("Win32_Service")
            .row_limit(1)
            .await
            .unwrap_err(),
        session.enumerate::<Wrong>().await.unwrap_err(),
        session.subscribe("").await.map(drop).unwrap_err(),
    ];
    let public = Instance::new("Win32_Share")
        .with_key("Name", "public")
        .with("Path", "x");
    errors.push(session.create_instance(&public).await.unwrap_err());
    for status in [
        CimStatus::AccessDenied,
        CimStatus::NotSupported,
        CimStatus::ServerLimitsExceeded,
        CimStatus::ServerIsShuttingDown,
        CimStatus::Failed,
    ] {
        simulator.next(Knob::Fault(status));
        errors.push(session.get_instance(PUBLIC).await.unwrap_err());
    }
    simulator.next(Knob::Delay(Duration::from_secs(60)));
    let mut get = session.get_instance(PUBLIC).start();
    let _running = get.wait(Duration::from_millis(50)).await;
    errors.push(get.cancel().await.unwrap_err());
    simulator.next(Knob::Delay(Duration::from_secs(60)));
    let late = session
        .get_instance(PUBLIC)
        .deadline(Duration::from_millis(50));
    errors.push(late.await.unwrap_err());
    simulator.next(Knob::Delay(Duration::from_secs(60)));
    let late = session
        .put_instance(&logs())
        .deadline(Duration::from_millis(50));
    errors.push(late.await.unwrap_err());
    let wrong = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), "wrong"))
        .allow_unencrypted();
    errors.push(wrong.build().unwrap().identify().await.unwrap_err());
    let openwsman = sample().dialect(Dialect::Openwsman).start().await.unwrap();
    let session = builder(&openwsman).build().unwrap();
    errors.push(session.get_instance(MISSING).await.unwrap_err());
    errors
}

/// Errors of a host without a service, and of one with another service.
async fn of_other_hosts() -> Vec<Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let session = Session::builder(url.as_str()).build().unwrap();
    let answer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 1 << 16];
        let _read = stream.read(&mut request).await.unwrap();
        let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\n\r\n\
                    <title>Welcome</title";
        stream.write_all(page.as_bytes()).await.unwrap();
    });
    let decode = session.get_instance(PUBLIC).await.unwrap_err();
    answer.await.unwrap();
    // The listener is gone.
    let refused = session.put_instance(&logs()).await.unwrap_err();
    vec![decode, refused]
}

/// Errors of rare answers.
async fn of_rare_answers() -> Vec<Error> {
    let simulator = sample().start().await.unwrap();
    let answer = RawAnswer::new(200)
        .with_header("Content-Type", "application/soap+xml;charset=UTF-8")
        .with_body(CREATED);
    simulator.next(Knob::Answer(answer));
    let session = builder(&simulator).build().unwrap();
    let elsewhere = session
        .put_instance(&logs())
        .mode(PutMode::CreateOnly)
        .await
        .unwrap_err();
    let mut errors = vec![elsewhere];
    for status in [WbemStatus::INVALID_NAMESPACE, WbemStatus::OUT_OF_MEMORY] {
        simulator.next(Knob::WbemFault(status));
        errors.push(session.get_instance(PUBLIC).await.unwrap_err());
    }
    let events = session
        .subscribe("SELECT * FROM Demo_Tick")
        .max_latency(Duration::from_millis(20))
        .operation_timeout(Duration::from_millis(300));
    let mut events = events.await.unwrap();
    simulator.next(Knob::DropAnswer);
    let missed = tokio::time::timeout(Duration::from_secs(20), events.next()).await;
    errors.push(missed.unwrap().unwrap().unwrap_err());
    errors
}

/// Errors of a name, an address and a proxy that lead nowhere.
async fn of_unreachable_hosts() -> Vec<Error> {
    let nowhere = "http://255.255.255.255:5985/wsman";
    let mut errors = Vec::new();
    for url in ["http://host.invalid:5985/wsman", nowhere] {
        let session = Session::builder(url).build().unwrap();
        errors.push(session.get_instance(PUBLIC).await.unwrap_err());
    }
    let proxy = Proxy::new(nowhere.parse().unwrap());
    let session = Session::builder("http://host.invalid:5985/wsman").proxy(proxy);
    errors.push(
        session
            .build()
            .unwrap()
            .put_instance(&logs())
            .await
            .unwrap_err(),
    );
    let problems: Vec<_> = errors.iter().map(Error::connect_problem).collect();
    let expected = [
        Some(ConnectProblem::NameNotResolved),
        Some(ConnectProblem::Unreachable),
        None,
    ];
    assert_eq!(problems, expected);
    errors
}

#[tokio::test]
async fn every_kind_of_error_says_its_operation_path_and_endpoint() {
    let mut errors = of_the_simulator().await;
    errors.extend(of_other_hosts().await);
    errors.extend(of_rare_answers().await);
    // Other systems find other words for these.
    if cfg!(target_os = "linux") {
        errors.extend(of_unreachable_hosts().await);
    }
    let mut kinds = BTreeSet::new();
    let mut shown = String::new();
    for error in &errors {
        kinds.insert(error.kind());
        let endpoint = error.endpoint().unwrap();
        let levels = chain(error);
        let operation = error.operation().unwrap().as_str();
        assert!(levels[0].starts_with(operation), "{levels:?}");
        assert!(
            levels[0].contains(&format!(" on {endpoint}: ")),
            "{levels:?}"
        );
        if let Some(path) = error.path() {
            assert!(levels[0].contains(&path.to_string()), "{levels:?}");
        }
        for (index, level) in levels.iter().enumerate() {
            let before = &levels[..index];
            assert!(!level.is_empty(), "{levels:?}");
            assert!(
                !before.iter().any(|text| text.contains(level)),
                "{levels:?}"
            );
        }
        if !error.operation().unwrap().is_write() {
            assert!(!error.may_have_changed() && !levels[0].contains("read the instance back"));
        }
        let levels: Vec<String> = levels.iter().map(|level| steady(level, endpoint)).collect();
        shown.push_str(&format!(
            "{}\n    {}\n",
            error.kind(),
            levels.join("\n    ")
        ));
    }
    let config = Session::builder("http://host:5985/wsman")
        .credentials(Credentials::basic("ops", "secret"))
        .build()
        .unwrap_err();
    kinds.insert(config.kind());
    shown.push_str(&format!(
        "{}\n    {}\n",
        config.kind(),
        chain(&config).join("\n    ")
    ));
    let known: BTreeSet<&str> = Error::KINDS.iter().copied().collect();
    assert_eq!(kinds, known, "each kind needs an error here");
    assert!(!shown.contains("secret"));
    insta::assert_snapshot!(shown);
}
