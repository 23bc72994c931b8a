//! A table that fits the terminal: one row a record.
//!
//! The columns and their widths are those of the first rows. So a row can be printed as soon as it
//! arrives, however many follow.

use std::io::{self, Write};

use serde_json::{Map, Value as Json};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cell::{tame, text};
use super::style::Style;

/// The most rows that are held to find the widths.
const SAMPLE: usize = 100;

/// The widths of a column: no narrower than this unless its cells are, and no wider.
const NARROWEST: usize = 10;
const WIDEST: usize = 48;

/// The space between two columns.
const GAP: usize = 2;

/// The rows of a table, and its columns once they are known.
pub(super) struct Table {
    /// The width of the terminal; `None` without one.
    width: Option<usize>,
    style: Style,
    /// The names that come first.
    keys: Vec<String>,
    sample: Vec<Map<String, Json>>,
    columns: Option<Vec<Column>>,
    /// The number of columns that do not fit.
    left_out: usize,
}

struct Column {
    name: String,
    width: usize,
    is_numeric: bool,
}

impl Table {
    pub(super) fn new(width: Option<usize>, style: Style) -> Self {
        Self {
            width,
            style,
            keys: Vec::new(),
            sample: Vec::new(),
            columns: None,
            left_out: 0,
        }
    }

    /// Adds a row; prints it if the columns are known.
    pub(super) fn push(
        &mut self,
        out: &mut impl Write,
        keys: &[String],
        row: Map<String, Json>,
    ) -> io::Result<()> {
        for key in keys {
            if !self.keys.contains(key) {
                self.keys.push(key.clone());
            }
        }
        match &self.columns {
            Some(columns) => write_row(out, columns, &row),
            None => {
                self.sample.push(row);
                if self.sample.len() >= SAMPLE {
                    self.flush(out)?;
                }
                Ok(())
            }
        }
    }

    /// Prints the rows that are held.
    pub(super) fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.sample.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.sample);
        let columns = self.lay_out(&rows);
        self.write_head(out, &columns)?;
        for row in &rows {
            write_row(out, &columns, row)?;
        }
        self.columns = Some(columns);
        Ok(())
    }

    /// Returns the number of columns that do not fit.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    fn lay_out(&mut self, rows: &[Map<String, Json>]) -> Vec<Column> {
        let mut columns = Vec::new();
        for name in self.names(rows) {
            let cells = rows.iter().filter_map(|row| row.get(&name));
            let widths = cells.clone().map(|value| text(value).width());
            columns.push(Column {
                width: widths.max().unwrap_or(0).max(tame(&name).width()),
                is_numeric: cells.clone().any(Json::is_number)
                    && cells
                        .clone()
                        .all(|value| value.is_number() || value.is_null()),
                name,
            });
        }
        if let Some(width) = self.width {
            self.left_out = fit(&mut columns, width);
        }
        columns
    }

    /// Returns the names of the columns: keys first, then the others that have a value.
    fn names(&self, rows: &[Map<String, Json>]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let has_value = |name: &str| rows.iter().any(|row| row.get(name).is_some_and(has_text));
        let all = rows.iter().flat_map(Map::keys);
        for name in self.keys.iter().chain(all) {
            if !names.contains(name) && has_value(name) {
                names.push(name.clone());
            }
        }
        names
    }

    fn write_head(&self, out: &mut impl Write, columns: &[Column]) -> io::Result<()> {
        let last = columns.len().saturating_sub(1);
        let heads = columns.iter().enumerate().map(|(at, column)| {
            let name = padded(&tame(&column.name), column);
            // No space stands at the end of a line.
            let name = if at == last { name.trim_end() } else { &name };
            self.style.bold(name)
        });
        writeln!(out, "{}", joined(heads, columns.is_empty()))?;
        let rules = columns.iter().map(|column| {
            let rule = "-".repeat(tame(&column.name).width().min(column.width));
            padded(&rule, column)
        });
        writeln!(out, "{}", joined(rules, columns.is_empty()).trim_end())
    }
}

fn has_text(value: &Json) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

/// Narrows the columns to a width, and drops the last ones if that is not enough. Returns how many.
fn fit(columns: &mut Vec<Column>, width: usize) -> usize {
    let total = |columns: &[Column], most: usize| {
        let widths = columns.iter().map(|column| column.width.min(most));
        widths.sum::<usize>() + GAP * columns.len().saturating_sub(1)
    };
    let all = columns.len();
    while columns.len() > 1 && total(columns, NARROWEST) > width {
        columns.pop();
    }
    let fits = (NARROWEST..=WIDEST.max(width))
        .rev()
        .find(|most| total(columns, *most) <= width);
    let most = fits.unwrap_or(width);
    for column in columns.iter_mut() {
        column.width = column.width.min(most);
    }
    all - columns.len()
}

fn write_row(out: &mut impl Write, columns: &[Column], row: &Map<String, Json>) -> io::Result<()> {
    let cells = columns.iter().map(|column| {
        let cell = row.get(&column.name).map(text).unwrap_or_default();
        padded(&cell, column)
    });
    writeln!(out, "{}", joined(cells, columns.is_empty()).trim_end())
}

fn joined(parts: impl Iterator<Item = String>, is_empty: bool) -> String {
    if is_empty {
        return "(no values)".to_owned();
    }
    parts.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

/// Cuts or fills a text to the width of a column.
fn padded(text: &str, column: &Column) -> String {
    let text = cut(text, column.width);
    let gap = " ".repeat(column.width.saturating_sub(text.width()));
    if column.is_numeric {
        format!("{gap}{text}")
    } else {
        format!("{text}{gap}")
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(width: Option<usize>, rows: &[Json]) -> (String, usize) {
        let mut out = Vec::new();
        let mut table = Table::new(width, Style::plain());
        for row in rows {
            let row = row.as_object().unwrap().clone();
            table.push(&mut out, &["Name".to_owned()], row).unwrap();
        }
        table.flush(&mut out).unwrap();
        (String::from_utf8(out).unwrap(), table.left_out())
    }

    #[test]
    fn puts_keys_first_and_aligns_numbers_right() {
        let rows = [
            json!({"Size": 5, "Name": "a", "Path": null}),
            json!({"Size": 500, "Name": "long", "Path": null}),
        ];
        let (text, left_out) = table(None, &rows);
        assert_eq!(text, "Name  Size\n----  ----\na        5\nlong   500\n");
        assert_eq!(left_out, 0);
    }

    #[test]
    fn fits_the_width_of_the_terminal() {
        let wide = "x".repeat(60);
        let row = json!({"Name": wide, "B": wide, "C": wide, "D": wide});
        for width in [20, 40, 80, 200, 400] {
            let (text, left_out) = table(Some(width), std::slice::from_ref(&row));
            assert!(text.lines().all(|line| line.width() <= width), "{text}");
            assert_eq!(left_out > 0, width < 46, "{width}");
        }
    }

    #[test]
    fn wide_characters_count_twice() {
        let row = json!({"Name": "日本語の名前です", "B": "x"});
        let (text, _) = table(Some(14), &[row]);
        assert!(text.lines().all(|line| line.width() <= 14), "{text}");
    }

    #[test]
    fn later_rows_keep_the_columns() {
        let mut out = Vec::new();
        let mut table = Table::new(None, Style::plain());
        let row = |value: Json| value.as_object().unwrap().clone();
        table.push(&mut out, &[], row(json!({"A": "1"}))).unwrap();
        table.flush(&mut out).unwrap();
        table
            .push(&mut out, &[], row(json!({"A": "22", "B": "x"})))
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "A\n-\n1\n…\n");
    }
}
