//! A small model that looks like a Windows computer.

mod methods;
mod services;

use methods::methods;

use crate::cim::{
    CimType, Class, DateTime, Instance, InstancePath, MethodDecl, Namespace, ParameterDecl,
    PropertyDecl, Value,
};
use crate::simulator::{Simulator, SimulatorBuilder};

/// Returns a server with a small model in `root/cimv2`, and an empty namespace `root/other` with
/// the same classes.
///
/// | class | keys | remarks |
/// |---|---|---|
/// | `Win32_ComputerSystem` | `Name` | one instance, `simulator` |
/// | `Win32_Service` | `Name` | 13, `Spooler` and `W32Time` among them; `State` is read-only |
/// | `Win32_LogicalDisk` | `DeviceID` | `C:`, `D:` |
/// | `Win32_Share` | `Name` | `public`, `reports`; `Path` must not be NULL, `Type` has the default 0 |
/// | `Win32_SystemServices` | `GroupComponent`, `PartComponent` | associates the computer with each service |
/// | `Win32_DependentService` | `Antecedent`, `Dependent` | associates services: `RpcSs` is needed by five |
/// | `Demo_Item` | `Id` | `first`; a property of every type (`U32`, `Str` …) and an array of each |
/// | `Demo_Pair` | `Name`, `Number` | `left`, 1 |
/// | `Demo_Shape` | `Name` | abstract |
/// | `Demo_Circle`, `Demo_Square` | `Name` | its subclasses: `round`, `square` |
/// | `Demo_Link` | `From`, `To` | references are keys |
/// | `Demo_Settings` | none | a singleton |
/// | `Demo_Job` | `JobId` | the server assigns the key |
/// | `Demo_Tick` | none | events, which [`Simulator::emit`] emits: `Number`, `Text` |
///
/// | method | arguments | behaviour |
/// |---|---|---|
/// | `Win32_Service.StartService`, `StopService` | none | returns 10 or 6 if it has nothing to do |
/// | `Win32_Service.ChangeStartMode` | `StartMode` | returns 21 for an unknown mode |
/// | `Win32_Share.Create`, static | `Path`, `Name`, `Type` and others | returns 22 if the share exists |
/// | `Win32_Share.SetShareInfo`, `Delete` | `MaximumAllowed`, `Description`; none | |
/// | `Demo_Item.Echo`, static | any | returns them, with the return value 42 |
/// | `Demo_Item.Add`, static | `Numbers` | returns their `Sum`, and a `Remark` that is NULL |
/// | `Demo_Item.Increment` | `By` | adds to `U32`, returns the `NewValue` |
///
/// ```
/// use wsman::InstancePath;
/// use wsman::simulator::sample;
/// # wsman::doc_examples::block_on(async || {
/// let simulator = sample().start().await?;
/// let spooler = InstancePath::new("Win32_Service").with_key("Name", "Spooler");
/// assert_eq!(simulator.instance(&spooler).unwrap().get::<String>("State").unwrap(), "Running");
/// assert_eq!(simulator.instances("Demo_Circle").len(), 1);
/// # Ok(()) });
/// ```
pub fn sample() -> SimulatorBuilder {
    let simulator = in_namespace(Simulator::builder(), "root/cimv2");
    let computer = InstancePath::new("Win32_ComputerSystem").with_key("Name", "simulator");
    let simulator = instances()
        .into_iter()
        .chain(services::instances(&computer))
        .fold(simulator, SimulatorBuilder::instance);
    in_namespace(simulator, "root/other")
}

fn in_namespace(simulator: SimulatorBuilder, namespace: &str) -> SimulatorBuilder {
    let Ok(namespace) = namespace.parse::<Namespace>() else {
        return simulator;
    };
    let simulator = simulator.namespace(namespace);
    let classes = [
        win32_classes(),
        services::association_classes(),
        demo_classes(),
    ]
    .concat();
    let simulator = classes
        .into_iter()
        .fold(simulator, SimulatorBuilder::class)
        .assign_key("Demo_Job", "JobId");
    methods(simulator)
}

