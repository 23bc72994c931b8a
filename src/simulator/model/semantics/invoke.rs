//! A method call.

use crate::cim::{Instance, Name};
use crate::simulator::model::method::{MethodCall, MethodReply};
use crate::simulator::model::repository::Repository;
use crate::simulator::model::semantics::{
    CimFailure, RequestTarget, Rules, class, selectors, within,
};

/// Calls a method of an instance or, without keys, of a class. The method itself checks that the
/// instance exists, as a real provider does.
pub(in crate::simulator) fn invoke(
    repo: &Repository,
    target: RequestTarget<'_>,
    method: &Name,
    arguments: Instance,
    rules: Rules,
) -> Result<MethodReply, CimFailure> {
    within(repo, target.namespace, |space| {
        let schema = class(space, target.class)?;
        let of_class = target.keys.is_empty() && schema.keys().next().is_some();
        let id = if of_class {
            None
        } else {
            Some(selectors::identify(&schema, target.keys, rules)?)
        };
        let body = space.method(&schema.name, method);
        let body = body.ok_or_else(|| CimFailure::NoMethod(method.clone()))?;
        let mut call = MethodCall::new(space, schema, id, target, arguments);
        body.call(&mut call).map_err(CimFailure::from)
    })
}
