//! The instance that a write sends: its class, keys and properties.

use std::sync::Arc;

use clap::Args;
use wsman::cim::{Class, Keys, Name};
use wsman::{Instance, InstancePath, Value};

use crate::connect::Host;
use crate::failure::Failure;
use crate::value::assignment::Assignment;
use crate::value::json::read::Flat;
use crate::value::target::{Target, typed_path};
use crate::value::typing::{Declared, values};

/// The instance on the command line.
#[derive(Debug, Args)]
pub(crate) struct SubjectArgs {
    /// The class, or an object path
    #[arg(value_name = "CLASS|PATH")]
    pub(super) target: Option<String>,
    /// The properties, its keys among them
    #[arg(value_name = "PROP=VALUE", conflicts_with = "file")]
    pub(super) properties: Vec<String>,
    /// The names of the keys, for a server that does not provide its classes
    #[arg(long, value_name = "P,…", value_delimiter = ',')]
    pub(super) keys: Vec<String>,
    /// The path of the instance
    #[arg(long, value_name = "PATH", conflicts_with_all = ["keys", "file"])]
    pub(super) at: Option<String>,
}

/// An instance to write, and what is known about it.
pub(super) struct Subject {
    pub(super) instance: Instance,
    /// The path, if the caller gave one.
    pub(super) at: Option<InstancePath>,
    /// The class, if the server provides it.
    pub(super) class: Option<Arc<Class>>,
}

impl SubjectArgs {
    /// Makes the instance from the words of the command line.
    pub(super) async fn subject(&self, host: &Host) -> Result<Subject, Failure> {
        let Some(target) = &self.target else {
            return Err(Failure::Usage("name a CLASS or an object path".into()));
        };
        let target = Target::parse(target)?;
        let place = match &self.at {
            Some(at) => Some(parse_at(at)?),
            None => target.path().cloned(),
        };
        let given = Assignment::parse_all(&self.properties)?;
        let class = class_of(host, place.as_ref(), target.class()).await?;
        let values = values(&given, &Declared::Properties(class.as_deref()))?;
        let instance = Instance::new(target.class().clone());
        if class.is_none() {
            self.check_class(host, place.as_ref(), target.class())
                .await?;
        }
        self.identify(instance, values, place, class)
    }

    /// Makes the instance at a path, with the values of words.
    pub(super) async fn at_path(
        host: &Host,
        path: InstancePath,
        words: &[String],
    ) -> Result<Subject, Failure> {
        let given = Assignment::parse_all(words)?;
        let class = class_of(host, Some(&path), path.class()).await?;
        let path = match &class {
            Some(class) => typed_path(path, class),
            None => path,
        };
        let values = values(&given, &Declared::Properties(class.as_deref()))?;
        let instance = Instance::new(path.class().clone());
        let instance = values
            .into_iter()
            .fold(instance, |instance, (name, value)| {
                instance.with(name, value)
            });
        Ok(Subject {
            instance: instance.with_path(path.clone()),
            at: Some(path),
            class,
        })
    }

    /// Returns the class of instances in a file that do not name theirs.
    pub(super) fn default_class(&self) -> Result<Option<Name>, Failure> {
        let target = self.target.as_deref().map(Target::parse).transpose()?;
        Ok(target.map(|target| target.class().clone()))
    }

    /// Makes the instance of a line of JSON.
    pub(super) async fn of_flat(&self, host: &Host, flat: &Flat) -> Result<Subject, Failure> {
        let class = class_of(host, flat.path.as_ref(), &flat.class).await?;
        let typed = flat.typed(class.as_deref())?;
        let typed = host
            .schema
            .with_embedded(typed)
            .await
            .map_err(Failure::Read)?;
        let properties = typed.properties().iter();
        let values = properties.map(|property| (property.name().clone(), property.value().clone()));
        let instance = Instance::new(flat.class.clone());
        if class.is_none() {
            self.check_class(host, flat.path.as_ref(), &flat.class)
                .await?;
        }
        self.identify(instance, values.collect(), flat.path.clone(), class)
    }

