//! Every operation, on the simulator's sample.
#![allow(dead_code, reason = "no test uses all of this file")]

use std::time::Duration;

use wsman::simulator::Simulator;
use wsman::{Error, Instance, InstancePath, PutMode, Session};

/// An operation. After a write the share `public` has the type 7, or is gone; or `logs` exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Identify,
    Get,
    GetProperty,
    GetClass,
    EnumerateClasses,
    Enumerate,
    /// An enumeration with a Pull.
    EnumerateInPages,
    Query,
    Put,
    /// A create-or-update of a missing instance: a Put, then a Create.
    PutMissing,
    Modify,
    Create,
    Delete,
    Invoke,
    Subscribe,
}

use Operation::{
    Create, Delete, Enumerate, EnumerateClasses, EnumerateInPages, Get, GetClass, GetProperty,
    Identify, Invoke, Modify, Put, PutMissing, Query, Subscribe,
};

/// The operations of one message.
pub(crate) const OF_ONE_MESSAGE: [Operation; 12] = [
    Identify,
    Get,
    GetProperty,
    GetClass,
    EnumerateClasses,
    Enumerate,
    Query,
    Put,
    Modify,
    Create,
    Delete,
    Invoke,
];

/// All operations.
pub(crate) const ALL: [Operation; 15] = [
    Identify,
    Get,
    GetProperty,
    GetClass,
    EnumerateClasses,
    Enumerate,
    EnumerateInPages,
    Query,
    Put,
    PutMissing,
    Modify,
    Create,
    Delete,
    Invoke,
    Subscribe,
];

pub(crate) const PUBLIC: &str = r#"Win32_Share.Name="public""#;

fn share(name: &str) -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", name)
}

impl Operation {
    pub(crate) fn is_read(self) -> bool {
        !matches!(self, Put | PutMissing | Modify | Create | Delete | Invoke)
    }

    /// Performs the operation within a deadline.
    pub(crate) async fn perform(self, session: &Session, limit: Duration) -> Result<(), Error> {
        let public = Instance::new("Win32_Share")
            .with_key("Name", "public")
            .with("Type", 7u32);
        let logs = Instance::new("Win32_Share")
            .with_key("Name", "logs")
            .with("Path", r"C:\logs");
        match self {
            Identify => session.identify().deadline(limit).await.map(drop),
            Get => session.get_instance(PUBLIC).deadline(limit).await.map(drop),
            GetProperty => session
                .get_property(PUBLIC, "Type")
                .deadline(limit)
                .await
                .map(drop),
            GetClass => session
                .get_class("Win32_Share")
                .deadline(limit)
                .await
                .map(drop),
            EnumerateClasses => session
                .enumerate_classes("Win32_Share")
                .deadline(limit)
                .await
                .map(drop),
            Enumerate => session
                .enumerate_instances("Win32_Share")
                .deadline(limit)
                .await
                .map(drop),
            EnumerateInPages => {
                let rows = session.enumerate_instances("Win32_LogicalDisk");
                rows.max_elements(1)
                    .pages_ahead(0)
                    .deadline(limit)
                    .await
                    .map(drop)
            }
            Query => {
                let rows = session.query_instances("SELECT * FROM Win32_Share");
                rows.deadline(limit).await.map(drop)
            }
            Put => {
                let put = session.put_instance(&public).mode(PutMode::UpdateOnly);
                put.deadline(limit).await.map(drop)
            }
            PutMissing => session.put_instance(&logs).deadline(limit).await.map(drop),
            Modify => session
                .modify_instance(&public)
                .deadline(limit)
                .await
                .map(drop),
            Create => session
                .create_instance(&logs)
                .deadline(limit)
                .await
                .map(drop),
            Delete => session.delete_instance(PUBLIC).deadline(limit).await,
            Invoke => session
                .invoke_method(PUBLIC, "Delete")
                .deadline(limit)
                .await
                .map(drop),
            Subscribe => {
                let query = "SELECT * FROM Demo_Tick";
                session.subscribe(query).deadline(limit).await.map(drop)
            }
        }
    }

    /// Returns whether a write was done.
    pub(crate) fn is_done(self, simulator: &Simulator) -> bool {
        let public = simulator.instance(&share("public"));
        match self {
            Put | Modify => public.unwrap().get::<u32>("Type") == Ok(7),
            Delete | Invoke => public.is_none(),
            PutMissing | Create => simulator.instance(&share("logs")).is_some(),
            _ => true,
        }
    }
}
