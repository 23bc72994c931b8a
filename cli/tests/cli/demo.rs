//! `wsman demo`

use std::net::TcpListener;

use tempfile::NamedTempFile;
use wsman::cim::CimStatus;
use wsman::simulator::{Dialect, Knob, Simulator, sample};

use crate::program::{Ending, Program};

const PASSWORD: &str = "correct-horse-7";
const WRONG: &str = "battery-staple-9";

/// The name of a simulator class, given as a caller would.
const CLASS: [&str; 6] = ["--class", "Demo_Item", "--key", "Id", "--property", "U32"];

/// A step as printed.
#[derive(Debug, PartialEq)]
struct Told<'a> {
    title: &'a str,
    /// The last segments of the actions.
    sent: Vec<&'a str>,
    /// The outcomes, or the names of the errors.
    came: Vec<&'a str>,
    verdict: &'a str,
}

fn steps(stdout: &str) -> Vec<Told<'_>> {
    let blocks = stdout.split("\n\n").map(str::trim_start);
    let blocks = blocks.filter(|block| block.starts_with(|c: char| c.is_ascii_digit()));
    blocks.map(step).collect()
}

fn step(block: &str) -> Told<'_> {
    let (head, facts) = block.split_once('\n').unwrap();
    let named = |name: &'static str| {
        let lines = facts.lines().map(str::trim_start);
        lines
            .filter_map(move |line| line.strip_prefix(name))
            .map(str::trim)
    };
    let sent = named("sent").map(|sent| {
        let action = sent.strip_prefix("http://schemas.xmlsoap.org/ws/2004/09/transfer/");
        action.unwrap().split(' ').next().unwrap()
    });
    let came = named("outcome").chain(named("error"));
    Told {
        title: head.split_once(". ").unwrap().1,
        sent: sent.collect(),
        came: came.map(|text| text.split(',').next().unwrap()).collect(),
        verdict: facts
            .lines()
            .last()
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap(),
    }
}

async fn server(dialect: Dialect) -> Simulator {
    let server = sample().dialect(dialect).login("tester", PASSWORD);
    server.start().await.unwrap()
}

/// Runs the demo against a server on the network, with a password in the environment.
async fn against(simulator: &Simulator, password: &str, more: &[&str]) -> Ending {
    let url = simulator.url();
    let login = [
        "demo",
        "--url",
        url.as_str(),
        "--user",
        "tester",
        "--auth",
        "basic",
        "--allow-unencrypted",
    ];
    let program = Program::new([&login, CLASS.as_slice(), more].concat());
    program.env("WSMAN_PASSWORD", password).run().await
}

fn items(simulator: &Simulator) -> usize {
    simulator.instances("Demo_Item").len()
}

#[tokio::test]
async fn every_step_has_the_expected_result_on_the_simulator() {
    let ending = Program::new(["demo"]).run().await;
    assert_eq!(
        (ending.code, ending.stderr.as_str()),
        (0, ""),
        "{}",
        ending.stdout
    );
    let ok = |title, sent: &[&'static str], came: &[&'static str]| {
        let (sent, came) = (sent.to_vec(), came.to_vec());
        Told {
            title,
            sent,
            came,
            verdict: "ok",
        }
    };
    let partial = "a partial update: one property, the others stay unchanged";
    let expected = [
        ok("create-only of a new instance", &["Create"], &["Created"]),
        ok("create-only again", &["Create"], &["AlreadyExists"]),
        ok("update-only of a missing instance", &["Put"], &["NotFound"]),
        ok(
            "update-only of an existing instance",
            &["Put"],
            &["Updated"],
        ),
        ok(
            "create-or-update of an existing instance",
            &["Put"],
            &["Updated"],
        ),
        ok(
            "create-or-update of a new instance",
            &["Put", "Create"],
            &["Created"],
        ),
        ok(partial, &["Get", "Put"], &["Updated"]),
        ok(
            "a semisynchronous update-only, cancelled in flight",
            &["Put"],
            &["Cancelled"],
        ),
        ok(
            "clean up: delete the created instances",
            &["Delete", "Delete"],
            &["Deleted", "Deleted"],
        ),
    ];
    assert_eq!(steps(&ending.stdout), expected);
    for said in [
        "error     AlreadyExists, WBEM_E_ALREADY_EXISTS (0x80041019), delivery Answered",
        "error     NotFound, WBEM_E_NOT_FOUND (0x80041002), delivery Answered",
        "error     Cancelled, WBEM_E_CALL_CANCELLED (0x80041032), delivery Unknown",
        "All 9 steps met their expectation.",
    ] {
        assert!(ending.stdout.contains(said), "{said}");
    }
    assert!(
        !ending.stdout.contains('\x1b'),
        "colours only on a terminal"
    );
}

