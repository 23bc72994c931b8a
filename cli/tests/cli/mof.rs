//! `wsman serve --mof`: classes and instances from MOF, as any others.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::program::{Ending, Program};
use crate::served::Served;

const LAMPS: &str = r#"
#pragma include ("base.mof")
[Description("A lamp in a room")]
class Acme_Lamp : Acme_Thing {
    [Override("Id")] uint32 Id;
    boolean On = FALSE;
    [Read] string Tags[] = { "new" };
    Acme_Lamp ref Next;
    uint32 Switch([In] boolean On, [Out] boolean Before, [In, Out] uint8 Level);
    [Static] sint32 SwitchAll();
};
instance of Acme_Lamp as $First { Id = 1; Size = 0x10; Next = $Second; };
instance of Acme_Lamp as $Second { Id = 2; On = TRUE; Tags = { "a", "b" }; };
"#;

const BASE: &str = r#"
[Abstract] class Acme_Thing { [Key] uint32 Id; uint64 Size = 7; };
class Acme_Folder : Win32_Share { sint16 Depth = -3; };
instance of Acme_Folder { Name = "deep"; Path = "/"; Type = 0; };
"#;

fn write(folder: &Path) {
    fs::write(folder.join("lamps.mof"), LAMPS).unwrap();
    fs::write(folder.join("base.mof"), BASE).unwrap();
}

fn lines(ending: &Ending) -> Vec<Json> {
    assert_eq!(ending.code, 0, "{ending:?}");
    let lines = ending.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_the_classes_and_instances_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let folder = folder.path().to_str().unwrap();
    for dialect in ["windows", "omi"] {
        let server = Served::open(&["--mof", folder, "--dialect", dialect]).await;
        let run = async |words: &[&str]| server.program(words).run().await;
        let class = &lines(&run(&["class", "Acme_Lamp"]).await)[0];
        assert_eq!(class["superclass"], "Acme_Thing", "{dialect}");
        assert_eq!(class["qualifiers"]["Description"], "A lamp in a room");
        let properties = class["properties"].as_array().unwrap();
        let named = |name: &str| properties.iter().find(|p| p["name"] == name).unwrap();
        assert_eq!(named("Id")["key"], true, "{dialect}: inherited");
        assert_eq!(named("Size")["type"], "uint64");
        assert_eq!(
            (&named("Tags")["array"], &named("Tags")["write"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(class["methods"][0]["parameters"][1]["out"], true);
        let rows = lines(&run(&["enum", "Acme_Lamp", "--select", "Id,Size,On,Tags,Next"]).await);
        assert_eq!(rows.len(), 2, "{dialect}");
        assert_eq!(
            (&rows[0]["Id"], &rows[0]["Size"], &rows[0]["On"]),
            (&json!(1), &json!("16"), &json!(false))
        );
        assert_eq!(
            (&rows[1]["Size"], &rows[1]["Tags"]),
            (&json!("7"), &json!(["a", "b"]))
        );
        let next = rows[0]["Next"].as_str().unwrap();
        assert!(next.ends_with("Acme_Lamp.Id=\"2\""), "{dialect}: {next}");
        let put = &lines(&run(&["put", "Acme_Lamp", "Id=3", "On=true", "Size=9"]).await)[0];
        assert_eq!(put["outcome"], "created", "{dialect}");
        let found = &lines(&run(&["get", "Acme_Lamp.Id=3"]).await)[0];
        assert_eq!((&found["On"], &found["Size"]), (&json!(true), &json!("9")));
        let words = [
            "invoke",
            "Acme_Lamp",
            "Id=1",
            "Switch",
            "On=true",
            "Level=5",
        ];
        let result = &lines(&run(&words).await)[0];
        assert_eq!(
            *result,
            json!({"return": 0, "out": {"Before": null, "Level": 5}}),
            "{dialect}"
        );
        let result = &lines(&run(&["invoke", "Acme_Lamp", "SwitchAll"]).await)[0];
        assert_eq!(result["return"], 0, "{dialect}");
        let wrong = run(&["invoke", "Acme_Lamp", "Id=9", "Switch"]).await;
        assert_ne!(wrong.code, 0, "{dialect}: there is no lamp 9");
        // It derives from a class of the sample.
        let deep = &lines(&run(&["get", "Acme_Folder", "Name=deep"]).await)[0];
        assert_eq!((&deep["Depth"], &deep["Path"]), (&json!(-3), &json!("/")));
        assert_eq!(lines(&run(&["count", "Win32_Service"]).await)[0], 13);
    }
}

#[tokio::test]
async fn a_namespace_is_the_option_or_the_pragma() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.mof");
    let text = "class Acme_One {}; #pragma namespace (\"root/two\")\nclass Acme_Two {};";
    fs::write(&file, text).unwrap();
    let server = Served::open(&["--mof", file.to_str().unwrap(), "-n", "root/acme"]).await;
    for (class, namespace, code) in [
        ("Acme_One", "root/acme", 0),
        ("Acme_Two", "root/two", 0),
        ("Acme_One", "root/cimv2", 8),
    ] {
        let ending = server
            .program(&["class", class, "-n", namespace])
            .run()
            .await;
        assert_eq!(ending.code, code, "{class} {namespace}: {ending:?}");
    }
}

#[tokio::test]
async fn wrong_mof_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let base = folder.path().join("base.mof");
    fs::write(&base, "class Acme_Thing {\n  uint32 Id\n};").unwrap();
    for (path, place) in [
        (
            folder.path(),
            format!("{}:3:1: expected \";\"", base.display()),
        ),
        (&folder.path().join("none.mof"), "cannot read".to_owned()),
    ] {
        let ending = Program::new(["serve", "--mof", path.to_str().unwrap()])
            .run()
            .await;
        assert_eq!((ending.code, ending.stdout.as_str()), (2, ""), "{ending:?}");
        assert!(ending.stderr.starts_with("wsman: --mof: "), "{ending:?}");
        assert!(ending.stderr.contains(&place), "{ending:?}");
    }
}
