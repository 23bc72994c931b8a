//! The records of one host.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};
use wsman::Instance;

use super::printer::Printer;
use super::style::Style;
use crate::failure::Failure;

/// Where a command puts the records of its host. Hosts share one printer.
#[derive(Clone)]
pub(crate) struct Sink {
    printer: Arc<Mutex<Printer>>,
    /// The name of the host, if there are several.
    host: Option<Arc<str>>,
}

impl Sink {
    pub(crate) fn new(printer: Printer) -> Self {
        Self {
            printer: Arc::new(Mutex::new(printer)),
            host: None,
        }
    }

    /// Returns the sink of one of several hosts.
    pub(crate) fn of_host(&self, name: &str) -> Self {
        Self {
            printer: Arc::clone(&self.printer),
            host: Some(name.into()),
        }
    }

    /// Returns the name of the host; empty if there is only one.
    pub(crate) fn host(&self) -> &str {
        self.host.as_deref().unwrap_or_default()
    }

    /// Returns whether there are several hosts.
    pub(crate) fn names_hosts(&self) -> bool {
        self.host.is_some()
    }

    pub(crate) fn instance(&self, instance: &Instance) -> Result<(), Failure> {
        Ok(self.with(|printer| printer.instance(self.host.as_deref(), instance))?)
    }

    pub(crate) fn result(&self, result: Json) -> Result<(), Failure> {
        let result = match result {
            Json::Object(map) => map,
            other => Map::from_iter([("value".to_owned(), other)]),
        };
        Ok(self.with(|printer| printer.result(self.host.as_deref(), result))?)
    }

    pub(crate) fn value(&self, value: &Json) -> Result<(), Failure> {
        Ok(self.with(|printer| printer.value(value))?)
    }

    /// Prints text for people; returns whether the form is one for people.
    pub(crate) fn text(&self, text: impl FnOnce(Style) -> String) -> Result<bool, Failure> {
        Ok(self.with(|printer| printer.text(text))?)
    }

    /// Returns whether the form is one for people.
    pub(crate) fn is_for_people(&self) -> bool {
        self.with(|printer| printer.is_for_people())
    }

    pub(crate) fn flush(&self) -> Result<(), Failure> {
        Ok(self.with(Printer::flush)?)
    }

    pub(crate) fn finish(&self) -> Result<(), Failure> {
        Ok(self.with(Printer::finish)?)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Printer) -> T) -> T {
        work(&mut self.printer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