#[tokio::test]
async fn runs_on_each_kind_of_server_and_cleans_up() {
    for (dialect, form) in [
        (Dialect::Windows, "windows"),
        (Dialect::Omi, "omi"),
        (Dialect::Openwsman, "openwsman"),
    ] {
        let simulator = server(dialect).await;
        let ending = against(&simulator, PASSWORD, &["--wire-form", form]).await;
        assert_eq!(ending.code, 0, "{form}: {}{}", ending.stdout, ending.stderr);
        assert_eq!(steps(&ending.stdout).len(), 9);
        assert_eq!(items(&simulator), 1);
        assert!(!ending.says(PASSWORD));
    }
}

#[tokio::test]
async fn reads_the_url_and_the_user_from_the_environment() {
    let simulator = server(Dialect::Windows).await;
    let program = Program::new(
        [
            ["demo", "--auth", "basic", "--allow-unencrypted"].as_slice(),
            &CLASS,
        ]
        .concat(),
    )
    .env("WSMAN_URL", simulator.url().as_str())
    .env("WSMAN_USER", "tester")
    .env("WSMAN_PASSWORD", PASSWORD);
    let ending = program.run().await;
    assert_eq!(ending.code, 0, "{ending:?}");
    assert!(simulator.requests().len() > 9, "it played there");
}

#[tokio::test]
async fn reads_the_password_from_a_file_or_standard_input() {
    let simulator = server(Dialect::Windows).await;
    let file = NamedTempFile::new().unwrap();
    std::fs::write(&file, format!("{PASSWORD}\r\n")).unwrap();
    let from_file = ["--password-file", file.path().to_str().unwrap()];
    let ending = against(&simulator, WRONG, &from_file).await;
    assert_eq!(ending.code, 0, "{ending:?}");

    let url = simulator.url();
    let login = [
        "demo",
        "--url",
        url.as_str(),
        "--user",
        "tester",
        "--auth",
        "basic",
        "--password-stdin",
    ];
    let arguments = [&login, ["--allow-unencrypted"].as_slice(), &CLASS].concat();
    let program = Program::new(arguments).env("WSMAN_PASSWORD", WRONG);
    let ending = program.run_with(PASSWORD).await;
    assert_eq!(ending.code, 0, "{ending:?}");
}

#[tokio::test]
async fn reports_a_wrong_password_without_showing_it() {
    let simulator = server(Dialect::Windows).await;
    let ending = against(&simulator, WRONG, &[]).await;
    assert_eq!(ending.code, 5, "{ending:?}");
    assert!(
        ending.stderr.starts_with("wsman: identify on http://")
            && ending.stderr.contains(": login failed: "),
        "{}",
        ending.stderr
    );
    assert_eq!(ending.stderr.lines().count(), 1);
    assert!(!ending.says(WRONG) && !ending.says(PASSWORD));
}

#[tokio::test]
async fn reports_a_closed_port() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    let ending = Program::new([&["demo", "--url", &host], CLASS.as_slice()].concat())
        .run()
        .await;
    assert_eq!(ending.code, 6, "{ending:?}");
    assert!(
        ending.stderr.contains("check the port"),
        "{}",
        ending.stderr
    );
}

