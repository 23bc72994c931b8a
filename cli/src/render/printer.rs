//! The printer: the forms of the output, one record after the other.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};

use serde_json::{Map, Value as Json};
use wsman::Instance;
use wsman::cim::Keys;

use super::csv::Csv;
use super::style::Style;
use super::table::Table;
use super::{json, list};
use crate::args::{Format, OutputArgs};
use crate::failure::Failure;
use crate::value::json::{HOST, write};

/// How many records a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    Many,
}

/// What a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Instances, for which every form exists.
    Instances,
    /// Results, which have no form in CSV, XML and MOF.
    Results,
}

/// Writes records to standard output.
pub(crate) struct Printer {
    format: Format,
    shape: Shape,
    style: Style,
    out: BufWriter<Stdout>,
    table: Table,
    csv: Csv,
    count: u64,
}

/// Returns the form of the output: the chosen one, else a table on a terminal and NDJSON elsewhere.
pub(crate) fn format_of(args: &OutputArgs) -> Format {
    args.output.unwrap_or(if io::stdout().is_terminal() {
        Format::Table
    } else {
        Format::Ndjson
    })
}

impl Printer {
    /// Makes the printer of a command.
    ///
    /// # Errors
    /// A usage error for a form that the content does not have.
    pub(crate) fn new(args: &OutputArgs, shape: Shape, content: Content) -> Result<Self, Failure> {
        let format = format_of(args);
        if content == Content::Results && matches!(format, Format::Csv | Format::Xml | Format::Mof)
        {
            return Err(Failure::Usage(
                "--output csv, xml and mof exist for instances: use table, list, json or ndjson"
                    .into(),
            ));
        }
        let style = Style::of(args, &io::stdout());
        Ok(Self {
            format,
            shape,
            style,
            out: BufWriter::with_capacity(64 * 1024, io::stdout()),
            table: Table::new(terminal_width(), style),
            csv: Csv::default(),
            count: 0,
        })
    }

    /// Writes an instance.
    pub(crate) fn instance(&mut self, host: Option<&str>, instance: &Instance) -> io::Result<()> {
        if self.format == Format::Xml {
            self.count += 1;
            let xml = instance.xml().unwrap_or_default();
            return writeln!(self.out, "{xml}");
        }
        if self.format == Format::Mof {
            self.count += 1;
            return writeln!(self.out, "{}", instance.to_mof());
        }
        let mut record = with_host(host, write::instance(instance));
        match self.format {
            Format::Table if self.shape == Shape::Many => {
                record.retain(|name, _| !name.starts_with("__") || name == HOST);
                let keys = keys_of(host, instance);
                self.count += 1;
                self.table.push(&mut self.out, &keys, record)
            }
            Format::Table | Format::List => {
                record.retain(|name, _| !name.starts_with("__") || name == HOST);
                self.listed(&record)
            }
            _ => self.write(&record),
        }
    }

    /// Writes a result.
    pub(crate) fn result(
        &mut self,
        host: Option<&str>,
        result: Map<String, Json>,
    ) -> io::Result<()> {
        let record = with_host(host, result);
        match self.format {
            Format::Table if self.shape == Shape::Many => {
                self.count += 1;
                self.table.push(&mut self.out, &[], record)
            }
            Format::Table | Format::List => self.listed(&record),
            _ => self.write(&record),
        }
    }

    /// Writes a bare value, such as a number.
    pub(crate) fn value(&mut self, value: &Json) -> io::Result<()> {
        writeln!(self.out, "{}", json::line(value)?)
    }

    /// Writes text for people, if the form is one for people; returns whether it is.
    pub(crate) fn text(&mut self, text: impl FnOnce(Style) -> String) -> io::Result<bool> {
        if self.is_for_people() {
            writeln!(self.out, "{}", text(self.style))?;
        }
        Ok(self.is_for_people())
    }

    /// Returns whether the form is one for people.
    pub(crate) fn is_for_people(&self) -> bool {
        matches!(self.format, Format::Table | Format::List)
    }

    fn listed(&mut self, record: &Map<String, Json>) -> io::Result<()> {
        if self.count > 0 {
            writeln!(self.out)?;
        }
        self.count += 1;
        list::write(&mut self.out, record, self.style)
    }

    fn write(&mut self, record: &Map<String, Json>) -> io::Result<()> {
        self.count += 1;
        match (self.format, self.shape) {
            (Format::Csv, _) => self.csv.write(&mut self.out, record),
            (Format::Json, Shape::One) => writeln!(self.out, "{}", json::pretty(record)?),
            (Format::Json, Shape::Many) => {
                let before = if self.count == 1 { "[\n" } else { ",\n" };
                write!(self.out, "{before}{}", json::pretty(record)?)
            }
            _ => writeln!(self.out, "{}", json::line(record)?),
        }
    }

    /// Writes what is held back: the rows of a table, and the buffer.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.table.flush(&mut self.out)?;
        self.out.flush()
    }

    /// Ends the output, and notes on stderr what it leaves out.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if self.format == Format::Json && self.shape == Shape::Many {
            writeln!(self.out, "{}", if self.count == 0 { "[]" } else { "\n]" })?;
        }
        self.flush()?;
        let note = match (self.table.left_out(), self.csv.left_out()) {
            (0, None) => return Ok(()),
            (0, Some(name)) => {
                format!("{name} and others have no column, because the first row lacks them")
            }
            (1, _) => "1 column does not fit: use --output list, or --select".to_owned(),
            (count, _) => format!("{count} columns do not fit: use --output list, or --select"),
        };
        // A note that cannot be printed is no failure.
        let _ = writeln!(io::stderr(), "wsman: {note}");
        Ok(())
    }
}

/// Puts the host in front.
fn with_host(host: Option<&str>, record: Map<String, Json>) -> Map<String, Json> {
    match host {
        None => record,
        Some(host) => {
            let mut with_host = Map::with_capacity(record.len() + 1);
            with_host.insert(HOST.into(), host.into());
            with_host.extend(record);
            with_host
        }
    }
}

/// Returns the names that come first in a table.
fn keys_of(host: Option<&str>, instance: &Instance) -> Vec<String> {
    let mut keys: Vec<String> = host.map(|_| HOST.to_owned()).into_iter().collect();
    if let Some(Keys::Named(named)) = instance.path().as_ref().map(|path| path.keys()) {
        let spelled = |name: &str| {
            instance
                .property(name)
                .map(|found| found.name().to_string())
        };
        keys.extend(named.iter().filter_map(|key| spelled(key.name.as_str())));
    }
    keys
}

/// Returns the width of the terminal; `None` if standard output is not one.
fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (width, _) = terminal_size::terminal_size()?;
    Some(usize::from(width.0).max(20))
}
