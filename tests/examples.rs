//! Tests that every example is short, runs on the embedded simulator, and prints what is in
//! `tests/examples/NAME.txt`. `cargo test` builds the examples; if only this test is selected, run
//! `cargo build --features full --examples` first.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The line limit of an example.
const LONG: usize = 60;

fn sources() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The path of the example's program, beside the folder of the tests.
fn program(source: &Path) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let name = source.file_stem().unwrap();
    let program = profile.join("examples").join(name);
    program.with_extension(std::env::consts::EXE_EXTENSION)
}

#[test]
fn every_example_is_short() {
    assert!(sources().len() >= 4);
    for source in sources() {
        let lines = std::fs::read_to_string(&source).unwrap().lines().count();
        assert!(lines < LONG, "{} has {lines} lines", source.display());
    }
}

/// Whether a character belongs to what differs.
type Varies = fn(char) -> bool;

/// Replaces what differs from run to run: ports of the simulator, IDs and sizes of messages, and
/// durations; drops the lines of hyper in a trace.
fn same_each_time(output: &str) -> String {
    let own = |line: &&str| !line.contains(" hyper_util::");
    let mut text: String = output.split_inclusive('\n').filter(own).collect();
    let varying: [(&str, &str, Varies); 6] = [
        ("127.0.0.1:", "PORT", |c| c.is_ascii_digit()),
        ("server.port=", "PORT", |c| c.is_ascii_digit()),
        ("uuid:", "ID", |c| c.is_ascii_hexdigit() || c == '-'),
        ("bytes_out=", "BYTES", |c| c.is_ascii_digit()),
        ("bytes_in=", "BYTES", |c| c.is_ascii_digit()),
        ("duration_ms=", "MS", |c| c.is_ascii_digit()),
    ];
    for (before, name, varies) in varying {
        let mut parts = text.split(before);
        let mut same = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            same += &format!("{before}{name}{}", part.trim_start_matches(varies));
        }
        text = same;
    }
    text
}

#[test]
fn every_example_prints_what_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    for source in sources() {
        let program = program(&source);
        let place = tempfile::tempdir().unwrap();
        // Only record_fixture reads an argument: its folder.
        let mut command = Command::new(&program);
        command.arg("fixtures").current_dir(&place);
        let ran = command
            .env_remove("WSMAN_URL")
            .env_remove("RUST_LOG")
            .output();
        let ran = ran.unwrap_or_else(|error| {
            panic!(
                "{}: {error}; cargo build --features full --examples makes it",
                program.display()
            )
        });
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{}: {errors}", program.display());
        let printed = same_each_time(&String::from_utf8_lossy(&ran.stdout));
        let name = source.file_stem().unwrap();
        let expected = folder.join(name).with_extension("txt");
        let expected = std::fs::read_to_string(&expected)
            .unwrap_or_else(|error| panic!("{}: {error}:\n{printed}", expected.display()));
        assert_eq!(printed, expected, "{}", program.display());
    }
}
