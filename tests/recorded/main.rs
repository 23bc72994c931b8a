//! Messages of servers and clients that this project did not write, read where they lie: every file
//! below the folder that `WSMAN_RECORDED` names. Without it there is nothing to read, and the tests
//! are reported as ignored.

mod counts;
mod windows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use wsman::{Instance, Message, MessageKind};

/// Files that are no SOAP messages, and why; matched by a part of their path.
const NO_MESSAGE: &[(&str, &str)] = &[
    ("ms-docs-fault-fragments/", "only the detail of a fault"),
    (
        "illformed/wsmv-001",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-002",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-003",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-004",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-005",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-006",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-007",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-008",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-009",
        "prose of the specification before the message",
    ),
    (
        "illformed/wsmv-010",
        "prose of the specification before the message",
    ),
    ("illformed/wsmv-029", "a prefix that is not declared"),
    ("ms-wsmv/wsmv-028", "a namespace that is cut off"),
    ("illformed/wsmv-013", "printed without its end"),
    ("illformed/wsmv-014", "a tag that is not closed"),
    ("illformed/wsmv-039", "a tag that is not closed"),
    ("illformed/wsmv-043", "a tag that is not closed"),
    ("illformed/wsmv-045", "a tag that is not closed"),
    ("illformed/wsmv-047", "printed without its end"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = match std::env::var_os("WSMAN_RECORDED") {
        Some(folder) => trials(Path::new(&folder)),
        None => vec![
            Trial::test("WSMAN_RECORDED is not set: no message was read", || Ok(()))
                .with_ignored_flag(true),
        ],
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials(root: &Path) -> Vec<Trial> {
    let files = files(root);
    let found = files.len();
    let windows = windows::trials(&root.join("txwinrm/server_2012"));
    let mut trials: Vec<Trial> = files
        .into_iter()
        .map(|file| {
            let name = file
                .strip_prefix(root)
                .unwrap_or(&file)
                .display()
                .to_string();
            let reason = NO_MESSAGE
                .iter()
                .find(|(part, _)| name.contains(part))
                .map(|(_, why)| *why);
            match reason {
                Some(why) => Trial::test(format!("{name} ({why})"), move || no_message(&file)),
                None => Trial::test(name.clone(), move || read(&name, &file)),
            }
        })
        .chain(windows)
        .collect();
    trials.push(Trial::test("there are messages", move || match found {
        0 => Err("the folder holds no *.xml".into()),
        _ => Ok(()),
    }));
    trials
}

/// Every `*.xml` below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "xml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A message decodes to its end, and what a method of Intel AMT gave has its return value.
fn read(name: &str, file: &Path) -> Result<(), Failed> {
    let message = Message::read(&std::fs::read(file)?).map_err(|error| error.to_string())?;
    let is_output = |instance: &&Instance| instance.class().as_str().ends_with("_OUTPUT");
    let mut outputs = message.instances.iter().filter(is_output);
    let without = |outputs: &Instance| outputs.get::<u32>("ReturnValue").is_err();
    if name.starts_with("go-wsman") && outputs.any(without) {
        return Err("a method without a return value".into());
    }
    match message.kind {
        MessageKind::Unknown => Err("the kind of the message is unknown".into()),
        _ => Ok(()),
    }
}

/// What is no message is an error, not a panic; should it become readable, its reason is out of date.
fn no_message(file: &Path) -> Result<(), Failed> {
    match Message::read(&std::fs::read(file)?) {
        Err(_) => Ok(()),
        Ok(message) if message.kind == MessageKind::Unknown => Ok(()),
        Ok(_) => Err("this file can be read: take it off the list".into()),
    }
}
