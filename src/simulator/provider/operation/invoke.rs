//! Invoke: calls a method (DSP0230 10.3).

use crate::cim::{Array, Instance, Name, Value};
use crate::protocol::{PARAMETERS, ResourceUriPrefix};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::semantics::{self, RequestTarget};
use crate::simulator::provider::operation::Call;
use crate::simulator::provider::request::RequestBody;

impl Call<'_> {
    pub(super) fn invoke(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        // OMI does not find the class in a WMI action.
        let foreign = self.dialect() == Dialect::Omi
            && matches!(self.resource.prefix, ResourceUriPrefix::Wmi);
        let method = self.request.method().filter(|_| !foreign);
        let method = Name::new(method.ok_or(ProtocolFailure::UnknownAction)?);
        let arguments = self.arguments(&method);
        let rules = self.dialect().rules();
        let reply = semantics::invoke(self.repository(), target, &method, arguments, rules)?;
        Ok(self.frame(target).output(&method, &reply)?)
    }

    /// Returns the arguments in the body. openwsman ignores an element of another name, and
    /// reverses arrays.
    fn arguments(&self, method: &Name) -> Instance {
        let none = Instance::new(PARAMETERS);
        let RequestBody::Instance(body, _) = &self.request.body else {
            return none;
        };
        let openwsman = self.dialect() == Dialect::Openwsman;
        if openwsman && *body.class() != [method.as_str(), "_INPUT"].concat().as_str() {
            return none;
        }
        body.properties().iter().fold(none, |arguments, argument| {
            let value = argument.value().clone();
            let value = if openwsman { reversed(value) } else { value };
            arguments.with(argument.name(), value)
        })
    }
}

fn reversed(value: Value) -> Value {
    match value {
        Value::Array(array) => {
            let element_type = array.element_type();
            let items = array.into_vec().into_iter().rev().collect();
            Value::Array(Array::of(element_type, items))
        }
        single => single,
    }
}
