//! Tests that every example is short and runs on the embedded simulator. `cargo test` builds the
//! examples; if only this test is selected, run `cargo build --examples` first.
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

#[test]
fn every_example_runs() {
    for source in sources() {
        let program = program(&source);
        let ran = Command::new(&program).env_remove("WSMAN_URL").output();
        let ran = ran.unwrap_or_else(|error| {
            panic!(
                "{}: {error}; cargo build --examples makes it",
                program.display()
            )
        });
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{}: {errors}", program.display());
        assert!(!ran.stdout.is_empty(), "{} says nothing", program.display());
    }
}
