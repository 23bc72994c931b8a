//! Methods that a class in MOF declares, without a body.

use crate::cim::{CimType, Class, MethodDecl, Value};
use crate::simulator::model::method::{Method, MethodCall, MethodFailure, MethodReply};

/// Returns the methods of a class. Each does nothing, and returns 0.
pub(in crate::simulator) fn declared(class: &Class) -> impl Iterator<Item = Method> {
    class.methods().iter().map(|method| {
        let declared = method.clone();
        Method::new(class.name().clone(), method.name.clone(), move |call| {
            answer(&declared, call)
        })
    })
}

fn answer(declared: &MethodDecl, call: &mut MethodCall<'_>) -> Result<MethodReply, MethodFailure> {
    let inputs: Vec<&str> = declared.inputs().map(|input| input.name.as_str()).collect();
    call.only(&inputs)?;
    if !declared.is_static {
        call.instance()?;
    }
    let reply = MethodReply::new(declared.return_type.map_or(Value::Null, zero));
    let given = call.arguments();
    Ok(declared.outputs().fold(reply, |reply, output| {
        let name = &output.name;
        let value = given.value(name.as_str()).cloned();
        reply.with(name.clone(), value.unwrap_or(Value::Null))
    }))
}

/// Returns what stands for success in a type: 0, false or an empty string.
fn zero(cim_type: CimType) -> Value {
    let text = match cim_type {
        CimType::Boolean => "false",
        CimType::String => "",
        _ => "0",
    };
    let zero = Value::Untyped(text.to_owned()).typed_as(cim_type);
    zero.unwrap_or(Value::Null)
}
