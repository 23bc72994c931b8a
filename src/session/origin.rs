//! What an operation concerns, which its errors say.

use super::Session;
use crate::cim::Namespace;
use crate::error::{Error, OperationKind, Subject};

/// An operation and its session. It is cheap to make, because it shares names with the operation.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    session: Session,
    namespace: Option<Namespace>,
    subject: Subject,
}

impl Origin {
    /// Makes the origin of an operation in the namespace of its request, if that sets one.
    pub(super) fn new(session: &Session, namespace: Option<&Namespace>, subject: Subject) -> Self {
        Self {
            session: session.clone(),
            namespace: namespace.cloned(),
            subject,
        }
    }

    /// Returns the same origin in another operation.
    pub(super) fn during(&self, kind: OperationKind) -> Self {
        Self {
            subject: self.subject.clone().during(kind),
            ..self.clone()
        }
    }

    /// Adds the operation and the endpoint to an error.
    #[cold]
    pub(super) fn explain(&self, error: Error) -> Error {
        let settings = self.session.settings();
        let subject = || {
            let namespace = self.namespace.as_ref().or(settings.namespace.as_ref());
            self.subject.clone().in_namespace(namespace)
        };
        error.within(subject, &settings.to)
    }
}