fn win32_classes() -> Vec<Class> {
    let text = CimType::String;
    vec![
        Class::new("CIM_ManagedSystemElement")
            .as_abstract()
            .with("Caption", text)
            .with("Description", text)
            .with("InstallDate", CimType::DateTime)
            .with_property(PropertyDecl::new("Status", text).read_only()),
        Class::new("Win32_ComputerSystem")
            .extends("CIM_ManagedSystemElement")
            .with_key("Name", text)
            .with("Domain", text)
            .with("NumberOfProcessors", CimType::Uint32)
            .with("PartOfDomain", CimType::Boolean)
            .with_array("Roles", text)
            .with("TotalPhysicalMemory", CimType::Uint64),
        Class::new("Win32_Service")
            .extends("CIM_ManagedSystemElement")
            .with_key("Name", text)
            .with("DisplayName", text)
            .with("ProcessId", CimType::Uint32)
            .with("Started", CimType::Boolean)
            .with("StartMode", text)
            .with_property(PropertyDecl::new("State", text).read_only()),
        Class::new("Win32_LogicalDisk")
            .extends("CIM_ManagedSystemElement")
            .with_key("DeviceID", text)
            .with("DriveType", CimType::Uint32)
            .with("FileSystem", text)
            .with("FreeSpace", CimType::Uint64)
            .with("Size", CimType::Uint64)
            .with("VolumeName", text),
        Class::new("Win32_Share")
            .extends("CIM_ManagedSystemElement")
            .with_key("Name", text)
            .with_not_null("Path", text)
            .with_property(PropertyDecl::new("Type", CimType::Uint32).or_else(0u32))
            .with("AllowMaximum", CimType::Boolean)
            .with("MaximumAllowed", CimType::Uint32),
    ]
}

fn demo_classes() -> Vec<Class> {
    let (text, number) = (CimType::String, CimType::Uint32);
    vec![
        item_class(),
        Class::new("Demo_Part")
            .with("Label", text)
            .with("Count", number),
        Class::new("Demo_Pair")
            .with_key("Name", text)
            .with_key("Number", number)
            .with("Value", text),
        Class::new("Demo_Shape")
            .as_abstract()
            .with_key("Name", text)
            .with("Color", text),
        Class::new("Demo_Circle")
            .extends("Demo_Shape")
            .with("Radius", CimType::Real64),
        Class::new("Demo_Square")
            .extends("Demo_Shape")
            .with("Side", CimType::Real64),
        Class::new("Demo_Link")
            .with_key("From", CimType::Reference)
            .with_key("To", CimType::Reference)
            .with("Strength", CimType::Uint8),
        Class::new("Demo_Settings")
            .as_singleton()
            .with("Mode", text)
            .with("Limit", number),
        Class::new("Demo_Job")
            .with_key("JobId", number)
            .with("Command", text),
        Class::new("CIM_Indication")
            .as_indication()
            .as_abstract()
            .with("IndicationIdentifier", text)
            .with("IndicationTime", CimType::DateTime),
        Class::new("Demo_Tick")
            .extends("CIM_Indication")
            .as_indication()
            .with("Number", number)
            .with("Text", text),
    ]
}

/// The properties of `Demo_Item` by type; each type also has an array, whose name ends in `A`.
const ITEM_TYPES: [(&str, CimType); 17] = [
    ("B", CimType::Boolean),
    ("U8", CimType::Uint8),
    ("S8", CimType::Sint8),
    ("U16", CimType::Uint16),
    ("S16", CimType::Sint16),
    ("U32", CimType::Uint32),
    ("S32", CimType::Sint32),
    ("U64", CimType::Uint64),
    ("S64", CimType::Sint64),
    ("R32", CimType::Real32),
    ("R64", CimType::Real64),
    ("C16", CimType::Char16),
    ("Str", CimType::String),
    ("Ts", CimType::DateTime),
    ("Iv", CimType::DateTime),
    ("Part", CimType::Instance),
    ("Peer", CimType::Reference),
];

