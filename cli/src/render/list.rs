//! A record as a list: one name and value a line, nested records indented.

use std::io::{self, Write};

use serde_json::{Map, Value as Json};
use unicode_width::UnicodeWidthStr as _;

use super::cell::{tame, text};
use super::style::Style;

/// The widest name that the values are aligned to.
const WIDEST: usize = 32;

/// Writes the entries of a record.
pub(super) fn write(
    out: &mut impl Write,
    record: &Map<String, Json>,
    style: Style,
) -> io::Result<()> {
    write_at(out, record, style, 0)
}

fn write_at(
    out: &mut impl Write,
    record: &Map<String, Json>,
    style: Style,
    depth: usize,
) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    let widths = record.keys().map(|name| name.width());
    let width = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    for (name, value) in record {
        let name = tame(name);
        let gap = " ".repeat(width.saturating_sub(name.width()));
        let name = style.bold(&name);
        match value {
            Json::Object(map) => {
                writeln!(out, "{indent}{name}")?;
                write_at(out, map, style, depth + 1)?;
            }
            Json::Array(items) if items.iter().any(Json::is_object) => {
                for item in items.iter().filter_map(Json::as_object) {
                    writeln!(out, "{indent}{name}")?;
                    write_at(out, item, style, depth + 1)?;
                }
            }
            Json::Null => writeln!(out, "{indent}{name}{gap} : {}", style.dim("NULL"))?,
            value => writeln!(out, "{indent}{name}{gap} : {}", text(value))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn aligns_values_and_indents_nested_records() {
        let record = json!({"Name": "a\u{202e}", "Path": null, "Tags": ["x", "y"],
            "Part": {"Label": "l"}, "changes": [{"to": 1}]});
        let mut out = Vec::new();
        write(&mut out, record.as_object().unwrap(), Style::plain()).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "Name    : a\\u{202e}\nPath    : NULL\nTags    : {x, y}\nPart\n  Label : l\nchanges\n  to : 1\n"
        );
    }
}
