//! The forms of the output.

use serde_json::Value as Json;
use wsman::simulator::sample;

use crate::program::{Ending, Program};

async fn run(words: &[&str]) -> Ending {
    Program::new(words).env("WSMAN_URL", "sim:").run().await
}

#[tokio::test]
async fn prints_a_table() {
    let ending = run(&["enum", "Win32_LogicalDisk", "-o", "table"]).await;
    assert_eq!(
        ending.stdout,
        "DeviceID  DriveType  FileSystem  FreeSpace    Size          VolumeName\n\
         --------  ---------  ----------  ---------    ----          ----------\n\
         C:                3  NTFS        42949672960  136838115328  System\n\
         D:                5\n"
    );
    assert_eq!((ending.code, ending.stderr.as_str()), (0, ""));
}

#[tokio::test]
async fn prints_a_list() {
    let ending = run(&[
        "query",
        "SELECT DeviceID,Size FROM Win32_LogicalDisk",
        "-o",
        "list",
    ])
    .await;
    assert_eq!(
        ending.stdout,
        "DeviceID : C:\nSize     : 136838115328\n\nDeviceID : D:\nSize     : NULL\n"
    );
}

#[tokio::test]
async fn prints_csv() {
    let words = [
        "enum",
        "Win32_LogicalDisk",
        "--select",
        "DeviceID,DriveType,FileSystem",
        "-o",
        "csv",
    ];
    let ending = run(&words).await;
    assert_eq!(
        ending.stdout,
        "DeviceID,DriveType,FileSystem\nC:,3,NTFS\nD:,5,\n"
    );
}

#[tokio::test]
async fn prints_one_json_array_where_there_may_be_many() {
    for (words, count) in [
        (["enum", "Win32_LogicalDisk", "-o", "json"], 2),
        (["enum", "Demo_Link", "-o", "json"], 0),
    ] {
        let ending = run(&words).await;
        let all: Json = serde_json::from_str(&ending.stdout).unwrap();
        assert_eq!(all.as_array().unwrap().len(), count);
    }
    let failed = run(&["enum", "No_Such", "-o", "json"]).await;
    assert_ne!(failed.code, 0);
    let error: Json = serde_json::from_str(failed.stderr.lines().last().unwrap()).unwrap();
    assert!(error["error"]["kind"].is_string() && error["error"]["delivery"] == "answered");
}

#[tokio::test]
async fn prints_the_xml_as_it_was_received() {
    let ending = run(&["get", "Demo_Pair", "Name=left", "Number=1", "-o", "xml"]).await;
    assert!(
        ending.stdout.contains("<p0:Value") || ending.stdout.contains(":Value"),
        "{ending:?}"
    );
    assert_eq!(ending.stdout.lines().count(), 1);
}

#[tokio::test]
async fn prints_mof() {
    let ending = run(&["get", "Demo_Pair", "Name=left", "Number=1", "-o", "mof"]).await;
    assert_eq!(
        ending.stdout,
        "instance of Demo_Pair {\n  Name = \"left\";\n  Number = 1;\n  Value = \"v\";\n};\n"
    );
}

#[tokio::test]
async fn has_forms_of_instances_for_instances_only() {
    for form in ["csv", "xml", "mof"] {
        for words in [
            ["identify"].as_slice(),
            &["count", "Demo_Item"],
            &["class", "Demo_Item"],
        ] {
            let ending = run(&[words, &["-o", form]].concat()).await;
            assert_eq!(ending.code, 2, "{words:?} {form}: {ending:?}");
        }
    }
}

#[tokio::test]
async fn colors_only_if_asked() {
    let words = [
        "put",
        "Win32_Share",
        "Name=public",
        "Description=x",
        "--what-if",
        "-o",
        "table",
    ];
    let plain = run(&words).await;
    assert_eq!(
        plain.stdout,
        "would-update root\\cimv2:Win32_Share.Name=\"public\"\n  - Description: \"For all users\"\n  + Description: \"x\"\n"
    );
    let colored = run(&[&words[..], &["--color", "always"]].concat()).await;
    assert!(
        colored.stdout.contains("\u{1b}[32m+ Description"),
        "{colored:?}"
    );
}

