//! The commands that read.

use serde_json::{Value as Json, json};
use wsman::simulator::{Dialect, Simulator, sample};

use crate::program::{Ending, Program};

async fn server(dialect: Dialect) -> Simulator {
    sample().dialect(dialect).start().await.unwrap()
}

/// Runs a command against a server in the test's process.
async fn run(simulator: &Simulator, words: &[&str]) -> Ending {
    Program::at(simulator, words).run().await
}

fn lines(ending: &Ending) -> Vec<Json> {
    assert_eq!(ending.code, 0, "{ending:?}");
    let lines = ending.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Windows sends instances and properties of subclasses whatever the polymorphism mode.
#[tokio::test]
async fn enum_leaves_out_what_only_subclasses_have() {
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let server = server(dialect).await;
        // OMI honours the mode, and calls the instances those of the base class.
        let of = |class| match dialect {
            Dialect::Omi => "Demo_Shape",
            _ => class,
        };
        for (words, expected) in [
            (
                ["enum", "Demo_Shape"].as_slice(),
                [
                    json!({"__CLASS": "Demo_Circle", "Name": "round", "Color": "red", "Radius": 1.5}),
                    json!({"__CLASS": "Demo_Square", "Name": "square", "Color": "blue", "Side": 2.0}),
                ]
                .as_slice(),
            ),
            (
                &["enum", "Demo_Shape", "--base-properties"],
                &[
                    json!({"__CLASS": of("Demo_Circle"), "Name": "round", "Color": "red"}),
                    json!({"__CLASS": of("Demo_Square"), "Name": "square", "Color": "blue"}),
                ],
            ),
            (&["enum", "Demo_Shape", "--shallow"], &[]),
            (
                &["enum", "Demo_Circle", "--shallow", "--limit", "1"],
                &[
                    json!({"__CLASS": "Demo_Circle", "Name": "round", "Color": "red", "Radius": 1.5}),
                ],
            ),
        ] {
            let mut rows = lines(&run(&server, words).await);
            for row in &mut rows {
                let row = row.as_object_mut().unwrap();
                let path = row.remove("__PATH").unwrap();
                let name = format!("Name={}", row["Name"]);
                assert!(path.as_str().unwrap().ends_with(&name), "{path}");
                row.remove("__NAMESPACE");
            }
            assert_eq!(rows, expected, "{dialect:?} {words:?}");
        }
    }
}

#[tokio::test]
async fn get_prints_a_flat_instance_in_the_types_of_its_class() {
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let server = server(dialect).await;
        let wanted = json!({
            "__CLASS": "Win32_Share", "__NAMESPACE": "root/cimv2",
            "__PATH": "root\\cimv2:Win32_Share.Name=\"public\"",
            "Caption": null, "Description": "For all users", "InstallDate": null, "Status": null,
            "Name": "public", "Path": "C:\\Users\\Public", "Type": 0, "AllowMaximum": true,
            "MaximumAllowed": null,
        });
        for words in [
            ["get", "Win32_Share", "Name=public", "-o", "ndjson"].as_slice(),
            &["get", "Win32_Share.Name=\"public\""],
            &[
                "get",
                "root\\cimv2:Win32_Share.Name=\"public\"",
                "-n",
                "root/other",
            ],
        ] {
            assert_eq!(
                lines(&run(&server, words).await),
                std::slice::from_ref(&wanted)
            );
        }
        let ending = run(
            &server,
            &["get", "Win32_Share", "Name=public", "-o", "json"],
        )
        .await;
        assert_eq!(
            serde_json::from_str::<Json>(&ending.stdout).unwrap(),
            wanted
        );
    }
}

#[tokio::test]
async fn get_reads_a_singleton_and_several_keys() {
    let server = server(Dialect::Windows).await;
    for words in [
        ["get", "Demo_Settings"].as_slice(),
        &["get", "Demo_Settings=@"],
    ] {
        assert_eq!(lines(&run(&server, words).await)[0]["Limit"], 10);
    }
    let pair = run(&server, &["get", "Demo_Pair", "Name=left", "Number=1"]).await;
    assert_eq!(lines(&pair)[0]["Value"], "v");
}

