//! Tests the files of the recorder, and their replay.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use wsman::auth::Credentials;
use wsman::record::Recorder;
use wsman::record::{Exchange, Replay};
use wsman::transport::http::{HttpOptions, HttpTransport};
use wsman::transport::{Delivery, TransportErrorKind};

use super::server::{Server, answer};
use super::{PASSWORD, ask, message, told};

fn put(to: &str, id: &str) -> String {
    let action = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put";
    format!(
        "<e><a:To>{to}</a:To><a:Action>{action}</a:Action><a:MessageID>{id}</a:MessageID>\
         <P>{PASSWORD}</P></e>"
    )
}

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
}

#[tokio::test]
async fn records_an_exchange_without_secrets_and_replays_it() {
    let fault = format!("<f Machine=\"SRV01\"><m>http://127.0.0.1:80/ {PASSWORD}</m></f>");
    let server = Server::answering(answer("500 Error", &fault)).await;
    let login = Credentials::basic("ops", PASSWORD);
    let options = HttpOptions::new(server.url.clone())
        .credentials(login)
        .allow_unencrypted();
    let dir = tempfile::tempdir().unwrap();
    let http = Arc::new(HttpTransport::new(options).unwrap());
    let recorder = Recorder::new(http, dir.path().join("new"), "test")
        .scrub(PASSWORD)
        .date("2026-11-21");

    let request = put(server.url.as_str(), "uuid:1");
    let live = ask(&recorder, message(request.as_str())).await.unwrap();
    assert_eq!(live.body, fault, "what is handed on stays as it came");
    assert!(recorder.failures().is_empty());
    assert!(!format!("{recorder:?}").contains(PASSWORD));

    let case = dir.path().join("new/0001-Put");
    let port = server.url.port().unwrap();
    let written = read(&case, "01.request.xml");
    assert_eq!(
        written,
        put(&format!("http://host.example:{port}/wsman"), "uuid:1").replace(PASSWORD, "***")
    );
    let hidden = "<f Machine=\"host.example\"><m>http://host.example:80/ ***</m></f>";
    assert_eq!(read(&case, "01.response.xml"), hidden);
    let toml: toml::Table = read(&case, "case.toml").parse().unwrap();
    assert_eq!(toml["server"].as_str(), Some("test"));
    assert_eq!(toml["origin"].as_str(), Some("recorded"));
    assert_eq!(toml["recorded"].as_str(), Some("2026-11-21"));
    let exchange = &toml["exchange"][0];
    assert_eq!(exchange["status"].as_integer(), Some(500));
    assert_eq!(exchange["compare"].as_str(), Some("parts"));
    assert!(
        exchange["headers"]["content-type"]
            .as_str()
            .unwrap()
            .starts_with("application/soap")
    );
    assert!(
        !read(&case, "case.toml")
            .to_lowercase()
            .contains("authorization")
    );

    let replay = Replay::load(&case).unwrap();
    let replayed = ask(&replay, message("<x/>")).await.unwrap();
    assert_eq!(
        (replayed.status, replayed.body.as_ref()),
        (500, hidden.as_bytes())
    );
    assert_eq!(replayed.header("content-type"), live.header("content-type"));
}

#[tokio::test]
async fn continues_numbers_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("0007-Get")).unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let answers = (1..=3)
        .map(|n| Exchange::answered(200, n.to_string()))
        .collect();
    let recorder = Recorder::new(
        Arc::new(Replay::from_exchanges(answers)),
        dir.path(),
        "test",
    );
    for _ in 0..3 {
        ask(&recorder, message(put("", ""))).await.unwrap();
    }
    assert_eq!(recorder.failures(), Vec::<String>::new());
    assert_eq!(read(dir.path(), "0010-Put/01.response.xml"), "3");

    let replay = Replay::load(dir.path()).unwrap();
    for expected in ["1", "2", "3"] {
        assert_eq!(ask(&replay, message("<x/>")).await.unwrap().body, expected);
    }
}

/// Returns every file and folder of a recorder; each must have an owner-only mode.
#[cfg(unix)]
#[tokio::test]
async fn restricts_a_recording_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let inner = Replay::from_exchanges(vec![
        Exchange::answered(200, "<a/>"),
        Exchange::lost("gone"),
    ]);
    let recorder = Recorder::new(Arc::new(inner), dir.path().join("new/deep"), "test");
    ask(&recorder, message(put("", ""))).await.unwrap();
    ask(&recorder, message(put("", ""))).await.unwrap_err();
    assert_eq!(recorder.failures(), Vec::<String>::new());
    let mode = |name: &str| {
        let made = fs::metadata(dir.path().join(name)).unwrap();
        made.permissions().mode() & 0o7777
    };
    for folder in ["new", "new/deep", "new/deep/0001-Put", "new/deep/0002-Put"] {
        assert_eq!(mode(folder), 0o700, "{folder}");
    }
    for file in [
        "0001-Put/case.toml",
        "0001-Put/01.request.xml",
        "0001-Put/01.response.xml",
        "0002-Put/case.toml",
        "0002-Put/01.request.xml",
    ] {
        assert_eq!(mode(&["new/deep/", file].concat()), 0o600, "{file}");
    }
    assert_eq!(mode(""), 0o755, "a folder that was there keeps its mode");
}

