//! A case: the session it needs and the call it makes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use toml::{Table, Value as Toml};
use wsman::cim::{Instance, InstancePath, Value};
use wsman::transport::Transport;
use wsman::{
    Error, Identity, PartialUpdate, Put, PutExtensions, PutInstance, PutMode, Request, Session,
    WireForm, WsmanOption,
};

use crate::values;

pub(crate) struct Case(pub(crate) Table);

/// What a call gave.
#[derive(Debug)]
pub(crate) enum Outcome {
    Read(Instance),
    Property(Value),
    Put(Put),
    Created(InstancePath),
    Deleted,
    Identified(Identity),
    Failed(Error),
}

impl Case {
    pub(crate) fn load(folder: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(folder.join("case.toml")).map_err(|e| e.to_string())?;
        text.parse().map(Case).map_err(|error| error.to_string())
    }

    /// A text of `[call]`.
    fn text(&self, key: &str) -> Option<&str> {
        self.call_table().get(key)?.as_str()
    }

    fn flag(&self, key: &str) -> bool {
        self.call_table().get(key).and_then(Toml::as_bool) == Some(true)
    }

    fn call_table(&self) -> &Table {
        static NONE: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::new);
        self.0.get("call").and_then(Toml::as_table).unwrap_or(&NONE)
    }

    pub(crate) fn session(&self, transport: Arc<dyn Transport>) -> Result<Session, String> {
        let url = "http://host.example:5985/wsman"
            .parse()
            .map_err(|e| format!("{e}"))?;
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
        if let Some(seconds) = self
            .call_table()
            .get("operation_timeout")
            .and_then(Toml::as_integer)
        {
            builder = builder.operation_timeout(Duration::from_secs(seconds.unsigned_abs()));
        }
        if let Some(size) = self
            .call_table()
            .get("max_envelope_size")
            .and_then(Toml::as_integer)
        {
            builder = builder.max_envelope_size(u32::try_from(size).map_err(|e| e.to_string())?);
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

    pub(crate) async fn call(&self, session: &Session) -> Result<Outcome, String> {
        let class = self.text("class").unwrap_or_default();
        let path = values::path(class, &self.keys_only())?;
        let operation = self.text("operation").ok_or("[call] has no operation")?;
        let result = match operation {
            "identify" if self.flag("anonymous") => session
                .identify()
                .anonymous()
                .await
                .map(Outcome::Identified),
            "identify" => session.identify().await.map(Outcome::Identified),
            "get" => match self.text("fragment") {
                Some(property) => session
                    .get_property(&path, property)
                    .await
                    .map(Outcome::Property),
                None => session.get_instance(&path).await.map(Outcome::Read),
            },
            "delete" => session
                .delete_instance(&path)
                .await
                .map(|()| Outcome::Deleted),
            "create" => session
                .create_instance(&self.instance()?)
                .await
                .map(Outcome::Created),
            "modify" => session
                .modify_instance(&self.instance()?)
                .at(&path)
                .await
                .map(Outcome::Put),
            "put" => self.put(session, &path)?.await.map(Outcome::Put),
            other => return Err(format!("no operation {other}")),
        };
        Ok(result.unwrap_or_else(Outcome::Failed))
    }

    fn put(&self, session: &Session, path: &InstancePath) -> Result<Request<PutInstance>, String> {
        let mode = match self.text("mode") {
            Some("update-only") => PutMode::UpdateOnly,
            Some("create-only") => PutMode::CreateOnly,
            Some("create-or-update") => PutMode::CreateOrUpdate,
            other => return Err(format!("no mode {other:?}")),
        };
        let request = session
            .put_instance(&self.instance()?)
            .mode(mode)
            .partial(self.partial()?);
        Ok(match self.call_table().contains_key("keys") {
            true => request.at(path),
            false => request,
        })
    }

    fn partial(&self) -> Result<PartialUpdate, String> {
        Ok(match self.text("partial") {
            None => PartialUpdate::Whole,
            Some("merge") => PartialUpdate::Merge,
            Some("modified-properties") => PartialUpdate::ModifiedProperties,
            Some("fragment") => {
                let name = self
                    .names("properties")
                    .first()
                    .copied()
                    .or(self.text("fragment"));
                PartialUpdate::Fragment(name.ok_or("no property of the fragment")?.into())
            }
            Some("put-extensions") => {
                let mut extensions = PutExtensions::new(self.names("properties"));
                if self.flag("strict_nulls") {
                    extensions = extensions.strict_nulls();
                }
                if self.flag("atomic") {
                    extensions = extensions.atomic();
                }
                PartialUpdate::PutExtensions(extensions)
            }
            Some(other) => return Err(format!("no partial update {other}")),
        })
    }

    fn instance(&self) -> Result<Instance, String> {
        let table = self.call_table().get("instance").and_then(Toml::as_table);
        let table = table.ok_or("no [call.instance]")?;
        let mut instance = values::instance(self.text("class").unwrap_or_default(), table)?;
        if self.text("partial") == Some("modified-properties") {
            instance.set_unmodified();
            for name in self.names("properties") {
                instance.set(
                    name,
                    values::value(table.get(name).ok_or("no such property")?)?,
                );
            }
        }
        Ok(instance)
    }

    fn names(&self, key: &str) -> Vec<&str> {
        let names = self.call_table().get(key).and_then(Toml::as_array);
        names
            .into_iter()
            .flatten()
            .filter_map(Toml::as_str)
            .collect()
    }

    /// `[call]` without its namespace, which is the session's.
    fn keys_only(&self) -> Table {
        let keys = self.call_table().get("keys").cloned();
        keys.into_iter()
            .map(|keys| ("keys".to_owned(), keys))
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
