//! The classes of the server, as far as it provides them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use wsman::cim::{Array, Class, Name, Namespace};
use wsman::{Error, Instance, Session, Value};

/// Reads each class once, and remembers those that the server does not provide.
pub(crate) struct Schema {
    session: Session,
    known: Mutex<Known>,
}

/// The classes by namespace and name in lower case; `None` for one that the server does not provide.
type Known = HashMap<(Option<String>, String), Option<Arc<Class>>>;

impl Schema {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            session,
            known: Mutex::default(),
        }
    }

    /// Returns a class; `None` if the server does not provide it, as openwsman.
    ///
    /// # Errors
    /// Those after which no other operation can succeed: the server cannot be reached or refuses the
    /// login.
    pub(crate) async fn class(
        &self,
        namespace: Option<&Namespace>,
        name: &Name,
    ) -> Result<Option<Arc<Class>>, Error> {
        if name.as_str().is_empty() {
            return Ok(None);
        }
        let id = (
            namespace.map(|namespace| namespace.as_str().to_ascii_lowercase()),
            name.as_str().to_ascii_lowercase(),
        );
        if let Some(known) = self.with_known(|known| known.get(&id).cloned()) {
            return Ok(known);
        }
        let request = self.session.get_class(name.clone()).cached();
        let request = match namespace {
            Some(namespace) => request.namespace(namespace),
            None => request,
        };
        let class = match request.await {
            Ok(class) => Some(Arc::new(class)),
            Err(error) if ends_it(&error) => return Err(error),
            Err(_) => None,
        };
        self.with_known(|known| known.insert(id, class.clone()));
        Ok(class)
    }

    /// Returns whether the server knows that a class does not exist. Where it provides no classes, an
    /// enumeration of one row tells.
    pub(crate) async fn is_missing(&self, namespace: Option<&Namespace>, name: &Name) -> bool {
        if !matches!(self.class(namespace, name).await, Ok(None)) {
            return false;
        }
        let request = self.session.enumerate_paths(name.clone()).max_elements(1);
        let request = match namespace {
            Some(namespace) => request.namespace(namespace),
            None => request,
        };
        let mut rows = request.stream();
        let is_missing = matches!(rows.next().await, Some(Err(Error::InvalidClass(_))));
        // A server that does not answer keeps the enumeration until it expires there.
        let _ = rows.release().await;
        is_missing
    }

    /// Converts the values of an instance to the types of its class, and those of the instances in it.
    pub(crate) async fn typed(&self, instance: Instance) -> Result<Instance, Error> {
        let class = self.class(instance.namespace(), instance.class()).await?;
        let instance = match class {
            Some(class) => instance.typed_by(&class),
            None => instance,
        };
        self.with_embedded(instance).await
    }

    /// Converts the values of the instances in an instance.
    pub(crate) async fn with_embedded(&self, mut instance: Instance) -> Result<Instance, Error> {
        let properties = instance.properties().iter();
        let embedding = properties.filter(|property| embeds(property.value()));
        let embedding: Vec<_> = embedding
            .map(|property| (property.name().clone(), property.value().clone()))
            .collect();
        let namespace = instance.namespace().cloned();
        for (name, value) in embedding {
            let typed = self.embedded(value, namespace.as_ref()).await?;
            instance.set(name, typed);
        }
        Ok(instance)
    }

    async fn embedded(&self, value: Value, namespace: Option<&Namespace>) -> Result<Value, Error> {
        match value {
            Value::Instance(inner) => {
                let class = self.class(namespace, inner.class()).await?;
                let inner = match class {
                    Some(class) => inner.typed_by(&class),
                    None => *inner,
                };
                // An embedded instance can hold others.
                let inner = Box::pin(self.with_embedded(inner)).await?;
                Ok(Value::Instance(Box::new(inner)))
            }
            Value::Array(array) => {
                let mut items = Vec::with_capacity(array.len());
                for item in array.into_vec() {
                    items.push(Box::pin(self.embedded(item, namespace)).await?);
                }
                Array::from_values(items)
                    .map(Value::Array)
                    .or(Ok(Value::Null))
            }
            other => Ok(other),
        }
    }

    fn with_known<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn embeds(value: &Value) -> bool {
    value
        .elements()
        .iter()
        .any(|element| matches!(element, Value::Instance(_)))
}

fn ends_it(error: &Error) -> bool {
    matches!(
        error,
        Error::Auth(_)
            | Error::Transport(_)
            | Error::Timeout(_)
            | Error::Cancelled(_)
            | Error::Config(_)
            | Error::ShuttingDown(_)
            | Error::InvalidNamespace(_)
    )
}
