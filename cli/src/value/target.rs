//! `CLASS KEY=VALUE…`, or an object path in its place.

use wsman::cim::{Class, Key, Keys, Name};
use wsman::{InstancePath, Value};

use super::assignment::Assignment;
use super::typing::{Declared, values};
use crate::connect::Host;
use crate::failure::Failure;

/// What the first word of a command names.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Class(Name),
    Path(InstancePath),
}

impl Target {
    /// Parses the first word: a text with `.`, `:`, `@` or `=` is an object path.
    pub(crate) fn parse(word: &str) -> Result<Self, Failure> {
        let is_path = word.contains(['.', ':', '@', '=']);
        let path: InstancePath = word
            .parse()
            .map_err(|error| Failure::usage("invalid class or object path", &error))?;
        Ok(if is_path {
            Target::Path(path)
        } else {
            Target::Class(path.class().clone())
        })
    }

    pub(crate) fn class(&self) -> &Name {
        match self {
            Target::Class(class) => class,
            Target::Path(path) => path.class(),
        }
    }

    /// Returns the path, if the word was one.
    pub(crate) fn path(&self) -> Option<&InstancePath> {
        match self {
            Target::Class(_) => None,
            Target::Path(path) => Some(path),
        }
    }
}

/// Finds the path of the instance that a target and its keys name.
///
/// # Errors
/// A usage error for a class without keys that is not a singleton.
pub(crate) async fn instance_path(
    host: &Host,
    target: &Target,
    words: &[String],
) -> Result<InstancePath, Failure> {
    let keys = Assignment::parse_all(words)?;
    match target {
        Target::Path(path) if matches!(path.keys(), Keys::Class) => {
            with_keys(host, path, &keys).await
        }
        Target::Path(path) if keys.is_empty() => Ok(path.clone()),
        Target::Path(_) => Err(Failure::Usage(
            "an object path already has its keys: leave out KEY=VALUE".into(),
        )),
        Target::Class(class) => with_keys(host, &InstancePath::new(class.clone()), &keys).await,
    }
}

async fn with_keys(
    host: &Host,
    place: &InstancePath,
    keys: &[Assignment],
) -> Result<InstancePath, Failure> {
    let class = host.schema.class(place.namespace(), place.class()).await;
    let class = class.map_err(Failure::Read)?;
    of_keys(place, keys, class.as_deref())
}

/// Adds the keys to a path, with the types of the class.
fn of_keys(
    place: &InstancePath,
    keys: &[Assignment],
    class: Option<&Class>,
) -> Result<InstancePath, Failure> {
    if keys.is_empty() {
        return match class {
            Some(class) if class.keys().next().is_some() => {
                let names: Vec<_> = class.keys().map(|key| format!("{}=…", key.name)).collect();
                Err(Failure::Usage(format!(
                    "the class {} needs its keys: {}",
                    class.name(),
                    names.join(" ")
                )))
            }
            _ => Ok(in_place(
                InstancePath::singleton(place.class().clone()),
                place,
            )),
        };
    }
    if let Some(class) = class
        && let Some(other) = keys.iter().find(|key| !is_key(class, &key.name))
    {
        let (key, class) = (&other.name, class.name());
        let text = format!("{key} is not a key of the class {class}; see `wsman class {class}`");
        return Err(Failure::parameter(text));
    }
    let keys = values(keys, &Declared::Properties(class))?;
    Ok(keys.into_iter().fold(place.clone(), |path, (name, value)| {
        path.with_key(name, value)
    }))
}

/// Gives the keys of a path the types of the class. The text of a path quotes numbers of a server without
/// types, so that they read as strings.
pub(crate) fn typed_path(path: InstancePath, class: &Class) -> InstancePath {
    let keys: Vec<Key> = path.keys().named().to_vec();
    keys.into_iter().fold(path, |path, key| {
        let text = key
            .value
            .as_str()
            .map(|text| Value::Untyped(text.to_owned()));
        let declared = class.property(key.name.as_str());
        let typed = declared
            .zip(text)
            .and_then(|(declared, text)| declared.declared(&text).ok());
        path.with_key(key.name, typed.unwrap_or(key.value))
    })
}

/// Returns whether a class declares a key; a class without keys may have any.
fn is_key(class: &Class, name: &str) -> bool {
    class.keys().next().is_none() || class.keys().any(|key| key.name == *name)
}

fn in_place(path: InstancePath, place: &InstancePath) -> InstancePath {
    match place.namespace() {
        Some(namespace) => path.in_namespace(namespace.clone()),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use wsman::cim::CimType;

    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_word_with_a_sign_is_a_path() {
        for (word, is_path) in [
            ("Win32_Share", false),
            (r#"Win32_Share.Name="logs""#, true),
            (r#"root\cimv2:Win32_Share.Name="logs""#, true),
            ("Demo_Settings=@", true),
            ("root/cimv2:Demo_Settings", true),
        ] {
            let target = Target::parse(word).unwrap();
            assert_eq!(target.path().is_some(), is_path, "{word}");
        }
        for word in ["", "Win32_Share.", "Win32_Share.Name", "=", "a b"] {
            assert_eq!(
                Target::parse(word).unwrap_err().exit(),
                Exit::Usage,
                "{word}"
            );
        }
    }

    #[test]
    fn the_keys_of_a_path_take_their_types_from_the_class() {
        let class = Class::new("Pair")
            .with_key("Name", CimType::String)
            .with_key("Number", CimType::Uint32);
        let path: InstancePath = r#"root\cimv2:Pair.Name="left",Number="1""#.parse().unwrap();
        let typed = typed_path(path, &class);
        assert_eq!(typed.key("Number"), Some(&Value::Uint32(1)));
        assert_eq!(typed.key("Name"), Some(&Value::from("left")));
        assert_eq!(typed.to_string(), r#"root\cimv2:Pair.Name="left",Number=1"#);
    }

    #[test]
    fn keys_take_their_types_from_the_class() {
        let class = Class::new("Pair")
            .with_key("Name", CimType::String)
            .with_key("Number", CimType::Uint32)
            .with("Value", CimType::String);
        let place = InstancePath::new("Pair");
        let path = |words: &[&str], class| {
            let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
            of_keys(&place, &Assignment::parse_all(&words).unwrap(), class)
        };
        let typed = path(&["Name=left", "Number=1"], Some(&class)).unwrap();
        assert_eq!(typed.key("Number"), Some(&Value::Uint32(1)));
        let untyped = path(&["Number=1"], None).unwrap();
        assert_eq!(untyped.key("Number"), Some(&Value::Untyped("1".into())));
        let not_a_key = path(&["Value=x"], Some(&class)).unwrap_err();
        assert_eq!(not_a_key.exit(), Exit::Invalid);
        let none = path(&[], Some(&class)).unwrap_err();
        assert!(none.text().contains("Name=… Number=…"), "{}", none.text());
        let singleton = path(&[], Some(&Class::new("Pair").as_singleton())).unwrap();
        assert!(matches!(singleton.keys(), Keys::Singleton));
    }
}
