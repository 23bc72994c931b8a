//! The pictures of `docs/`: what a terminal shows of real runs, on the simulator.
//!
//! `WSMAN_BLESS=1 cargo test -p wsman-cli --test cli pictures` makes them anew. Without it the test fails if
//! they are stale.

use std::path::Path;
use std::{env, fs};

use anstyle::{Color, RgbColor};
use anstyle_svg::{Term, WIN10_CONSOLE};

use crate::program::Program;

/// The columns of the terminal.
const COLUMNS: usize = 104;

/// A picture: its file, what is typed, and which lines of the output it shows.
struct Picture {
    file: &'static str,
    typed: &'static str,
    words: &'static [&'static str],
    /// The first and the last lines; what is between them is left out.
    lines: (usize, usize),
}

const PICTURES: [Picture; 3] = [
    Picture {
        file: "demo.svg",
        typed: "wsman demo",
        words: &["demo", "--url", "sim:"],
        lines: (22, 9),
    },
    Picture {
        file: "table.svg",
        typed: "wsman enum Win32_Service --select Name,DisplayName,State,StartMode,ProcessId",
        words: &[
            "enum",
            "Win32_Service",
            "--select",
            "Name,DisplayName,State,StartMode,ProcessId",
        ],
        lines: (20, 0),
    },
    Picture {
        file: "diff.svg",
        typed: "wsman put Win32_Share Name=public 'Description=Log files' MaximumAllowed=20 --what-if",
        words: &[
            "put",
            "Win32_Share",
            "Name=public",
            "Description=Log files",
            "MaximumAllowed=20",
            "--what-if",
        ],
        lines: (20, 0),
    },
];

/// Breaks a line as a terminal does; sequences of colors have no width.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut width, mut is_sequence) = (0, false);
    for c in line.chars() {
        is_sequence |= c == '\u{1b}';
        if !is_sequence {
            width += 1;
        }
        if width > COLUMNS {
            lines.push(String::new());
            width = 1;
        }
        lines.last_mut().unwrap().push(c);
        is_sequence &= !c.is_ascii_alphabetic();
    }
    lines
}

/// Replaces what differs from run to run.
fn steady(line: &str) -> String {
    let Some((before, after)) = line.split_once("127.0.0.1:") else {
        return line.to_owned();
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}127.0.0.1:5985{after}")
}

/// Returns what the terminal shows.
async fn screen(picture: &Picture) -> String {
    let words = [picture.words, &["--color", "always", "-o", "table"]].concat();
    let ending = Program::new(&words).env("WSMAN_URL", "sim:").run().await;
    assert_eq!(ending.code, 0, "{ending:?}");
    let lines: Vec<String> = ending.stdout.lines().map(steady).collect();
    let lines: Vec<String> = lines.iter().flat_map(|line| wrapped(line)).collect();
    let (first, last) = picture.lines;
    let mut shown = vec![format!("\u{1b}[1;32m$\u{1b}[0m {}", picture.typed)];
    if lines.len() <= first + last {
        shown.extend(lines);
    } else {
        shown.extend_from_slice(&lines[..first]);
        shown.push("\u{1b}[2m    …\u{1b}[0m".to_owned());
        shown.extend_from_slice(&lines[lines.len() - last..]);
    }
    shown.join("\n")
}

/// A dark terminal, whose colors can be read on it.
fn terminal() -> Term {
    Term::new()
        .palette(WIN10_CONSOLE)
        .bg_color(Color::Rgb(RgbColor(13, 17, 23)))
        .fg_color(Color::Rgb(RgbColor(201, 209, 217)))
}

#[tokio::test]
async fn the_pictures_are_those_of_this_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
    let mut stale = Vec::new();
    for picture in &PICTURES {
        let drawn = terminal().render_svg(&screen(picture).await);
        let file = folder.join(picture.file);
        if env::var_os("WSMAN_BLESS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &drawn).unwrap();
        }
        if fs::read_to_string(&file).ok().as_deref() != Some(drawn.as_str()) {
            stale.push(picture.file);
        }
    }
    assert_eq!(stale, [""; 0], "run this test with WSMAN_BLESS=1");
}
