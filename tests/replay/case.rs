//! A case: its tables, and the session it needs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use toml::{Table, Value as Toml};
use wsman::cim::InstancePath;
use wsman::cim::WireForm;
use wsman::transport::Transport;
use wsman::{Session, WsmanOption};

use crate::values;

pub(crate) struct Case(pub(crate) Table);

impl Case {
    pub(crate) fn load(folder: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(folder.join("case.toml")).map_err(|e| e.to_string())?;
        text.parse().map(Case).map_err(|error| error.to_string())
    }

    /// Returns a text of `[call]`.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.call_table().get(key)?.as_str()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.call_table().get(key).and_then(Toml::as_bool) == Some(true)
    }

    pub(crate) fn call_table(&self) -> &Table {
        static NONE: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::new);
        self.0.get("call").and_then(Toml::as_table).unwrap_or(&NONE)
    }

    pub(crate) fn session(&self, transport: Arc<dyn Transport>) -> Result<Session, String> {
        let url = "http://host.example:5985/wsman";
        let form = match self.0.get("server").and_then(Toml::as_str) {
            Some("omi") => WireForm::Omi,
            Some("openwsman") => WireForm::Openwsman,
            _ => WireForm::Windows,
        };
        let mut builder = Session::builder(url).wire_form(form).transport(transport);
        if let Some(namespace) = self.text("namespace") {
            builder = builder.namespace(namespace);
        }
        if let Some(prefix) = self.text("prefix") {
            builder = builder.resource_uri_prefix(prefix.parse().map_err(|e| format!("{e}"))?);
        }
        if let Some(seconds) = self.number("operation_timeout")? {
            builder = builder.operation_timeout(Duration::from_secs(seconds.into()));
        }
        if let Some(size) = self.number("max_envelope_size")? {
            builder = builder.max_envelope_size(size);
        }
        if self.flag("precise_arrays") {
            builder = builder.precise_arrays();
        }
        for option in self
            .call_table()
            .get("options")
            .and_then(Toml::as_array)
            .into_iter()
            .flatten()
        {
            builder = builder.option(wsman_option(option)?);
        }
        builder.build().map_err(|error| error.to_string())
    }

    /// Returns a number of `[call]`.
    pub(crate) fn number(&self, key: &str) -> Result<Option<u32>, String> {
        let number = self.call_table().get(key).and_then(Toml::as_integer);
        let number = number.map(u32::try_from).transpose();
        number.map_err(|error| format!("{key}: {error}"))
    }

    /// Returns the number of recorded messages.
    pub(crate) fn exchanges(&self) -> usize {
        let exchanges = self.0.get("exchange").and_then(Toml::as_array);
        exchanges.map_or(0, Vec::len)
    }

    /// Returns the path of `[call]`, in the namespace of the session.
    pub(crate) fn path(&self) -> Result<InstancePath, String> {
        let keys = self.call_table().get("keys").cloned();
        let keys = keys.into_iter().map(|keys| ("keys".to_owned(), keys));
        values::path(self.text("class").unwrap_or_default(), &keys.collect())
    }

    /// Returns a list of texts of `[call]`.
    pub(crate) fn names(&self, key: &str) -> Vec<&str> {
        let names = self.call_table().get(key).and_then(Toml::as_array);
        names
            .into_iter()
            .flatten()
            .filter_map(Toml::as_str)
            .collect()
    }
}

fn wsman_option(toml: &Toml) -> Result<WsmanOption, String> {
    let text = |key: &str| toml.get(key).and_then(Toml::as_str);
    let name = text("name").ok_or("an option without a name")?;
    let mut option = WsmanOption::new(name, text("value").unwrap_or_default());
    if let Some(value_type) = text("type") {
        option = option.with_type(value_type);
    }
    if toml.get("must_comply").and_then(Toml::as_bool) == Some(true) {
        option = option.must_comply();
    }
    Ok(option)
}