    /// Rejects a class that does not exist, where only the class could tell the keys.
    async fn check_class(
        &self,
        host: &Host,
        place: Option<&InstancePath>,
        class: &Name,
    ) -> Result<(), Failure> {
        let has_keys = place.is_some_and(|path| !matches!(path.keys(), Keys::Class));
        if has_keys || !self.keys.is_empty() {
            return Ok(());
        }
        let namespace = place.and_then(|path| path.namespace());
        if host.schema.is_missing(namespace, class).await {
            return Err(Failure::no_class(class));
        }
        Ok(())
    }

    /// Finds the keys: those of a path, the named ones, or those of the class.
    fn identify(
        &self,
        instance: Instance,
        values: Vec<(Name, Value)>,
        place: Option<InstancePath>,
        class: Option<Arc<Class>>,
    ) -> Result<Subject, Failure> {
        let place = match &class {
            Some(class) => place.map(|path| typed_path(path, class)),
            None => place,
        };
        let at = place
            .clone()
            .filter(|path| !matches!(path.keys(), Keys::Class));
        let keys = self.key_names(at.as_ref(), class.as_deref(), &values)?;
        let mut instance = values
            .into_iter()
            .fold(instance, |instance, (name, value)| {
                if keys.contains(&name) {
                    instance.with_key(name, value)
                } else {
                    instance.with(name, value)
                }
            });
        if at.is_none() && class.as_ref().is_some_and(|class| class.is_singleton()) {
            instance = instance.singleton();
        }
        if let Some(place) = place {
            instance = instance.with_path(place);
        }
        Ok(Subject {
            instance,
            at,
            class,
        })
    }

    fn key_names(
        &self,
        at: Option<&InstancePath>,
        class: Option<&Class>,
        values: &[(Name, Value)],
    ) -> Result<Vec<Name>, Failure> {
        if !self.keys.is_empty() {
            let named: Vec<Name> = self.keys.iter().map(Name::new).collect();
            let missing = named
                .iter()
                .find(|key| !values.iter().any(|(name, _)| name == *key));
            return match missing {
                Some(key) => Err(Failure::Usage(format!("the key {key} has no value"))),
                None => Ok(named),
            };
        }
        if at.is_some() {
            return Ok(Vec::new());
        }
        let declared = class.map(|class| class.keys().map(|key| key.name.clone()).collect());
        let keys: Vec<Name> = declared.unwrap_or_default();
        if keys.is_empty() && !class.is_some_and(Class::is_singleton) {
            return Err(Failure::Usage(
                "the server does not tell the keys of the class: name them with --keys, or the \
                 instance with --at PATH"
                    .into(),
            ));
        }
        Ok(keys)
    }
}

impl Subject {
    /// Returns the instance with the keys of its path, for a message that has no other place for them.
    pub(super) fn with_keys(&self) -> Instance {
        let keys = self.at.iter().flat_map(|path| path.keys().named());
        keys.fold(self.instance.clone(), |instance, key| {
            match instance.property(key.name.as_str()) {
                Some(_) => instance,
                None => instance.with_key(key.name.clone(), key.value.clone()),
            }
        })
    }
}

/// Parses a path of an instance.
pub(super) fn parse_path(text: &str) -> Result<InstancePath, Failure> {
    let path = text.parse::<InstancePath>();
    path.map_err(|error| Failure::usage("invalid object path", &error))
}

/// Parses the path of `--at`. One without keys would leave the instance to chance.
fn parse_at(text: &str) -> Result<InstancePath, Failure> {
    let path = parse_path(text)?;
    if matches!(path.keys(), Keys::Class) {
        return Err(Failure::Usage(format!(
            "--at {text:?} has no keys: expected a path such as Class.Key=\"value\""
        )));
    }
    Ok(path)
}

async fn class_of(
    host: &Host,
    place: Option<&InstancePath>,
    class: &Name,
) -> Result<Option<Arc<Class>>, Failure> {
    let namespace = place.and_then(|path| path.namespace());
    host.schema
        .class(namespace, class)
        .await
        .map_err(Failure::Read)
}
