//! The services of the sample model, and their dependencies.

use crate::cim::{CimType, Class, Instance, InstancePath};

/// Name, display name, state, process, start mode.
const SERVICES: [(&str, &str, &str, u32, &str); 13] = [
    ("BFE", "Base Filtering Engine", "Running", 1204, "Auto"),
    ("Dhcp", "DHCP Client", "Running", 1004, "Auto"),
    ("Dnscache", "DNS Client", "Running", 1096, "Auto"),
    ("EventLog", "Windows Event Log", "Running", 1004, "Auto"),
    ("LanmanServer", "Server", "Running", 1968, "Auto"),
    ("LanmanWorkstation", "Workstation", "Running", 1096, "Auto"),
    (
        "MpsSvc",
        "Windows Defender Firewall",
        "Running",
        1204,
        "Auto",
    ),
    (
        "RpcSs",
        "Remote Procedure Call (RPC)",
        "Running",
        868,
        "Auto",
    ),
    ("Schedule", "Task Scheduler", "Running", 1100, "Auto"),
    ("Spooler", "Print Spooler", "Running", 1840, "Auto"),
    ("W32Time", "Windows Time", "Stopped", 0, "Auto"),
    (
        "WinRM",
        "Windows Remote Management (WS-Management)",
        "Running",
        2212,
        "Auto",
    ),
    ("wuauserv", "Windows Update", "Stopped", 0, "Manual"),
];

/// The required service, and the one that depends on it.
const DEPENDENCIES: [(&str, &str); 7] = [
    ("RpcSs", "BFE"),
    ("BFE", "MpsSvc"),
    ("RpcSs", "Schedule"),
    ("EventLog", "Schedule"),
    ("RpcSs", "Spooler"),
    ("RpcSs", "WinRM"),
    ("RpcSs", "wuauserv"),
];

/// Returns the association classes: the services of the computer, and their dependencies.
pub(super) fn association_classes() -> Vec<Class> {
    let reference = CimType::Reference;
    vec![
        Class::new("CIM_Dependency")
            .as_abstract()
            .with_key("Antecedent", reference)
            .with_key("Dependent", reference),
        Class::new("Win32_DependentService")
            .extends("CIM_Dependency")
            .with("TypeOfDependency", CimType::Uint16),
        Class::new("Win32_SystemServices")
            .with_key("GroupComponent", reference)
            .with_key("PartComponent", reference),
    ]
}

/// Returns the services and their associations.
pub(super) fn instances(computer: &InstancePath) -> Vec<Instance> {
    let services = SERVICES.into_iter().map(service);
    let members = SERVICES.into_iter().map(|(name, ..)| {
        Instance::new("Win32_SystemServices")
            .with_key("GroupComponent", computer.clone())
            .with_key("PartComponent", path(name))
    });
    let dependencies = DEPENDENCIES.into_iter().map(|(antecedent, dependent)| {
        Instance::new("Win32_DependentService")
            .with_key("Antecedent", path(antecedent))
            .with_key("Dependent", path(dependent))
    });
    services.chain(members).chain(dependencies).collect()
}

fn path(name: &str) -> InstancePath {
    InstancePath::new("Win32_Service").with_key("Name", name)
}

fn service(row: (&str, &str, &str, u32, &str)) -> Instance {
    let (name, display_name, state, process, start_mode) = row;
    Instance::new("Win32_Service")
        .with_key("Name", name)
        .with("Caption", display_name)
        .with("DisplayName", display_name)
        .with("Status", "OK")
        .with("State", state)
        .with("Started", state == "Running")
        .with("StartMode", start_mode)
        .with("ProcessId", process)
}
