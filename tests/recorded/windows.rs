//! Tests the rows of Windows Server 2012: page by page, and as the stream of a session.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use wsman::Session;
use wsman::cim::{Instance, Name, Value};
use wsman::protocol::Message;
use wsman::record::{Exchange, Replay};

use crate::counts::{DERIVED, ENUMERATIONS};

/// The pages of one enumeration.
#[derive(Clone)]
struct Pages {
    class: &'static str,
    /// Whether the rows are selected properties, which do not name their class.
    picked: bool,
    files: Vec<PathBuf>,
    rows: &'static [usize],
}

/// Creates a test for each page and for each enumeration, if their folder exists.
pub(crate) fn trials(folder: &Path) -> Vec<Trial> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let pages: Vec<Pages> = ENUMERATIONS
        .iter()
        .flat_map(|recorded| {
            [("all", recorded.all), ("star", recorded.star)].map(|(kind, rows)| Pages {
                class: recorded.class,
                picked: kind == "all",
                files: files(folder, recorded.class, kind, rows.len()),
                rows,
            })
        })
        .collect();
    let listed = pages.iter().map(|pages| pages.files.len()).sum();
    let folder = folder.to_owned();
    let mut trials: Vec<Trial> = pages.into_iter().flat_map(Pages::trials).collect();
    trials.push(Trial::test("every page was counted", move || {
        equal(listed, std::fs::read_dir(&folder)?.count())
    }));
    trials
}

fn files(folder: &Path, class: &str, kind: &str, pages: usize) -> Vec<PathBuf> {
    (0..pages)
        .map(|page| folder.join(format!("{class}_{kind}_{page:03}.xml")))
        .collect()
}

impl Pages {
    fn trials(self) -> Vec<Trial> {
        let class = self.class;
        let kind = if self.picked { "picked" } else { "whole" };
        let mut trials = Vec::new();
        for (page, (file, rows)) in self.files.iter().zip(self.rows).enumerate() {
            let (file, rows, picked) = (file.clone(), *rows, self.picked);
            let name = format!("rows of {class}, {kind}, page {page}");
            trials.push(Trial::test(name, move || {
                let bytes = std::fs::read(&file)?;
                let message = Message::read(&bytes).map_err(|e| e.to_string())?;
                let of_row = if picked { "" } else { class };
                judge(&message.instances, rows, of_row)?;
                let properties = |row: &Instance| row.properties().len();
                let least: usize = message.instances.iter().map(properties).sum();
                let compared = crate::compare(&bytes, &message)?;
                if compared >= least {
                    Ok(())
                } else {
                    Err(format!("{compared} of {least} values were compared").into())
                }
            }));
        }
        let name = format!("rows of {class}, {kind}, as a stream");
        trials.push(Trial::test(name, move || self.stream()));
        trials
    }

    /// Reads the pages through a session.
    fn stream(&self) -> Result<(), Failed> {
        let exchanges: Result<Vec<Exchange>, std::io::Error> = self
            .files
            .iter()
            .map(|file| Ok(Exchange::answered(200, std::fs::read(file)?)))
            .collect();
        let replay = Arc::new(Replay::from_exchanges(exchanges?).relate(true));
        let url = "http://host.example:5985/wsman";
        let builder = Session::builder(url).namespace("root/cimv2");
        let session = builder.transport(Arc::clone(&replay) as _).build()?;
        let query = format!("SELECT * FROM {}", self.class);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let rows = runtime.block_on(session.query_instances(query).into_future())?;
        equal(self.files.len(), replay.requests().len())?;
        judge(&rows, self.rows.iter().sum(), self.class)?;
        self.same_as_pages(&rows)
    }

    /// Asserts that the rows of a stream have the values of the pages, which are compared one by one.
    fn same_as_pages(&self, rows: &[Instance]) -> Result<(), Failed> {
        let mut of_pages = Vec::new();
        for file in &self.files {
            let message = Message::read(&std::fs::read(file)?).map_err(|e| e.to_string())?;
            of_pages.extend(message.instances);
        }
        for (row, of_page) in rows.iter().zip(&of_pages) {
            let values = |row: &Instance| -> Vec<(Name, Value)> {
                let properties = row.properties().iter();
                let values = properties.map(|p| (p.name().clone(), p.value().clone()));
                values.collect()
            };
            if values(row) != values(of_page) {
                return Err(format!("{row:?} in the stream, {of_page:?} in its page").into());
            }
        }
        Ok(())
    }
}

/// Asserts the counted number of rows, each of its class and with properties.
fn judge(found: &[Instance], rows: usize, class: &str) -> Result<(), Failed> {
    equal(rows, found.len())?;
    for row in found {
        let of_row = row.class().as_str();
        let is_known = of_row == class || (of_row, class) == DERIVED;
        if !is_known || row.properties().is_empty() {
            return Err(format!("a row of {of_row}, with {:?}", row.properties()).into());
        }
    }
    Ok(())
}

fn equal(wanted: usize, found: usize) -> Result<(), Failed> {
    if wanted == found {
        Ok(())
    } else {
        Err(format!("wanted {wanted}, found {found}").into())
    }
}
