//! Blocking calls, outside and inside an async runtime.

use wsman::blocking::{Session, iter};
use wsman::error::{Delivery, Error};
use wsman::simulator::{Simulator, sample};
use wsman::{Credentials, Instance, SessionBuilder};

fn builder(simulator: &Simulator) -> SessionBuilder {
    let login = Credentials::basic(simulator.user(), simulator.password());
    let builder = Session::builder(simulator.url()).credentials(login);
    builder.namespace("root/cimv2").allow_unencrypted()
}

/// Runs a script beside a server, whose runtime is another one.
fn beside_a_server(script: impl FnOnce(&Simulator)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let simulator = runtime.block_on(sample().start()).unwrap();
    script(&simulator);
}

#[test]
fn a_script_writes_reads_and_iterates() {
    beside_a_server(|simulator| {
        let session = builder(simulator).build_blocking().unwrap();
        let share = Instance::new("Win32_Share")
            .with_key("Name", "logs")
            .with("Path", r"C:\logs");
        session.put_instance(&share).wait().unwrap();
        let read = session.get_instance(&share).optional().wait().unwrap();
        assert_eq!(read.unwrap().get::<String>("Path").unwrap(), r"C:\logs");
        let services = session.enumerate_instances("Win32_Service").max_elements(1);
        let rows = services.iter().collect::<Result<Vec<_>, _>>().unwrap();
        let awaited = session.enumerate_instances("Win32_Service").wait().unwrap();
        assert_eq!(rows, awaited);
        let missing = session.get_instance(r#"Win32_Share.Name="missing""#).wait();
        assert!(matches!(missing, Err(Error::NotFound(_))));
    });
}

#[test]
fn dropping_an_iterator_releases_the_enumeration() {
    beside_a_server(|simulator| {
        let session = builder(simulator).build_blocking().unwrap();
        let rows = session
            .enumerate_instances("Demo_Item")
            .max_elements(1)
            .unoptimized();
        let mut rows = rows.iter();
        rows.next().unwrap().unwrap();
        drop(rows);
        let start = std::time::Instant::now();
        while simulator.open_enumerations() > 0 {
            assert!(start.elapsed() < std::time::Duration::from_secs(10));
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    });
}

#[test]
fn threads_share_a_session() {
    beside_a_server(|simulator| {
        let session = builder(simulator).build_blocking().unwrap();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let session = session.clone();
                std::thread::spawn(move || session.identify().wait().map(drop))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    });
}

#[tokio::test]
async fn refuses_to_block_inside_an_async_runtime() {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator).build_blocking().unwrap();
    let refused = |error: Error| {
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    };
    refused(session.identify().wait().unwrap_err());
    let mut rows = session.enumerate_instances("Win32_Share").iter();
    refused(rows.next().unwrap().unwrap_err());
    assert!(rows.next().is_none());
    let mut rows = iter(session.enumerate_instances("Win32_Share").stream());
    refused(rows.next().unwrap().unwrap_err());
    assert_eq!(simulator.connections(), 0);
    session.into_async().identify().await.unwrap();
}
