//! The folder of one case: `case.toml`, `01.request.xml`, `01.response.xml` and so on.

mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use files::{create_folder, create_folders, write_file};

/// The name of the file that marks a folder as a case.
const CASE: &str = "case.toml";

/// The content of `case.toml`; its `[call]` and `[expect]` are for tests and are ignored here.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Case {
    /// The server.
    #[serde(default)]
    pub(crate) server: String,
    /// `recorded` or `hand-written`.
    #[serde(default)]
    pub(crate) origin: String,
    /// The origin, in words.
    #[serde(default)]
    pub(crate) source: String,
    /// The date, as in `2026-11-21`.
    #[serde(default)]
    pub(crate) recorded: String,
    #[serde(default, rename = "exchange")]
    pub(crate) exchanges: Vec<CaseExchange>,
}

/// A message and its answer, or the reason why there is none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct CaseExchange {
    /// The file of the request.
    #[serde(default)]
    pub(crate) request: String,
    /// The file of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<String>,
    /// The HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// How tests compare the request: `parts`, `whole` or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) compare: Option<String>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// Whether a message without an answer may have had its effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery: Option<CaseDelivery>,
    /// The headers of the answer, with names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
}

/// How far an unanswered message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CaseDelivery {
    NotSent,
    Unknown,
}

/// The error of reading a case.
#[derive(Debug, Error)]
pub(crate) enum CaseError {
    #[error("{0} cannot be read")]
    File(PathBuf, #[source] io::Error),
    #[error("invalid case {0}")]
    Toml(PathBuf, #[source] Box<toml::de::Error>),
    #[error("there is no case in {0}")]
    Empty(PathBuf),
    #[error("invalid file name {0:?}: expected a file beside case.toml")]
    Name(String),
}

impl Case {
    /// Reads `case.toml` of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, CaseError> {
        let path = folder.join(CASE);
        match fs::read_to_string(&path) {
            Ok(text) => {
                toml::from_str(&text).map_err(|cause| CaseError::Toml(path, Box::new(cause)))
            }
            Err(cause) => Err(CaseError::File(path, cause)),
        }
    }

    /// Writes `case.toml` into a folder.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        write_file(&folder.join(CASE), text.as_bytes())
    }
}

/// Reads a message that lies beside `case.toml`.
pub(crate) fn read_message(folder: &Path, name: &str) -> Result<Bytes, CaseError> {
    // A foreign case must not read files outside its folder.
    if Path::new(name).file_name().is_none_or(|file| file != name) {
        return Err(CaseError::Name(name.to_owned()));
    }
    let path = folder.join(name);
    fs::read(&path)
        .map(Bytes::from)
        .map_err(|cause| CaseError::File(path, cause))
}

/// Lists the folder itself if it is a case, else the cases directly in it, sorted by name.
pub(crate) fn folders(dir: &Path) -> Result<Vec<PathBuf>, CaseError> {
    if dir.join(CASE).is_file() {
        return Ok(vec![dir.to_owned()]);
    }
    let unreadable = |cause| CaseError::File(dir.to_owned(), cause);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let folder = entry.map_err(unreadable)?.path();
        if folder.join(CASE).is_file() {
            found.push(folder);
        }
    }
    if found.is_empty() {
        return Err(CaseError::Empty(dir.to_owned()));
    }
    found.sort();
    Ok(found)
}
