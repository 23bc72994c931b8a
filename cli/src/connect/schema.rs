//! The classes of the server, as far as it provides them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use wsman::cim::{Class, Name, Namespace};
use wsman::{Error, Instance, Session};

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

    /// Converts the values of an instance that was read to the types of its class.
    pub(crate) async fn typed(&self, instance: Instance) -> Result<Instance, Error> {
        let class = self.class(instance.namespace(), instance.class()).await?;
        Ok(match class {
            Some(class) => instance.typed_by(&class),
            None => instance,
        })
    }

    fn with_known<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
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
