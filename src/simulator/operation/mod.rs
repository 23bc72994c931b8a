//! What is done for a request: a file for each kind of operation.

mod classes;
mod enumerate;
mod invoke;
mod subscribe;
mod transfer;

use super::dialect::Dialect;
use super::faults::Failure;
use super::provider::Provider;
use super::reply::Frame;
use super::repository::Repository;
use super::request::{Operation, Request, Resource};
use super::semantics::Target;
use crate::cim::{Keys, Namespace};

/// One request whose header is in order.
pub(super) struct Call<'a> {
    pub(super) provider: &'a Provider,
    pub(super) request: &'a Request,
    /// The message itself.
    pub(super) bytes: &'a [u8],
    pub(super) operation: Operation,
    pub(super) resource: &'a Resource,
    pub(super) keys: &'a Keys,
}

impl Call<'_> {
    /// Carries the request out; its answer, if that is no fault.
    pub(super) fn carry_out(&self, namespace: &Namespace) -> Result<Vec<u8>, Failure> {
        let target = Target {
            namespace,
            class: &self.resource.class,
            keys: self.keys.named(),
        };
        match self.operation {
            Operation::Get if self.is_for_a_class() => self.get_class(target),
            Operation::Get => self.get(target),
            Operation::Put => self.put(target),
            Operation::Create => self.create(target),
            Operation::Delete => self.delete(target),
            Operation::Enumerate => self.enumerate(target),
            Operation::Pull if self.pulls_events() => self.pull_events(target),
            Operation::Pull => self.pull(target),
            Operation::Release => self.release(target),
            Operation::Subscribe => self.subscribe(target),
            Operation::Renew => self.renew(target),
            Operation::Unsubscribe => self.unsubscribe(target),
            Operation::Invoke => self.invoke(target),
        }
    }

    fn frame<'a>(&'a self, target: Target<'a>) -> Frame<'a> {
        Frame {
            dialect: self.dialect(),
            operation: self.operation,
            header: &self.request.header,
            prefix: &self.resource.prefix,
            namespace: target.namespace,
            message_id: self.provider.message_id(),
        }
    }

    fn repository(&self) -> &Repository {
        &self.provider.repository
    }

    fn dialect(&self) -> Dialect {
        self.provider.dialect
    }
}
