//! The methods of the sample model.

use crate::cim::{Instance, InstancePath, Value};
use crate::simulator::{MethodCall, MethodFailure, MethodReply, SimulatorBuilder};

/// The return value of most Windows methods for success; the class documents the others.
const DONE: u32 = 0;
const INVALID_PARAMETER: u32 = 21;
const SHARE_EXISTS: u32 = 22;
const NOT_ACTIVE: u32 = 6;
const ALREADY_RUNNING: u32 = 10;

/// Adds the methods to the classes of the last added namespace.
pub(super) fn methods(simulator: SimulatorBuilder) -> SimulatorBuilder {
    simulator
        .method("Win32_Service", "StartService", start_service)
        .method("Win32_Service", "StopService", stop_service)
        .method("Win32_Service", "ChangeStartMode", change_start_mode)
        .method("Win32_Share", "Create", create_share)
        .method("Win32_Share", "SetShareInfo", set_share_info)
        .method("Win32_Share", "Delete", delete_share)
        .method("Demo_Item", "Echo", echo)
        .method("Demo_Item", "Add", add)
        .method("Demo_Item", "Increment", increment)
}

type Reply = Result<MethodReply, MethodFailure>;

fn start_service(call: &mut MethodCall<'_>) -> Reply {
    call.only(&[])?;
    switch_service(call, true)
}

fn stop_service(call: &mut MethodCall<'_>) -> Reply {
    call.only(&[])?;
    switch_service(call, false)
}

fn switch_service(call: &mut MethodCall<'_>, on: bool) -> Reply {
    let service = call.instance()?;
    if service.get::<Option<bool>>("Started")? == Some(on) {
        let code = if on { ALREADY_RUNNING } else { NOT_ACTIVE };
        return Ok(MethodReply::new(code));
    }
    let (state, process) = if on {
        ("Running", 4242u32)
    } else {
        ("Stopped", 0)
    };
    let service = service.with("Started", on).with("State", state);
    call.insert(service.with("ProcessId", process))?;
    Ok(MethodReply::new(DONE))
}

fn change_start_mode(call: &mut MethodCall<'_>) -> Reply {
    call.only(&["StartMode"])?;
    let service = call.instance()?;
    let mode = match call.get::<String>("StartMode")?.as_str() {
        "Automatic" => "Auto",
        "Manual" => "Manual",
        "Disabled" => "Disabled",
        _ => return Ok(MethodReply::new(INVALID_PARAMETER)),
    };
    call.insert(service.with("StartMode", mode))?;
    Ok(MethodReply::new(DONE))
}

/// Static.
fn create_share(call: &mut MethodCall<'_>) -> Reply {
    let optional = ["Description", "MaximumAllowed"];
    call.only(&[
        "Path",
        "Name",
        "Type",
        optional[0],
        optional[1],
        "Password",
        "Access",
    ])?;
    let name: String = call.get("Name")?;
    let share = Instance::new("Win32_Share")
        .with_key("Name", name.as_str())
        .with("Path", call.get::<String>("Path")?)
        .with("Type", call.get::<u32>("Type")?)
        .with(
            "AllowMaximum",
            call.get::<Option<u32>>("MaximumAllowed")?.is_none(),
        );
    if call
        .find(&InstancePath::new("Win32_Share").with_key("Name", name))
        .is_some()
    {
        return Ok(MethodReply::new(SHARE_EXISTS));
    }
    let given = |share: Instance, name: &str| match call.arguments().value(name) {
        Some(value) => share.with(name, value.clone()),
        None => share,
    };
    let share = optional.into_iter().fold(share, given);
    call.insert(share)?;
    Ok(MethodReply::new(DONE))
}

fn set_share_info(call: &mut MethodCall<'_>) -> Reply {
    call.only(&["MaximumAllowed", "Description", "Access"])?;
    let mut share = call.instance()?;
    if let Some(most) = call.get::<Option<u32>>("MaximumAllowed")? {
        share.set("MaximumAllowed", most).set("AllowMaximum", false);
    }
    if let Some(text) = call.get::<Option<String>>("Description")? {
        share.set("Description", text);
    }
    call.insert(share)?;
    Ok(MethodReply::new(DONE))
}

fn delete_share(call: &mut MethodCall<'_>) -> Reply {
    call.only(&[])?;
    let name: String = call.instance()?.get("Name")?;
    call.remove(&InstancePath::new("Win32_Share").with_key("Name", name));
    Ok(MethodReply::new(DONE))
}

/// Static: returns every argument under its own name.
fn echo(call: &mut MethodCall<'_>) -> Reply {
    let arguments = call.arguments().properties().iter();
    Ok(arguments.fold(MethodReply::new(42u32), |reply, argument| {
        reply.with(argument.name(), argument.value().clone())
    }))
}

/// Static.
fn add(call: &mut MethodCall<'_>) -> Reply {
    call.only(&["Numbers"])?;
    let numbers: Vec<u32> = call.get("Numbers")?;
    let sum: u64 = numbers.into_iter().map(u64::from).sum();
    Ok(MethodReply::new(DONE)
        .with("Sum", sum)
        .with("Remark", Value::Null))
}

fn increment(call: &mut MethodCall<'_>) -> Reply {
    call.only(&["By"])?;
    let item = call.instance()?;
    let by: u32 = call.get("By")?;
    let value = item
        .get::<Option<u32>>("U32")?
        .unwrap_or(0)
        .wrapping_add(by);
    call.insert(item.with("U32", value))?;
    Ok(MethodReply::new(DONE).with("NewValue", value))
}
