//! The operations of a session on a foreign server in front of the simulator.

use wsman::PutMode::{self, CreateOnly, CreateOrUpdate, UpdateOnly};
use wsman::PutOutcome::{Created, Updated};
use wsman::simulator::Simulator;
use wsman::{Error, Instance, InstancePath, Put, Session};

pub(crate) fn share(name: &str) -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", name)
        .with("Path", r"C:\logs")
        .with("Type", 0u32)
}

pub(crate) fn path(name: &str) -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", name)
}

/// Puts in the three modes, on a missing and on an existing instance.
pub(crate) async fn every_mode_of_put(session: &Session, simulator: &Simulator) {
    let put = async |mode: PutMode, to: &str| -> Result<Put, Error> {
        let share = share("logs").with("Path", to);
        session.put_instance(&share).mode(mode).await
    };
    let kept = || {
        simulator
            .instance(&path("logs"))
            .and_then(|share| share.get::<String>("Path").ok())
    };

    let missing = put(UpdateOnly, "1").await.unwrap_err();
    assert!(matches!(missing, Error::NotFound(_)), "{missing:?}");
    assert_eq!(kept(), None);
    assert_eq!(put(CreateOnly, "2").await.unwrap().outcome, Created);
    assert_eq!(kept().as_deref(), Some("2"));
    let there = put(CreateOnly, "3").await.unwrap_err();
    assert!(matches!(there, Error::AlreadyExists(_)), "{there:?}");
    assert_eq!(put(UpdateOnly, "4").await.unwrap().outcome, Updated);
    assert_eq!(kept().as_deref(), Some("4"));
    assert_eq!(put(CreateOrUpdate, "5").await.unwrap().outcome, Updated);
    assert_eq!(kept().as_deref(), Some("5"));
    session.delete_instance(path("logs")).await.unwrap();
    assert_eq!(put(CreateOrUpdate, "6").await.unwrap().outcome, Created);
    assert_eq!(kept().as_deref(), Some("6"));
}

/// Rows of more than one page.
pub(crate) async fn rows(session: &Session, simulator: &Simulator) {
    let rows = session
        .enumerate_instances("Win32_Service")
        .max_elements(2)
        .await
        .unwrap();
    assert_eq!(rows.len(), simulator.instances("Win32_Service").len());
    assert!(rows.len() > 4, "that is no more than two pages");
}

/// Sixteen concurrent writes, each done once.
pub(crate) async fn sixteen_at_a_time(session: &Session, simulator: &Simulator) {
    let before = simulator.instances("Win32_Share").len();
    let puts: Vec<_> = (0..16)
        .map(|number| {
            let share = share(&format!("logs{number}"));
            session.put_instance(&share).mode(CreateOnly).start()
        })
        .collect();
    for put in puts {
        assert_eq!(put.await.unwrap().outcome, Created);
    }
    assert_eq!(simulator.instances("Win32_Share").len(), before + 16);
}