fn item_class() -> Class {
    let add = MethodDecl::new("Add")
        .returns(CimType::Uint32)
        .as_static()
        .with(ParameterDecl::input("Numbers", CimType::Uint32).array())
        .with(ParameterDecl::output("Sum", CimType::Uint64))
        .with(ParameterDecl::output("Remark", CimType::String));
    let item = Class::new("Demo_Item")
        .with_key("Id", CimType::String)
        .with_method(add);
    let item = ITEM_TYPES
        .into_iter()
        .fold(item, |item, (name, cim_type)| item.with(name, cim_type));
    ITEM_TYPES.into_iter().fold(item, |item, (name, cim_type)| {
        item.with_array(format!("{name}A"), cim_type)
    })
}

fn instances() -> Vec<Instance> {
    vec![
        Instance::new("Win32_ComputerSystem")
            .with_key("Name", "simulator")
            .with("Domain", "WORKGROUP")
            .with("NumberOfProcessors", 2u32)
            .with("PartOfDomain", false)
            .with("Roles", vec!["LM_Workstation", "LM_Server", "NT"])
            .with("TotalPhysicalMemory", 17_179_869_184_u64),
        Instance::new("Win32_LogicalDisk")
            .with_key("DeviceID", "C:")
            .with("DriveType", 3u32)
            .with("FileSystem", "NTFS")
            .with("FreeSpace", 42_949_672_960_u64)
            .with("Size", 136_838_115_328_u64)
            .with("VolumeName", "System"),
        Instance::new("Win32_LogicalDisk")
            .with_key("DeviceID", "D:")
            .with("DriveType", 5u32)
            .with_null("FileSystem"),
        Instance::new("Win32_Share")
            .with_key("Name", "reports")
            .with("Path", r"C:\Reports")
            .with("Type", 0u32)
            .with("AllowMaximum", false)
            .with("MaximumAllowed", 10u32),
        Instance::new("Win32_Share")
            .with_key("Name", "public")
            .with("Path", r"C:\Users\Public")
            .with("Type", 0u32)
            .with("Description", "For all users")
            .with("AllowMaximum", true),
        first_item(),
        Instance::new("Demo_Pair")
            .with_key("Name", "left")
            .with_key("Number", 1u32)
            .with("Value", "v"),
        Instance::new("Demo_Circle")
            .with_key("Name", "round")
            .with("Color", "red")
            .with("Radius", 1.5),
        Instance::new("Demo_Square")
            .with_key("Name", "square")
            .with("Color", "blue")
            .with("Side", 2.0),
        Instance::new("Demo_Settings")
            .singleton()
            .with("Mode", "normal")
            .with("Limit", 10u32),
    ]
}

/// Returns an item with a value in every scalar property, and in some arrays.
fn first_item() -> Instance {
    let pair = InstancePath::new("Demo_Pair")
        .with_key("Name", "left")
        .with_key("Number", 1u32);
    let part = Instance::new("Demo_Part")
        .with("Label", "part-1")
        .with("Count", 3u32);
    let date = |text: &str| {
        text.parse::<DateTime>()
            .map(Value::from)
            .unwrap_or_default()
    };
    Instance::new("Demo_Item")
        .with_key("Id", "first")
        .with("B", true)
        .with("U8", u8::MAX)
        .with("S8", i8::MIN)
        .with("U16", u16::MAX)
        .with("S16", i16::MIN)
        .with("U32", 3u32)
        .with("S32", i32::MIN)
        .with("U64", u64::MAX)
        .with("S64", i64::MIN)
        .with("R32", 1.5f32)
        .with("R64", 2.25f64)
        .with("C16", Value::Char16(8364))
        .with("Str", "a<b & \"c\" €")
        .with("Ts", date("20240229123456.789012+000"))
        .with("Iv", date("00000001020304.000567:000"))
        .with("Part", Value::Instance(Box::new(part)))
        .with("Peer", Value::Reference(Box::new(pair)))
        .with("U8A", vec![0u8, 1, 255])
        .with("StrA", vec!["one", "two & <three>"])
}
