//! The commands that write.

use std::fs;

use serde_json::{Value as Json, json};
use wsman::InstancePath;
use wsman::simulator::{Dialect, Knob, Simulator, sample};

use crate::program::{Ending, Program};

async fn server(dialect: Dialect) -> Simulator {
    sample().dialect(dialect).start().await.unwrap()
}

async fn run(simulator: &Simulator, words: &[&str]) -> Ending {
    Program::at(simulator, words).run().await
}

fn lines(ending: &Ending) -> Vec<Json> {
    let lines = ending.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn share(simulator: &Simulator, name: &str) -> Option<wsman::Instance> {
    simulator.instance(&InstancePath::new("Win32_Share").with_key("Name", name))
}

#[tokio::test]
async fn put_creates_then_updates() {
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let server = server(dialect).await;
        let words = ["put", "Win32_Share", "Name=logs", "Path=C:\\logs", "Type=0"];
        let created = run(&server, &words).await;
        assert_eq!(
            lines(&created),
            [
                json!({"outcome": "created", "path": "root\\cimv2:Win32_Share.Name=\"logs\"",
                "messages": 2, "instance": null})
            ]
        );
        let updated = &lines(&run(&server, &words).await)[0];
        assert_eq!(
            (&updated["outcome"], &updated["messages"]),
            (&json!("updated"), &json!(1))
        );
        assert_eq!(
            share(&server, "logs")
                .unwrap()
                .get::<String>("Path")
                .unwrap(),
            "C:\\logs"
        );
    }
}

#[tokio::test]
async fn each_mode_has_its_exit_code() {
    let server = server(Dialect::Windows).await;
    for (name, mode, code) in [
        ("Name=none", "update-only", 3),
        ("Name=public", "create-only", 4),
        ("Name=public", "update-only", 0),
        ("Name=none", "create-only", 0),
    ] {
        let words = [
            "put",
            "Win32_Share",
            name,
            "Path=x",
            "Type=0",
            "--mode",
            mode,
        ];
        let ending = run(&server, &words).await;
        assert_eq!(ending.code, code, "{name} {mode}: {ending:?}");
    }
}

#[tokio::test]
async fn a_part_of_an_instance_is_updated_in_each_way() {
    for partial in ["merge", "modified", "fragment"] {
        let server = server(Dialect::Windows).await;
        let words = [
            "put",
            "Win32_Share.Name=\"public\"",
            "Description=x",
            "--partial",
            partial,
        ];
        let ending = run(&server, &words).await;
        assert_eq!(ending.code, 0, "{partial}: {ending:?}");
        let share = share(&server, "public").unwrap();
        assert_eq!(
            share.get::<String>("Description").unwrap(),
            "x",
            "{partial}"
        );
        assert_eq!(
            share.get::<String>("Path").unwrap(),
            "C:\\Users\\Public",
            "{partial}"
        );
    }
    let server = server(Dialect::Windows).await;
    let two = [
        "put",
        "Win32_Share.Name=\"public\"",
        "Description=x",
        "Type=1",
        "--partial",
        "fragment",
    ];
    assert_eq!(run(&server, &two).await.code, 2);
}

#[tokio::test]
async fn what_if_sends_no_write() {
    let server = server(Dialect::Windows).await;
    for (words, outcome, changes) in [
        (
            [
                "put",
                "Win32_Share",
                "Name=public",
                "Description=x",
                "Type=0",
            ],
            "would-update",
            json!([{"property": "Description", "from": "For all users", "to": "x"}]),
        ),
        (
            [
                "put",
                "Win32_Share",
                "Name=public",
                "Path=C:\\Users\\Public",
                "Type=0",
            ],
            "unchanged",
            json!([]),
        ),
        (
            ["put", "Win32_Share", "Name=new", "Path=x", "Type=0"],
            "would-create",
            json!([
                {"property": "Name", "from": null, "to": "new"},
                {"property": "Path", "from": null, "to": "x"},
                {"property": "Type", "from": null, "to": 0},
            ]),
        ),
    ] {
        let ending = run(&server, &[&words[..], &["--what-if", "-v"]].concat()).await;
        let result = &lines(&ending)[0];
        assert_eq!(
            (&result["outcome"], &result["changes"]),
            (&json!(outcome), &changes)
        );
        assert!(ending.stderr.contains("/transfer/Put</"), "{ending:?}");
    }
    let seen = server.requests();
    assert!(
        seen.iter()
            .all(|request| !String::from_utf8_lossy(&request.body).contains("/transfer/Put<"))
    );
    for (mode, name, code) in [
        ("update-only", "Name=none", 3),
        ("create-only", "Name=public", 4),
    ] {
        let words = [
            "put",
            "Win32_Share",
            name,
            "Path=x",
            "--what-if",
            "--mode",
            mode,
        ];
        assert_eq!(run(&server, &words).await.code, code);
    }
}

