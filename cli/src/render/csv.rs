//! CSV: a line of names, then one line a record (RFC 4180).

use std::io::{self, Write};

use serde_json::{Map, Value as Json};

/// The columns, which are those of the first record.
#[derive(Default)]
pub(super) struct Csv {
    columns: Option<Vec<String>>,
    /// A property of a later record that has no column.
    left_out: Option<String>,
}

impl Csv {
    pub(super) fn write(
        &mut self,
        out: &mut impl Write,
        record: &Map<String, Json>,
    ) -> io::Result<()> {
        let columns = match &self.columns {
            Some(columns) => columns,
            None => {
                let names: Vec<String> = record
                    .keys()
                    .filter(|name| is_data(name))
                    .cloned()
                    .collect();
                line(out, names.iter().map(String::as_str))?;
                self.columns.insert(names)
            }
        };
        if self.left_out.is_none() {
            let missing = record
                .keys()
                .find(|name| is_data(name) && !columns.contains(name));
            self.left_out = missing.cloned();
        }
        let cells: Vec<String> = columns.iter().map(|name| cell(record.get(name))).collect();
        line(out, cells.iter().map(String::as_str))
    }

    /// Returns the name of a property that was left out.
    pub(super) fn left_out(&self) -> Option<&str> {
        self.left_out.as_deref()
    }
}

/// Returns whether an entry is a property, or the host it came from.
fn is_data(name: &str) -> bool {
    !name.starts_with("__") || name == crate::value::json::HOST
}

/// Returns a text as it is, NULL as nothing, and arrays and objects as JSON.
fn cell(value: Option<&Json>) -> String {
    match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn line<'a>(out: &mut impl Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(cells).map_err(io::Error::other)?;
    let bytes = writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))?;
    out.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quotes_and_names_what_has_no_column() {
        let mut out = Vec::new();
        let mut csv = Csv::default();
        for record in [
            json!({"__CLASS": "A", "Name": "a,\"b\"\n", "Size": null, "Tags": ["x"]}),
            json!({"Name": "c", "Other": 1, "Tags": []}),
        ] {
            csv.write(&mut out, record.as_object().unwrap()).unwrap();
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "Name,Size,Tags\n\"a,\"\"b\"\"\n\",,\"[\"\"x\"\"]\"\nc,,[]\n"
        );
        assert_eq!(csv.left_out(), Some("Other"));
    }
}
