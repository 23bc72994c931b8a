//! The target of an operation: an instance or a class.

use std::borrow::Cow;

use super::call::{Call, Draft, Effect, invalid_parameter};
use crate::cim::{Instance, InstancePath, Key, Keys, Name, Namespace, Value};
use crate::error::{Error, Failure};
use crate::protocol::{
    AnswerAction, EncodeContext, FilterContext, ResourceUriPrefix, SelectorSet, WireForm,
};

/// The instance or class that an operation addresses.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) namespace: Option<Namespace>,
    pub(super) prefix: ResourceUriPrefix,
    pub(super) class: Name,
    pub(super) keys: Keys,
}

const NO_KEYS: &str = "the instance has no keys: mark them with Instance::with_key, use an instance that was read or \
    created, set the path with .at(path), or use .singleton()";

/// Stands for all classes, in place of the name of one.
const ALL: &str = "*";

impl Target {
    /// Targets the instance at a path.
    pub(super) fn at(call: &Call, path: &InstancePath) -> Result<Self, Error> {
        let target = Self::of(call, path.class().clone(), Some(path))?;
        match target.keys {
            Keys::Class => Err(Error::InvalidParameter(Failure::new(format!(
                "{path} is the path of a class: add the keys with InstancePath::with_key, or use \
                 InstancePath::singleton"
            )))),
            Keys::Singleton | Keys::Named(_) => Ok(target),
        }
    }

    /// Targets the instance or the class at a path, on which a method is called.
    pub(super) fn of_method(call: &Call, path: &InstancePath) -> Result<Self, Error> {
        Self::of(call, path.class().clone(), Some(path))
    }

    /// Targets the instance that is written: at the path of the request, else at its own path. The class
    /// is that of the instance, which may be derived from the class of the path.
    pub(super) fn of_instance(
        call: &Call,
        instance: &Instance,
        at: Option<&InstancePath>,
    ) -> Result<Self, Error> {
        let own = instance.path();
        let path = match (at, &own) {
            (Some(at), _) if matches!(at.keys(), Keys::Class) => {
                let text = format!("{at} is the path of a class, not of an instance");
                return Err(Error::InvalidObject(Failure::new(text)));
            }
            (Some(at), _) => at,
            (None, Some(own)) if !matches!(own.keys(), Keys::Class) => own,
            (None, _) => return Err(unnamed(instance)),
        };
        let class = spelled(instance.class(), path.class()).clone();
        let target = Self::of(call, class, Some(path))?;
        target.check_keys(instance)?;
        Ok(target)
    }

    /// Targets a class.
    pub(super) fn class(call: &Call, class: Name) -> Result<Self, Error> {
        Self::of(call, class, None)
    }

    /// Targets all classes of a namespace: that of the path, if it names one.
    pub(super) fn all_classes(call: &Call, path: Option<&InstancePath>) -> Result<Self, Error> {
        Ok(Self {
            keys: Keys::Class,
            ..Self::of(call, Name::new(ALL), path)?
        })
    }

    /// Targets the declaration of a class, or those of all classes. The class is a selector of the resource
    /// of all classes (MS-WSMV 3.1.4.1.38).
    pub(super) fn declaration(call: &Call, class: Option<&Name>) -> Result<Self, Error> {
        if let Some(class) = class {
            let uri = ResourceUriPrefix::Dmtf.class_uri(None, class.as_str());
            uri.map_err(invalid_parameter)?;
        }
        let name = Key {
            name: Name::new("ClassName"),
            value: Value::from(class.map_or("", Name::as_str)),
        };
        Ok(Self {
            prefix: ResourceUriPrefix::cim_xml(),
            keys: Keys::Named(vec![name]),
            ..Self::of(call, Name::new(ALL), None)?
        })
    }

    /// Targets the class of an instance that is created. A Create selects no instance, so an instance
    /// read in one namespace can be created in another.
    pub(super) fn of_class(call: &Call, instance: &Instance) -> Result<Self, Error> {
        let elsewhere = call.own_namespace().cloned();
        let path = instance.path().map(|path| match elsewhere {
            Some(namespace) => path.in_namespace(namespace),
            None => path,
        });
        let class = match &path {
            Some(path) => spelled(instance.class(), path.class()),
            None => instance.class(),
        };
        Ok(Self {
            keys: Keys::Class,
            ..Self::of(call, class.clone(), path.as_ref())?
        })
    }

    fn of(call: &Call, class: Name, path: Option<&InstancePath>) -> Result<Self, Error> {
        let of_path = path.and_then(InstancePath::namespace);
        if let (Some(own), Some(of_path)) = (call.own_namespace(), of_path)
            && own != of_path
        {
            let text = format!("the path names namespace {of_path}, the request {own}");
            return Err(Error::InvalidParameter(Failure::new(text)));
        }
        let namespace = call
            .own_namespace()
            .or(of_path)
            .or(call.session_namespace())
            .cloned();
        let of_path = path
            .and_then(InstancePath::schema_uri)
            .map(|uri| uri.parse())
            .transpose();
        let prefix = match (call.own_prefix(), of_path.map_err(invalid_parameter)?) {
            (Some(own), _) => own.clone(),
            (None, Some(of_path)) => of_path,
            (None, None) => call.session_prefix().clone(),
        };
        let keys = path.map(|path| path.keys().clone()).unwrap_or_default();
        Ok(Self {
            namespace,
            prefix,
            class,
            keys,
        })
    }