#[tokio::test]
async fn escapes_what_a_terminal_would_interpret() {
    let server = sample().start().await.unwrap();
    let put = [
        "put",
        "Win32_Share",
        "Name=wild",
        "Path=a\u{202e}b\u{7f}",
        "Type=0",
    ];
    assert_eq!(Program::at(&server, put).run().await.code, 0);
    for form in ["table", "list", "json", "ndjson"] {
        let ending = Program::at(&server, ["get", "Win32_Share", "Name=wild", "-o", form])
            .run()
            .await;
        assert_eq!(ending.code, 0);
        assert!(
            !ending.says("\u{202e}") && !ending.says("\u{7f}"),
            "{form}: {ending:?}"
        );
    }
}

/// A full disk, malformed input and a closed output each have their exit code and one line.
#[tokio::test]
async fn malformed_input_is_one_line_and_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("odd");
    std::fs::write(&odd, [0xff, 0xfe, b'\n']).unwrap();
    let odd = odd.to_str().unwrap();
    for (words, code) in [
        (["get", "Win32_Share", "Name"].as_slice(), 2),
        (&["get", "Win32_Share", "=x"], 2),
        (&["get", "Win32_Share", "Name:={"], 2),
        (&["get", "Win32_Share", "Name=@/nonexistent"], 2),
        (&["get", "Win32_Share."], 2),
        (&["get", "Win32_Share"], 2),
        (&["get", "Win32_Share", "Type=0"], 8),
        (&["enum", "Win32_Share.Name=\"public\""], 2),
        (&["enum", "Win32_Share", "--page", "0"], 2),
        (&["put", "--from", odd], 2),
        (&["put", "--from", folder.path().to_str().unwrap()], 2),
        (&["put", "--from", "/dev/null", "--journal", "/dev/full"], 2),
        (&["put", "--from", "/dev/null", "--journal", odd], 2),
        (&["count", "A", "--hosts", odd], 2),
        (&["count", "A", "--hosts", "/nonexistent"], 2),
        (&["count", "A", "--url", "http://"], 2),
        (&["count", "A", "--url", "sim:other"], 2),
        (&["count", "A", "--proxy", "::"], 2),
        (&["count", "A", "--ca", odd], 2),
        (&["count", "A", "--pin", "sha256:12"], 2),
        (&["count", "A", "--record", "/dev/null/x"], 2),
        (&["count", "A", "--timeout", "0s"], 2),
        (&["count", "A", "--auth", "tickets"], 2),
        (&["class", "Win32_Share", "-o", "mof"], 2),
        (&["generate", "A"], 2),
        (&["query", "no query"], 8),
    ] {
        let ending = run(words).await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
        assert!(
            !ending.stderr.is_empty() && ending.stdout.is_empty(),
            "{words:?}: {ending:?}"
        );
        assert!(!ending.stderr.contains("panicked"), "{ending:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_an_error() {
    let program = env!("CARGO_BIN_EXE_wsman");
    let line = format!("{program} enum Win32_Service --url sim: > /dev/full");
    let output = tokio::process::Command::new("sh")
        .args(["-c", &line])
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("the output cannot be written"), "{stderr}");
}

#[tokio::test]
async fn prints_help_completions_and_the_manual() {
    for (words, part) in [
        (["--help"].as_slice(), "Exit codes"),
        (&["enum", "--help"], "--keys-only"),
        (&["completions", "bash"], "complete"),
        (&["completions", "fish"], "complete"),
        (&["man"], ".TH wsman"),
        (&["--version"], "wsman"),
    ] {
        let ending = Program::new(words).run().await;
        assert_eq!(ending.code, 0, "{ending:?}");
        assert!(ending.stdout.contains(part), "{words:?}: {ending:?}");
    }
    let explain = Program::new(["explain", "--help"]).run().await;
    assert!(!explain.stdout.contains("--url"), "{explain:?}");
}