#[tokio::test]
async fn a_server_without_classes_needs_the_names_of_the_keys() {
    let server = server(Dialect::Openwsman).await;
    let words = ["put", "Win32_Share", "Name=logs", "Path=x", "Type=0"];
    let before = server.requests().len();
    let unknown = run(&server, &words).await;
    assert_eq!(unknown.code, 2, "{unknown:?}");
    assert!(unknown.stderr.contains("--keys") && unknown.stderr.contains("--at"));
    assert!(share(&server, "logs").is_none() && server.requests().len() > before);
    let named = run(&server, &[&words[..], &["--keys", "Name"]].concat()).await;
    assert_eq!(lines(&named)[0]["outcome"], "created");
    let at = [
        "put",
        "Win32_Share",
        "Path=y",
        "Type=0",
        "--at",
        "Win32_Share.Name=\"logs\"",
    ];
    assert_eq!(lines(&run(&server, &at).await)[0]["outcome"], "updated");
    let words = [&words[..], &["--keys", "Other"]].concat();
    assert_eq!(run(&server, &words).await.code, 2);
}

#[tokio::test]
async fn creates_modifies_and_deletes() {
    let server = server(Dialect::Windows).await;
    let created = run(&server, &["create", "Demo_Job", "Command=x"]).await;
    let path = lines(&created)[0]["path"].as_str().unwrap().to_owned();
    assert!(path.contains("JobId="), "{path}");
    let modified = run(&server, &["modify", &path, "Command=y"]).await;
    assert_eq!(modified.code, 0, "{modified:?}");
    assert_eq!(lines(&modified)[0]["outcome"], "updated");
    let planned = run(&server, &["delete", &path, "--what-if"]).await;
    assert_eq!(lines(&planned)[0]["outcome"], "would-delete");
    let deleted = run(&server, &["delete", &path]).await;
    assert_eq!(lines(&deleted)[0]["outcome"], "deleted");
    assert_eq!(run(&server, &["delete", &path]).await.code, 3);
    assert_eq!(run(&server, &["modify", &path, "Command=y"]).await.code, 3);
    let twice = ["create", "Win32_Share", "Name=public", "Path=x", "Type=0"];
    assert_eq!(run(&server, &twice).await.code, 4);
}

#[tokio::test]
async fn a_query_names_what_to_modify_or_delete() {
    let server = server(Dialect::Windows).await;
    let query = "SELECT * FROM Win32_Share";
    let modify = ["modify", "--query", query, "Description=all"];
    let refused = run(&server, &modify).await;
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("2 instances") && refused.stderr.contains("--yes"));
    let planned = run(&server, &[&modify[..], &["--what-if"]].concat()).await;
    assert!(
        lines(&planned)
            .iter()
            .all(|line| line["outcome"] == "would-update")
    );
    let modified = run(&server, &[&modify[..], &["--yes"]].concat()).await;
    assert_eq!(lines(&modified).len(), 2, "{modified:?}");
    assert_eq!(
        share(&server, "reports")
            .unwrap()
            .get::<String>("Description")
            .unwrap(),
        "all"
    );
    let planned = run(&server, &["delete", "--query", query, "--what-if"]).await;
    assert_eq!(lines(&planned).len(), 2);
    assert_eq!(server.instances("Win32_Share").len(), 2);
    let deleted = run(&server, &["delete", "--query", query, "--yes"]).await;
    assert_eq!((deleted.code, lines(&deleted).len()), (0, 2));
    assert!(server.instances("Win32_Share").is_empty());
}

#[tokio::test]
async fn paths_of_an_enumeration_can_be_deleted() {
    let server = server(Dialect::Windows).await;
    let rows = run(&server, &["enum", "Win32_Share"]).await.stdout;
    let program = Program::at(&server, ["delete", "--from", "-"]);
    let deleted = program.run_with(&rows).await;
    assert_eq!(lines(&deleted).len(), 2, "{deleted:?}");
    let program = Program::at(&server, ["create", "--from", "-"]);
    let created = program.run_with(&rows).await;
    assert_eq!(
        (created.code, server.instances("Win32_Share").len()),
        (0, 2),
        "{created:?}"
    );
}