    /// Rejects an instance whose key the caller changed. Windows would refuse it
    /// (`ERROR_WSMAN_CANNOT_CHANGE_KEYS`); OMI would use the selector and ignore the key of the body.
    ///
    /// The comparison is exact, because OMI and openwsman treat another case as another instance. An
    /// unmodified key is not compared: many servers spell it differently in the selector.
    fn check_keys(&self, instance: &Instance) -> Result<(), Error> {
        let differs = self.keys.named().iter().find(|key| {
            let property = instance.property(key.name.as_str());
            property.is_some_and(|property| {
                property.is_modified() && !property.value().same_key_value(&key.value)
            })
        });
        match differs {
            Some(key) => Err(Error::InvalidParameter(Failure::new(format!(
                "the key {} of the instance differs from that of its path: keys cannot be changed",
                key.name
            )))),
            None => Ok(()),
        }
    }

    /// Makes a message to the target, which its keys select.
    pub(super) fn draft(
        &self,
        action: impl Into<Cow<'static, str>>,
        effect: Effect,
    ) -> Result<Draft, Error> {
        let resource_uri = match self.class.as_str() {
            ALL => self.prefix.all_classes_uri(self.namespace.as_ref()),
            class => self.prefix.class_uri(self.namespace.as_ref(), class),
        };
        Ok(Draft {
            action: action.into(),
            answered_by: AnswerAction::Response,
            effect,
            resource_uri: resource_uri.map_err(invalid_parameter)?,
            selectors: selectors(self.namespace.as_ref(), &self.keys)?,
            prefix: self.prefix.clone(),
            options: Vec::new(),
            fragment: None,
            to: None,
            identifier: None,
        })
    }

    /// Returns the action of one of its methods.
    pub(super) fn method_action(&self, method: &str) -> Result<String, Error> {
        let class = self.class.as_str();
        let action = self
            .prefix
            .method_uri(self.namespace.as_ref(), class, method);
        action.map_err(invalid_parameter)
    }

    /// Returns how values are written to the target.
    pub(super) fn encoding(&self, call: &Call) -> EncodeContext<'_> {
        EncodeContext {
            class: Some(&self.class),
            ..call.encoding(&self.prefix, self.namespace.as_ref())
        }
    }

    /// Returns how filters are written to the target.
    pub(super) fn filter_context(&self, call: &Call) -> FilterContext<'_> {
        FilterContext {
            prefix: &self.prefix,
            all_parts: call.form() == WireForm::Openwsman,
        }
    }

    /// Returns the class of the target, in which an instance is created.
    pub(super) fn class_only(&self) -> Self {
        self.with_keys(Keys::Class)
    }

    /// Returns the same class with other keys.
    pub(super) fn with_keys(&self, keys: Keys) -> Self {
        Self {
            keys,
            ..self.clone()
        }
    }

    /// Returns the path of the target.
    pub(super) fn path(&self) -> InstancePath {
        let path = InstancePath::of_parts(self.class.clone(), self.keys.clone());
        self.complete(path)
    }

    /// Adds to a path from the server the namespace, which some servers omit, and the prefix of the
    /// request.
    pub(super) fn complete(&self, mut path: InstancePath) -> InstancePath {
        if let (None, Some(namespace)) = (path.namespace(), &self.namespace) {
            path = path.in_namespace(namespace.clone());
        }
        if let (None, ResourceUriPrefix::Vendor(prefix)) = (path.schema_uri(), &self.prefix) {
            path = path.with_schema_uri(prefix);
        }
        path
    }
}

/// Makes the error of an instance without a path.
fn unnamed(instance: &Instance) -> Error {
    Error::InvalidParameter(Failure::new(match instance.path_problem() {
        Some(problem) => format!("the instance has no path: {problem}; set one with .at(path)"),
        None => NO_KEYS.to_owned(),
    }))
}

/// Returns the class of an instance as its path spells it. The element of an instance may be spelled
/// differently from the resource URI (`Config` and `…/wsman/1/config`), which some servers compare
/// exactly.
pub(super) fn spelled<'a>(class: &'a Name, of_path: &'a Name) -> &'a Name {
    if class == of_path { of_path } else { class }
}

/// Returns the selectors of keys. A lossy key is an [`Error::Value`]; any other wrong key is an invalid
/// parameter of the caller.
pub(super) fn selectors(namespace: Option<&Namespace>, keys: &Keys) -> Result<SelectorSet, Error> {
    let is_lossy = |key: &Key| matches!(key.value, Value::Lossy(_));
    SelectorSet::of(namespace, keys).map_err(if keys.named().iter().any(is_lossy) {
        Error::from
    } else {
        invalid_parameter
    })
}
