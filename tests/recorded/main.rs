//! Reads messages of foreign servers and clients: every file of `fixtures/`, and every file below the
//! folder that `WSMAN_RECORDED` names. Compares each value with the result of another parser.

mod counts;
mod mof;
#[path = "../support/values.rs"]
mod values;
mod windows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use wsman::Instance;
use wsman::protocol::{Message, MessageKind};

/// Files that are not SOAP messages, and why; matched by a part of their path.
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
    ("illformed/wsmv-044", "an attribute without quotes"),
    ("illformed/wsmv-045", "a tag that is not closed"),
    ("illformed/wsmv-047", "printed without its end"),
    ("illformed/wsmv-073", "a prefix that is not declared"),
];

/// Messages that the other parser rejects, and why; matched by a part of their path.
const NOT_COMPARED: &[(&str, &str)] = &[
    (
        "omi/37-get-default-ns-prefix/01.request",
        "a prefix that is not declared",
    ),
    ("illformed/wsmv-044", "an attribute without quotes"),
    ("illformed/wsmv-073", "a prefix that is not declared"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut trials = messages(&root, fixture);
    match std::env::var_os("WSMAN_RECORDED") {
        Some(folder) => trials.extend(recorded(Path::new(&folder))),
        None => trials.push(
            Trial::test("WSMAN_RECORDED is not set: only fixtures were read", || {
                Ok(())
            })
            .with_ignored_flag(true),
        ),
    }
    match std::env::var_os("WSMAN_MOF") {
        Some(folder) => trials.extend(mof::trials(Path::new(&folder))),
        None => trials.push(
            Trial::test("WSMAN_MOF is not set: no MOF was read", || Ok(())).with_ignored_flag(true),
        ),
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn recorded(root: &Path) -> Vec<Trial> {
    let mut trials = messages(root, read);
    trials.extend(windows::trials(&root.join("txwinrm/server_2012")));
    trials
}

/// Reads the message of this name in this file.
type Read = fn(&str, &Path) -> Result<(), Failed>;

/// Creates a test for each message below a folder.
fn messages(root: &Path, read: Read) -> Vec<Trial> {
    let files = files(root);
    let found = files.len();
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
        .collect();
    let name = format!("there are messages in {}", root.display());
    trials.push(Trial::test(name, move || match found {
        0 => Err("the folder holds no *.xml".into()),
        _ => Ok(()),
    }));
    trials
}

/// Returns every `*.xml` below a folder.
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

/// Asserts that a message decodes to its end, that another parser finds the same values, and that a
/// method result of Intel AMT has its return value.
fn read(name: &str, file: &Path) -> Result<(), Failed> {
    let bytes = std::fs::read(file)?;
    let message = Message::read(&bytes).map_err(|error| error.to_string())?;
    check(name, &bytes, &message)?;
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

/// Asserts that another parser finds the same values in a fixture; an unreadable message, such as a
/// truncated response, is unreadable for it too.
fn fixture(name: &str, file: &Path) -> Result<(), Failed> {
    let bytes = std::fs::read(file)?;
    match Message::read(&bytes) {
        Ok(message) => check(name, &bytes, &message),
        Err(error) => match text(&bytes) {
            Ok(text) if values::is_message(&text) => Err(error.to_string().into()),
            _ => Ok(()),
        },
    }
}

/// Compares a message unless it is listed as an exception.
fn check(name: &str, bytes: &[u8], message: &Message) -> Result<(), Failed> {
    let is_listed = NOT_COMPARED.iter().any(|(part, _)| name.contains(part));
    match compare(bytes, message) {
        Ok(_) if is_listed => Err("this file can be compared: take it off the list".into()),
        Err(problem) if !is_listed => Err(problem.into()),
        _ => Ok(()),
    }
}

/// Compares the values of a message; returns their number.
fn compare(bytes: &[u8], message: &Message) -> Result<usize, String> {
    let text = text(bytes)?;
    values::compare_selectors(&text, message)?;
    values::compare(&text, message)
}

/// Returns the text of a message in UTF-8 or UTF-16.
fn text(bytes: &[u8]) -> Result<String, String> {
    let utf16 = |units: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = units
            .as_chunks::<2>()
            .0
            .iter()
            .map(|unit| read(*unit))
            .collect();
        String::from_utf16(&units).map_err(|error| error.to_string())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            let text = text.trim_start_matches('\u{feff}').trim();
            Ok(text.trim_matches('\0').to_owned())
        }
    }
}

/// Asserts that an invalid message is an error, not a panic. If it becomes readable, its exception is
/// out of date.
fn no_message(file: &Path) -> Result<(), Failed> {
    match Message::read(&std::fs::read(file)?) {
        Err(_) => Ok(()),
        Ok(message) if message.kind == MessageKind::Unknown => Ok(()),
        Ok(_) => Err("this file can be read: take it off the list".into()),
    }
}
