//! Tests paths that are made from keys against those that servers sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wsman::cim::{PathProblem, WireForm};
use wsman::enumerate::PolymorphismMode;
use wsman::record::{Exchange, Replay};
use wsman::{Error, Instance, Session};

use crate::{CONTEXT, END, items, opened, play, pulled};

/// The recorded enumerations whose rows have references.
fn recorded() -> Vec<(PathBuf, toml::Table)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let servers = ["windows", "omi", "openwsman"].map(|server| fixtures.join(server));
    let folders = servers
        .iter()
        .flat_map(|server| std::fs::read_dir(server).unwrap());
    let cases = folders.filter_map(|folder| {
        let folder = folder.unwrap().path();
        let case = std::fs::read_to_string(folder.join("case.toml")).ok()?;
        let case: toml::Table = case.parse().unwrap();
        let request = std::fs::read_to_string(folder.join("01.request.xml")).unwrap_or_default();
        let is_enumerate = call(&case, "operation") == Some("enumerate");
        (is_enumerate && request.contains("EnumerateObjectAndEPR")).then_some((folder, case))
    });
    cases.collect()
}

fn call<'a>(case: &'a toml::Table, key: &str) -> Option<&'a str> {
    case.get("call")?.get(key)?.as_str()
}

/// Removes the references of the rows: the answer of a server that is not asked for them.
fn without_references(mut text: String) -> String {
    while let Some(name) = text.find(":EndpointReference") {
        let start = text[..name].rfind('<').unwrap();
        let close = format!("</{}:EndpointReference>", &text[start + 1..name]);
        let end = text[name..].find(&close).unwrap() + name + close.len();
        text.replace_range(start..end, "");
    }
    text
}

/// Reads the rows of a recording up to its first error, with or without their references.
async fn rows(
    (folder, case): &(PathBuf, toml::Table),
    class: &str,
    keys: Option<&[&str]>,
) -> Vec<Instance> {
    let exchanges = case["exchange"].as_array().unwrap().iter();
    let exchanges = exchanges.filter_map(|exchange| {
        let text =
            std::fs::read_to_string(folder.join(exchange.get("response")?.as_str()?)).ok()?;
        let text = if keys.is_some() {
            without_references(text)
        } else {
            text
        };
        let status = u16::try_from(exchange.get("status")?.as_integer()?).unwrap();
        Some(Exchange::answered(status, text))
    });
    let replay = Replay::from_exchanges(exchanges.collect()).relate(true);
    let prefix = call(case, "prefix").map(|prefix| prefix.parse().unwrap());
    let session = Session::builder("http://host.example:5985/wsman")
        .resource_uri_prefix(prefix.unwrap_or_default())
        .namespace(call(case, "namespace").unwrap_or("root/cimv2"))
        .wire_form(match case["server"].as_str() {
            Some("omi") => WireForm::Omi,
            Some("openwsman") => WireForm::Openwsman,
            _ => WireForm::Windows,
        })
        .transport(Arc::new(replay))
        .build()
        .unwrap();
    let request = session.enumerate_instances(class).pages_ahead(0);
    let mut stream = match keys {
        Some(keys) => request.paths_from_keys(keys.iter().copied()).stream(),
        None => request.stream(),
    };
    let mut rows = Vec::new();
    while let Some(Ok(row)) = stream.next().await {
        rows.push(row);
    }
    rows
}

/// Whatever class and keys the caller names, the path of a row is that of the server, or there is none.
#[tokio::test]
async fn a_recorded_row_has_the_path_of_the_server_or_none() {
    let (mut same, mut none) = (0, 0);
    for case in &recorded() {
        let asked = call(&case.1, "class").unwrap();
        let sent = rows(case, asked, None).await;
        for known in sent.iter().filter_map(Instance::path) {
            let keys: Vec<&str> = known
                .keys()
                .named()
                .iter()
                .map(|key| key.name.as_str())
                .collect();
            let made = rows(case, asked, Some(&keys)).await;
            assert_eq!(made.len(), sent.len());
            for (made, sent) in made.iter().zip(&sent) {
                assert_eq!(made, sent);
                match made.path() {
                    Some(path) => {
                        assert_eq!(Some(path), sent.path(), "{}", case.0.display());
                        same += 1;
                    }
                    None => {
                        assert!(made.path_problem().is_some());
                        none += 1;
                    }
                }
            }
        }
    }
    assert!(same >= 20 && none >= 3, "{same} the same, {none} without");
}

/// The element of the last row is the base class, and its type is the derived one.
#[tokio::test]
async fn a_row_of_a_derived_class_has_no_path() {
    let cases = recorded();
    let derived = cases
        .iter()
        .find(|(folder, _)| folder.ends_with("enumerate-derived"))
        .unwrap();
    for row in rows(derived, "Win32_BaseService", Some(&["Name"])).await {
        assert_eq!(
            (row.path(), row.path_problem()),
            (None, Some(PathProblem::OtherClass))
        );
    }
}

/// Writing a row without a path says why it has none, and sends nothing.
#[tokio::test]
async fn an_instance_without_a_path_says_why() {
    let (session, replay) = play(&[
        opened(&[CONTEXT, &items(0..1)]),
        pulled(&[&items(1..2), END]),
    ]);
    let rows = session
        .enumerate_instances("A")
        .paths_from_keys(["Missing"])
        .await
        .unwrap();
    let text = String::from_utf8(replay.requests()[0].to_vec()).unwrap();
    assert!(!text.contains("EnumerationMode"));
    for mut row in rows {
        row.set("N", 7u32);
        assert_eq!(row.path_problem(), Some(PathProblem::MissingKey));
        for error in [
            session.put_instance(&row).await.unwrap_err(),
            session.modify_instance(&row).await.unwrap_err(),
            session.delete_instance(&row).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::InvalidParameter(_)), "{error:?}");
            assert!(
                error.to_string().contains("a key property is missing"),
                "{error}"
            );
            assert_eq!(error.delivery(), wsman::Delivery::NotSent);
        }
    }
    assert_eq!(replay.requests().len(), 2);
}

#[tokio::test]
async fn a_request_that_cannot_have_paths_is_not_sent() {
    let (session, replay) = play(&[]);
    let all = || session.enumerate_instances("A");
    let none: [&str; 0] = [];
    for (request, text) in [
        (all().paths_from_keys(none), "needs the names of the keys"),
        (
            all().select(["N"]).paths_from_keys(["N"]),
            "selected properties have no path",
        ),
        (
            all()
                .polymorphism(PolymorphismMode::DeepBasePropertiesOnly)
                .paths_from_keys(["N"]),
            "the properties of a base class",
        ),
    ] {
        let error = request.await.unwrap_err();
        assert!(matches!(error, Error::InvalidParameter(_)), "{error:?}");
        assert!(error.to_string().contains(text), "{error}");
    }
    assert!(replay.requests().is_empty());
}
