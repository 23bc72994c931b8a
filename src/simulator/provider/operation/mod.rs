//! The operations: a file for each kind.

mod classes;
mod enumerate;
mod invoke;
mod subscribe;
mod transfer;

use crate::cim::{Keys, Namespace};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::RequestFailure;
use crate::simulator::model::repository::Repository;
use crate::simulator::model::semantics::RequestTarget;
use crate::simulator::provider::Provider;
use crate::simulator::provider::reply::Frame;
use crate::simulator::provider::request::{Operation, Request, Resource};

/// A request with a valid header.
pub(in crate::simulator) struct Call<'a> {
    pub(in crate::simulator) provider: &'a Provider,
    pub(in crate::simulator) request: &'a Request,
    /// The message itself.
    pub(in crate::simulator) bytes: &'a [u8],
    pub(in crate::simulator) operation: Operation,
    pub(in crate::simulator) resource: &'a Resource,
    pub(in crate::simulator) keys: &'a Keys,
}

impl Call<'_> {
    /// Processes the request; returns its answer, or the failure.
    pub(in crate::simulator) fn carry_out(
        &self,
        namespace: &Namespace,
    ) -> Result<Vec<u8>, RequestFailure> {
        let target = RequestTarget {
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

    fn frame<'a>(&'a self, target: RequestTarget<'a>) -> Frame<'a> {
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
