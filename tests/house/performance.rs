//! The values of the benches, as the documentation shows them: `docs/performance.svg` and the table of
//! `benches/README.md`.
//!
//! `benches/latest/` holds what the benches printed last. `WSMAN_BLESS=1 cargo test --test house
//! performance` draws both anew. Without it the test fails if they are stale.

use std::fmt::Write as _;
use std::{env, fs};

use crate::sources::root;

const PICTURE: &str = "docs/performance.svg";
const PAGE: &str = "benches/README.md";

/// The lines around the table.
const BEGIN: &str = "<!-- begin: the values of benches/latest -->\n";
const END: &str = "<!-- end -->\n";

/// A line that a bench printed: a name, a value, and its bound, which is 0 for a row without one.
struct Row {
    name: String,
    value: f64,
    bound: f64,
}

impl Row {
    /// Returns whether the value must be at least its bound.
    fn is_at_least(&self) -> bool {
        self.name == "parallel" || self.name.contains("_over_wsman_")
    }

    fn is_within(&self) -> bool {
        self.bound == 0.0
            || if self.is_at_least() {
                self.value >= self.bound
            } else {
                self.value <= self.bound
            }
    }

    fn bound_text(&self) -> String {
        match (self.bound, self.is_at_least()) {
            (0.0, _) => "printed".to_owned(),
            (bound, true) => format!("at least {bound}"),
            (bound, false) => format!("at most {bound}"),
        }
    }

    /// Returns the value with three digits that count.
    fn value_text(&self) -> String {
        match self.value {
            value if value >= 100.0 => format!("{value:.0}"),
            value if value >= 10.0 => format!("{value:.1}"),
            value => format!("{value:.2}"),
        }
    }
}

fn rows(bench: &str) -> Vec<Row> {
    let path = root().join("benches/latest").join(bench);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(row).collect()
}