#[tokio::test]
async fn get_prints_every_type() {
    let server = server(Dialect::Windows).await;
    let ending = run(&server, &["get", "Demo_Item", "Id=first"]).await;
    let item = &lines(&ending)[0];
    for (name, wanted) in [
        ("B", json!(true)),
        ("U8", json!(255)),
        ("U32", json!(3)),
        ("U64", json!("18446744073709551615")),
        ("S64", json!("-9223372036854775808")),
        ("R32", json!(1.5)),
        ("R64", json!(2.25)),
        ("C16", json!("€")),
        ("Str", json!("a<b & \"c\" €")),
        ("Ts", json!("2024-02-29T12:34:56.789012Z")),
        ("Iv", json!("P1DT2H3M4.000567S")),
        (
            "Part",
            json!({"__CLASS": "Demo_Part", "Label": "part-1", "Count": 3}),
        ),
        ("U8A", json!([0, 1, 255])),
        ("StrA", json!(["one", "two & <three>"])),
        ("PeerA", json!(null)),
    ] {
        assert_eq!(item[name], wanted, "{name}");
    }
}

#[tokio::test]
async fn enumerates_with_filters_and_limits() {
    let server = server(Dialect::Windows).await;
    let count = async |words: &[&str]| lines(&run(&server, words).await).len();
    assert_eq!(count(&["enum", "Win32_Service"]).await, 13);
    assert_eq!(
        count(&["enumerate", "Win32_Service", "--limit", "2"]).await,
        2
    );
    assert_eq!(count(&["enum", "Win32_Service", "--page", "3"]).await, 13);
    assert_eq!(count(&["enum", "Demo_Shape"]).await, 2);
    assert_eq!(count(&["enum", "Win32_Service", "--limit", "0"]).await, 0);
    let named = run(
        &server,
        &["enum", "Win32_Service", "--where", "Name=Spooler"],
    )
    .await;
    assert_eq!(lines(&named)[0]["Name"], "Spooler");
    let picked = run(
        &server,
        &["enum", "Win32_LogicalDisk", "--select", "DeviceID,Size"],
    )
    .await;
    assert_eq!(
        lines(&picked)[0],
        json!({"__CLASS": "Win32_LogicalDisk", "DeviceID": "C:", "Size": "136838115328"})
    );
    let keys = run(&server, &["enum", "Demo_Pair", "--keys-only"]).await;
    assert_eq!(
        lines(&keys)[0],
        json!({
            "__CLASS": "Demo_Pair", "__NAMESPACE": "root/cimv2",
            "__PATH": "root\\cimv2:Demo_Pair.Name=\"left\",Number=\"1\"", "Name": "left", "Number": 1,
        })
    );
    assert_eq!(server.open_enumerations(), 0);
}

#[tokio::test]
async fn queries_counts_and_follows_associations() {
    let server = server(Dialect::Windows).await;
    let query = "SELECT Name FROM Win32_Service WHERE State = 'Stopped'";
    let stopped = lines(&run(&server, &["query", query]).await);
    assert!(!stopped.is_empty() && stopped.iter().all(|row| row["Name"].is_string()));
    let count = run(&server, &["count", "Win32_Service"]).await;
    assert_eq!((count.code, count.stdout.as_str()), (0, "13\n"));
    let path = "Win32_Service.Name=\"RpcSs\"";
    let dependent = [
        "--assoc-class",
        "Win32_DependentService",
        "--result-role",
        "Dependent",
    ];
    let needing = lines(&run(&server, &[&["associators", path], &dependent[..]].concat()).await);
    assert_eq!(needing.len(), 5);
    let links = [
        "references",
        path,
        "--result-class",
        "Win32_DependentService",
    ];
    assert_eq!(lines(&run(&server, &links).await).len(), 5);
}

