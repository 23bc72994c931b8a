//! The number of rows on each page of Windows Server 2012, counted with another program.

/// The enumerations of a class, with the pages of each in order.
pub(crate) struct Recorded {
    pub(crate) class: &'static str,
    /// The rows of `<class>_all_000.xml` and so on: all properties, each selected by name in a query.
    pub(crate) all: &'static [usize],
    /// The rows of `<class>_star_000.xml` and so on: whole instances.
    pub(crate) star: &'static [usize],
}

/// The only rows of a subclass: its name, and the class they were enumerated with.
pub(crate) const DERIVED: (&str, &str) = ("Win32_TerminalService", "Win32_Service");

pub(crate) const ENUMERATIONS: &[Recorded] = &[
    rows("Win32_ComputerSystem", &[1], &[1]),
    rows("Win32_IP4RouteTable", &[1, 13], &[1, 13]),
    rows("Win32_LogicalDisk", &[1], &[1]),
    rows("Win32_NetworkAdapterConfiguration", &[1, 12], &[1, 12]),
    rows("Win32_OperatingSystem", &[1], &[1]),
    rows("Win32_PerfRawData_PerfDisk_PhysicalDisk", &[1, 1], &[1, 1]),
    rows(
        "Win32_PerfRawData_PerfProc_Process",
        &[1, 44, 1],
        &[1, 37, 8],
    ),
    rows("Win32_PerfRawData_Tcpip_NetworkInterface", &[1, 2], &[1, 2]),
    rows("Win32_Process", &[1, 36, 9], &[1, 32, 13]),
    rows("Win32_Processor", &[1], &[1]),
    rows("Win32_Product", &[1, 2], &[1, 2]),
    rows("Win32_Service", &[1, 59, 61, 10], &[1, 50, 52, 28]),
    rows("Win32_SystemEnclosure", &[1], &[1]),
    rows("Win32_Volume", &[1, 1], &[1, 1]),
];

const fn rows(class: &'static str, all: &'static [usize], star: &'static [usize]) -> Recorded {
    Recorded { class, all, star }
}