fn row(line: &str) -> Row {
    let words: Vec<&str> = line.split(' ').collect();
    let [name, value, bound] = words[..] else {
        panic!("expected `name value bound`, found {line:?}");
    };
    Row {
        name: name.to_owned(),
        value: value.parse().unwrap(),
        bound: bound.parse().unwrap(),
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = "| row | value | bound |\n|---|---|---|\n".to_owned();
    for row in rows {
        let (value, bound) = (row.value_text(), row.bound_text());
        writeln!(table, "| `{}` | {value} | {bound} |", row.name).unwrap();
    }
    table
}

const WIDTH: f64 = 760.0;
const LINE: f64 = 22.0;
/// Where the bars begin, and the length of the longest.
const BARS: f64 = 250.0;
const LONGEST: f64 = 360.0;
/// A bar of a ratio is this long at its bound.
const AT_BOUND: f64 = 240.0;

/// A picture that grows downwards.
struct Picture {
    shapes: String,
    y: f64,
}

impl Picture {
    fn heading(&mut self, text: &str) {
        self.y += LINE / 2.0;
        self.text(10.0, "heading", text);
        self.y += LINE;
    }

    fn text(&mut self, x: f64, class: &str, text: &str) {
        let y = self.y + LINE - 7.0;
        writeln!(
            self.shapes,
            r#"  <text x="{x:.0}" y="{y:.0}" class="{class}">{text}</text>"#
        )
        .unwrap();
    }

    /// Draws a row with its bar, and goes to the next line.
    fn bar(&mut self, name: &str, length: f64, class: &str, text: &str) {
        self.text(10.0, "name", name);
        let (y, height) = (self.y + 4.0, LINE - 8.0);
        let length = length.clamp(1.0, LONGEST);
        writeln!(
            self.shapes,
            r#"  <rect x="{BARS:.0}" y="{y:.0}" width="{length:.0}" height="{height:.0}" class="{class}"/>"#
        )
        .unwrap();
        self.text(BARS + length + 8.0, "value", text);
        self.y += LINE;
    }

    /// Draws the line of the bounds beside the bars since `top`.
    fn bounds(&mut self, top: f64) {
        let (x, bottom) = (BARS + AT_BOUND, self.y);
        writeln!(
            self.shapes,
            r#"  <line x1="{x:.0}" y1="{top:.0}" x2="{x:.0}" y2="{bottom:.0}" class="bound"/>"#
        )
        .unwrap();
    }

    fn finish(self) -> String {
        let height = self.y + LINE / 2.0;
        let style = "text { font: 13px sans-serif; fill: #24292f } .heading { font-weight: bold } \
            .value { fill: #57606a } .within { fill: #2da44e } .past { fill: #cf222e } \
            .ours { fill: #0969da } .theirs { fill: #afb8c1 } .bound { stroke: #24292f; stroke-dasharray: 3 3 }";
        format!(
            "<svg width=\"{WIDTH:.0}\" height=\"{height:.0}\" xmlns=\"http://www.w3.org/2000/svg\">\n  \
             <style>{style}</style>\n  <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
            self.shapes
        )
    }
}

/// Draws each ratio against its bound, and the times of the clients side by side.
fn draw(ratios: &[Row], peers: &[Row]) -> String {
    let mut picture = Picture {
        shapes: String::new(),
        y: 0.0,
    };
    picture.heading("Against the parts alone: shorter is better, the dashed line is the bound");
    let top = picture.y;
    for row in ratios.iter().filter(|row| row.bound > 0.0) {
        let share = if row.is_at_least() {
            row.bound / row.value
        } else {
            row.value / row.bound
        };
        let class = if row.is_within() { "within" } else { "past" };
        let text = format!("{} ({})", row.value_text(), row.bound_text());
        picture.bar(&row.name, share * AT_BOUND, class, &text);
    }
    picture.bounds(top);
    let works = [
        ("put", "Processor time of a Put, in microseconds"),
        (
            "row",
            "Processor time of a row of ten properties, without its path",
        ),
        ("row_with_path", "Processor time of a row with its path"),
    ];
    for (work, heading) in works {
        picture.heading(heading);
        let of_work = |row: &&Row| {
            let client = row.name.strip_suffix(work);
            client.is_some_and(|client| client.ends_with('_') && !client.contains("_over_"))
        };
        let rows: Vec<&Row> = peers.iter().filter(of_work).collect();
        let longest = rows.iter().map(|row| row.value).fold(0.0, f64::max);
        for row in rows {
            let client = row
                .name
                .strip_suffix(work)
                .unwrap_or_default()
                .trim_end_matches('_');
            let class = if client == "wsman" { "ours" } else { "theirs" };
            let length = row.value / longest * LONGEST;
            picture.bar(client, length, class, &format!("{} µs", row.value_text()));
        }
    }
    picture.finish()
}

/// Writes the text into the file, or compares it.
fn hold(file: &str, text: &str) {
    let path = root().join(file);
    if env::var_os("WSMAN_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "{file} is stale: WSMAN_BLESS=1 cargo test --test house performance"
    );
}

#[test]
fn the_picture_and_the_table_show_the_latest_values() {
    let (ratios, peers) = (rows("ratios.txt"), rows("peers.txt"));
    hold(PICTURE, &draw(&ratios, &peers));
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let tables = format!("\n{}\n{}\n", table(&ratios), table(&peers));
    hold(PAGE, &[before, BEGIN, &tables, END, after].concat());
}

#[test]
fn a_value_is_judged_by_the_direction_of_its_bound() {
    for (line, bound, is_within) in [
        ("decode_rows 1.6 1.6", "at most 1.6", true),
        ("decode_rows 1.601 1.6", "at most 1.6", false),
        ("parallel 0.85 0.85", "at least 0.85", true),
        ("parallel 0.84 0.85", "at least 0.85", false),
        ("pypsrp_over_wsman_put 19 20", "at least 20", false),
        ("put_over_post 7 0", "printed", true),
    ] {
        let row = row(line);
        assert_eq!(
            (row.bound_text().as_str(), row.is_within()),
            (bound, is_within),
            "{line}"
        );
    }
}