#[tokio::test]
async fn some_failed_rows_have_their_own_exit_code() {
    let server = server(Dialect::Windows).await;
    let rows = "{\"__CLASS\":\"Win32_Share\",\"Name\":\"a\",\"Path\":\"x\"}\n\
        {\"__CLASS\":\"Win32_Share\",\"Name\":\"b\",\"Path\":null}\n";
    let ending = Program::at(&server, ["put", "--from", "-"])
        .run_with(rows)
        .await;
    assert_eq!(ending.code, 10, "{ending:?}");
    let results = lines(&ending);
    assert_eq!(results[0]["outcome"], "created");
    assert_eq!(results[1]["error"]["kind"], "illegal-null");
    let second = rows.lines().last().unwrap();
    let alike = Program::at(&server, ["put", "--from", "-"])
        .run_with(second)
        .await;
    assert_eq!(alike.code, 8, "{alike:?}");
    let malformed = Program::at(&server, ["put", "--from", "-"])
        .run_with("{\"__CLASS\":")
        .await;
    assert_eq!(malformed.code, 2, "{malformed:?}");
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_journal_reads_it_back() {
    let server = server(Dialect::Windows).await;
    let folder = tempfile::tempdir().unwrap();
    let (from, journal) = (folder.path().join("rows"), folder.path().join("journal"));
    let row = |name: &str| json!({"__CLASS": "Win32_Share", "Name": name, "Path": "secret-path", "Type": 0});
    fs::write(&from, format!("{}\n{}\n", row("a"), row("b"))).unwrap();
    let words = [
        "put",
        "--mode",
        "create-only",
        "--jobs",
        "1",
        "--from",
        from.to_str().unwrap(),
    ];
    let words = [&words[..], &["--journal", journal.to_str().unwrap()]].concat();
    // The class is read first; then the answer to the first Create is lost.
    server.next(Knob::Pass).next(Knob::DropAnswer);
    let first = run(&server, &words).await;
    assert_eq!(first.code, 10, "{first:?}");
    assert_eq!(lines(&first)[0]["error"]["delivery"], "unknown");
    assert!(share(&server, "a").is_some());

    let creates = |server: &Simulator| {
        let bodies = server.requests().into_iter().map(|request| request.body);
        bodies
            .filter(|body| String::from_utf8_lossy(body).contains("/transfer/Create<"))
            .count()
    };
    let before = creates(&server);
    let second = run(&server, &words).await;
    assert_eq!(second.code, 0, "{second:?}");
    assert_eq!(lines(&second)[0]["outcome"], "created");
    assert!(
        second.stderr.contains("1 instances were done before"),
        "{second:?}"
    );
    assert_eq!(creates(&server), before, "no write is repeated");
    assert!(
        !fs::read_to_string(&journal)
            .unwrap()
            .contains("secret-path")
    );
}

#[tokio::test]
async fn an_unknown_outcome_has_its_exit_code() {
    let server = server(Dialect::Windows).await;
    server.next(Knob::Pass).next(Knob::DropAnswer);
    let words = [
        "create",
        "Win32_Share",
        "Name=a",
        "Path=x",
        "Type=0",
        "-o",
        "json",
    ];
    let ending = run(&server, &words).await;
    assert_eq!(ending.code, 9, "{ending:?}");
    let error: Json = serde_json::from_str(ending.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(error["error"]["delivery"], "unknown");
}

#[tokio::test]
async fn an_instance_goes_through_json_unchanged() {
    let server = server(Dialect::Windows).await;
    let item = run(&server, &["get", "Demo_Item", "Id=first"]).await.stdout;
    let put = Program::at(&server, ["put", "--from", "-"])
        .run_with(&item)
        .await;
    assert_eq!(put.code, 0, "{put:?}");
    assert_eq!(
        run(&server, &["get", "Demo_Item", "Id=first"]).await.stdout,
        item
    );
}

#[tokio::test]
async fn create_takes_its_keys_from_a_path() {
    for dialect in [Dialect::Windows, Dialect::Omi, Dialect::Openwsman] {
        let server = server(dialect).await;
        let values = ["Path=/", "Type=0"];
        for (words, name) in [
            (
                ["create", "Win32_Share", "--at", "Win32_Share.Name=\"at\""].as_slice(),
                "at",
            ),
            (&["create", "Win32_Share.Name=\"path\""], "path"),
        ] {
            let ending = run(&server, &[words, &values].concat()).await;
            assert_eq!(ending.code, 0, "{dialect:?} {words:?}: {ending:?}");
            assert!(share(&server, name).is_some(), "{dialect:?} {words:?}");
        }
    }
}

#[tokio::test]
async fn a_method_is_called_on_the_instance_that_keys_or_a_path_name() {
    let server = server(Dialect::Windows).await;
    for target in [
        ["Demo_Item.Id=\"first\""].as_slice(),
        &["Demo_Item", "Id=first"],
        &["root/cimv2:Demo_Item", "Id=first"],
        &["root/cimv2:Demo_Item.Id=\"first\""],
    ] {
        let words = [&["invoke"], target, &["Increment", "By=1"]].concat();
        let ending = run(&server, &words).await;
        assert_eq!(ending.code, 0, "{target:?}: {ending:?}");
        assert_eq!(lines(&ending)[0]["return"], 0, "{target:?}");
    }
    let words = [
        "invoke",
        "Demo_Item.Id=\"first\"",
        "Id=first",
        "Increment",
        "By=1",
    ];
    assert_eq!(
        run(&server, &words).await.code,
        2,
        "the keys are given twice"
    );
}