#[tokio::test]
async fn records_and_replays_an_exchange_without_a_response() {
    let dir = tempfile::tempdir().unwrap();
    let lost = Exchange::lost("correct-horse ran away");
    let inner = Replay::from_exchanges(vec![lost, Exchange::not_sent("connection refused")]);
    let recorder = Recorder::new(Arc::new(inner), dir.path(), "test").scrub(PASSWORD);
    for _ in 0..2 {
        ask(&recorder, message(put("", ""))).await.unwrap_err();
    }
    assert!(!dir.path().join("0001-Put/01.response.xml").exists());
    assert!(!read(dir.path(), "0001-Put/case.toml").contains(PASSWORD));

    let replay = Replay::load(dir.path()).unwrap();
    let question = message("<x/>");
    let sent = question.sent.clone();
    let error = ask(&replay, question).await.unwrap_err();
    assert_eq!(error.to_string(), "*** ran away");
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    assert!(error.delivery() == Delivery::Unknown && sent.is_raised());

    let question = message("<x/>");
    let sent = question.sent.clone();
    let error = ask(&replay, question).await.unwrap_err();
    assert!(matches!(error.kind(), TransportErrorKind::Connect(_)));
    assert!(error.delivery() == Delivery::NotSent && !sent.is_raised());
}

#[tokio::test]
async fn a_failed_write_of_the_recorder_fails_no_exchange() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let inner = Replay::from_exchanges(vec![Exchange::answered(200, "<a/>")]);
    let recorder = Recorder::new(Arc::new(inner), &file, "test");
    assert_eq!(
        ask(&recorder, message(put("", ""))).await.unwrap().body,
        "<a/>"
    );
    assert_eq!(recorder.failures().len(), 1);
    assert!(
        recorder.failures()[0].starts_with("Put in "),
        "{:?}",
        recorder.failures()
    );
}

#[tokio::test]
async fn an_exhausted_replay_names_the_missing_exchange() {
    let replay = Replay::from_exchanges(vec![Exchange::answered(200, "<a/>")]);
    ask(&replay, message("<x/>")).await.unwrap();
    let missing = message(put("", ""));
    let sent = missing.sent.clone();
    let error = ask(&replay, missing).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Replay);
    assert!(error.delivery() == Delivery::NotSent && !sent.is_raised());
    let text = error.to_string();
    assert!(
        text.contains("exchange 2") && text.ends_with("/transfer/Put)"),
        "{text}"
    );
    assert_eq!(replay.requests().len(), 2);
}

#[tokio::test]
async fn relates_a_response_only_on_request() {
    // Intel AMT relates to "0", which also occurs in its values.
    let recorded = "<e:Envelope><e:Header><a:RelatesTo>0</a:RelatesTo></e:Header><e:Body>\
                    <p:Size>1000</p:Size><p:RelatesTo>0</p:RelatesTo></e:Body></e:Envelope>";
    let answers = || vec![Exchange::answered(200, recorded)];
    let request = || message(put("", "uuid:NEW-1"));

    let plain = Replay::from_exchanges(answers());
    assert_eq!(ask(&plain, request()).await.unwrap().body, recorded);
    let related = Replay::from_exchanges(answers()).relate(true);
    let body = ask(&related, request()).await.unwrap().body;
    let expected = recorded.replace("<a:RelatesTo>0<", "<a:RelatesTo>uuid:NEW-1<");
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_replay_respects_the_response_limit() {
    let replay = Replay::from_exchanges(vec![Exchange::answered(200, "12345")]);
    let mut request = message("<x/>");
    request.answer_limit = 4;
    let error = ask(&replay, request).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::AnswerTooLarge);
}

#[test]
fn rejects_invalid_recordings() {
    let dir = tempfile::tempdir().unwrap();
    let case = |name: &str, text: &str| {
        let folder = dir.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("case.toml"), text).unwrap();
        folder
    };
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let missing = case(
        "missing",
        "[[exchange]]\nrequest = \"r\"\nresponse = \"01.xml\"\n",
    );
    let outside = case(
        "outside",
        "[[exchange]]\nrequest = \"r\"\nresponse = \"../01.xml\"\n",
    );
    let broken = case("broken", "[[exchange]\n");
    let absent = dir.path().join("absent");
    for (folder, why) in [
        (empty, "there is no case in"),
        (missing, "cannot be read"),
        (outside, "invalid file name"),
        (broken, "invalid case "),
        (absent, "cannot be read"),
    ] {
        let error = Replay::load(&folder).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Replay);
        assert!(told(&error).contains(why), "{}", told(&error));
    }
}