#[tokio::test]
async fn reports_an_invalid_class_or_namespace() {
    for (dialect, class, namespace, code) in [
        (Dialect::Omi, "No_Such", "root/cimv2", 8),
        (Dialect::Omi, "Demo_Item", "root/nowhere", 8),
        (Dialect::Windows, "", "root/cimv2", 8),
        (Dialect::Windows, "Demo_Item", "//computer/root", 8),
        // Windows does not distinguish it from a missing instance.
        (Dialect::Windows, "No_Such", "root/cimv2", 3),
    ] {
        let simulator = server(dialect).await;
        let url = simulator.url();
        let place = ["demo", "--url", url.as_str(), "--namespace", namespace];
        let subject = ["--class", class, "--key", "Id", "--property", "U32"];
        let login = ["--user", "tester", "--auth", "basic", "--allow-unencrypted"];
        let program = Program::new([place.as_slice(), &subject, &login].concat());
        let ending = program.env("WSMAN_PASSWORD", PASSWORD).run().await;
        assert_eq!(ending.code, code, "{class} in {namespace}: {ending:?}");
    }
}

#[tokio::test]
async fn rejects_contradictory_arguments() {
    let login = [
        "--user",
        "ops",
        "--auth",
        "basic",
        "--url",
        "http://127.0.0.1:1/wsman",
    ];
    let login = [&login, CLASS.as_slice()].concat();
    for (arguments, says) in [
        (vec!["--colour"], "--colour"),
        (vec!["--password", WRONG], "--password"),
        (vec!["--class", "A_B"], "--key"),
        (vec!["--url", "win01"], "--class"),
        (vec!["--url", "http://win01:port/"], "--url"),
        (vec!["--timeout", "soon"], "--timeout"),
        (vec!["--wire-form", "morse"], "openwsman"),
        (vec!["--ca", "a.pem", "--insecure"], "--insecure"),
        (login.clone(), "--allow-unencrypted"),
        (
            [&login, ["--password-file", "/nonexistent"].as_slice()].concat(),
            "password",
        ),
    ] {
        let program = Program::new([&["demo"], arguments.as_slice()].concat());
        let ending = program.env("WSMAN_PASSWORD", PASSWORD).run().await;
        assert_eq!(
            (ending.code, ending.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {ending:?}"
        );
        assert!(
            ending.stderr.contains(says),
            "{arguments:?}: {}",
            ending.stderr
        );
        assert!(!ending.says(PASSWORD));
    }
    let ending = Program::new([&["demo"], login.as_slice()].concat())
        .run()
        .await;
    assert_eq!(ending.code, 2);
    assert!(
        ending.stderr.contains("WSMAN_PASSWORD"),
        "{}",
        ending.stderr
    );
}

/// Applies a knob to the first Create. Before it come Identify, a Get for each of the two instances,
/// and the Get of the step itself.
fn at_first_create(simulator: &Simulator, knob: Knob) {
    for _ in 0..4 {
        simulator.next(Knob::Pass);
    }
    simulator.next(knob);
}

#[tokio::test]
async fn names_an_unsupported_operation() {
    let simulator = server(Dialect::Windows).await;
    at_first_create(&simulator, Knob::Fault(CimStatus::NotSupported));
    let ending = against(&simulator, PASSWORD, &[]).await;
    assert_eq!(ending.code, 1, "{ending:?}");
    for said in [
        "the server does not support Create here",
        "FAILED    expected: created",
        "of 9 steps.",
    ] {
        assert!(ending.stdout.contains(said), "{said}: {}", ending.stdout);
    }
    assert_eq!(items(&simulator), 1);
}

#[tokio::test]
async fn reports_a_lost_response_as_unknown_and_cleans_up() {
    let simulator = server(Dialect::Windows).await;
    at_first_create(&simulator, Knob::DropAnswer);
    let ending = against(&simulator, PASSWORD, &[]).await;
    assert_eq!(ending.code, 9, "{ending:?}");
    let titles: Vec<&str> = steps(&ending.stdout)
        .iter()
        .map(|step| step.title)
        .collect();
    assert_eq!(
        titles,
        [
            "create-only of a new instance",
            "clean up: delete the created instances"
        ]
    );
    assert_eq!(items(&simulator), 1);
}