#[tokio::test]
async fn prints_classes_and_the_identity() {
    let server = server(Dialect::Windows).await;
    let class = &lines(&run(&server, &["class", "Win32_Service"]).await)[0];
    assert_eq!(class["class"], "Win32_Service");
    assert_eq!(class["superclass"], "CIM_ManagedSystemElement");
    let properties = class["properties"].as_array().unwrap();
    let named = |name: &str| {
        properties
            .iter()
            .find(|property| property["name"] == name)
            .unwrap()
    };
    assert_eq!(named("Name")["key"], true);
    assert_eq!(named("State")["write"], false);
    assert_eq!(named("ProcessId")["type"], "uint32");
    let below = lines(&run(&server, &["classes", "--below", "Demo_Shape"]).await);
    let names: Vec<_> = below
        .iter()
        .map(|class| class["class"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Demo_Circle", "Demo_Square"]);
    let identity = &lines(&run(&server, &["identify"]).await)[0];
    assert_eq!(identity["vendor"], "Microsoft Corporation");
    assert_eq!(
        identity["protocol"],
        "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
    );
}

#[tokio::test]
async fn waits_for_a_value_within_the_deadline() {
    let server = server(Dialect::Windows).await;
    let spooler = "Win32_Service.Name=\"Spooler\"";
    let there = run(&server, &["wait", spooler, "--for", "State=Running"]).await;
    assert_eq!(lines(&there)[0]["State"], "Running");
    let words = [
        "wait",
        spooler,
        "--for",
        "State=Paused",
        "--deadline",
        "300ms",
    ];
    let never = run(&server, &[&words[..], &["--interval", "20ms"]].concat()).await;
    assert_eq!(never.code, 7, "{never:?}");
    assert!(never.stderr.contains("--deadline"));
    let waiting = async {
        run(
            &server,
            &[
                "wait",
                spooler,
                "--for",
                "State=Stopped",
                "--interval",
                "20ms",
            ],
        )
        .await
    };
    let stop = ["invoke", spooler, "StopService"];
    let stopping = run(&server, &stop);
    let (waited, stopped) = tokio::join!(waiting, stopping);
    assert_eq!((waited.code, stopped.code), (0, 0), "{waited:?}");
}

#[tokio::test]
async fn invokes_methods_of_classes_and_instances() {
    let server = server(Dialect::Windows).await;
    let result = async |words: &[&str]| lines(&run(&server, words).await).remove(0);
    assert_eq!(
        result(&["invoke", "Demo_Item", "Add", "Numbers=1", "Numbers=2"]).await,
        json!({"return": 0, "out": {"Sum": "3", "Remark": null}})
    );
    assert_eq!(
        result(&["invoke", "Demo_Item", "Id=first", "Increment", "By=4"]).await,
        json!({"return": 0, "out": {"NewValue": 7}})
    );
    assert_eq!(
        result(&["invoke", "Win32_Service", "Name=Spooler", "StopService"]).await,
        json!({"return": 0, "out": {}})
    );
    for (words, code) in [
        (["invoke", "Demo_Item", "Id=first"].as_slice(), 2),
        (&["invoke", "Demo_Item", "Id=first", "No_Such"], 1),
        (&["invoke", "Demo_Item", "Add", "Numbers=x"], 8),
        (&["invoke", "Demo_Item", "Add", "Other=1"], 8),
    ] {
        let ending = run(&server, words).await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
    }
}

#[tokio::test]
async fn references_are_selected_by_class_and_by_both_roles() {
    let server = server(Dialect::Windows).await;
    let of = ["references", "Win32_Service.Name=\"Schedule\""];
    for (words, count) in [
        ([].as_slice(), 3),
        (&["--result-class", "Win32_DependentService"], 2),
        (&["--assoc-class", "Win32_DependentService"], 2),
        (&["--role", "Dependent"], 2),
        (&["--role", "Antecedent"], 0),
        (&["--result-role", "Antecedent"], 2),
        (&["--result-role", "GroupComponent"], 1),
        // It refers to the service itself.
        (&["--result-role", "Dependent"], 0),
        (&["--result-role", "Antecedent", "--limit", "1"], 1),
    ] {
        let ending = run(&server, &[of.as_slice(), words].concat()).await;
        assert_eq!(ending.code, 0, "{words:?}: {ending:?}");
        assert_eq!(lines(&ending).len(), count, "{words:?}: {ending:?}");
    }
}
