//! Creates a share that must not exist yet, as `PutOptions(…, PutType.CreateOnly)` does in .NET, and
//! handles what can go wrong:
//!
//! ```sh
//! cargo run --features simulator --example create_only
//! ```
#![allow(clippy::print_stdout)]

use std::time::Duration;

use wsman::cim::CimStatus;
use wsman::simulator::{Knob, sample};
use wsman::{Credentials, Error, Instance, PutMode, Session, WsmanOption};

async fn create(session: &Session, class: &str, name: &str) {
    let share = Instance::new(class).with_key("Name", name);
    let put = session
        .put_instance(&share.with("Path", r"C:\logs").with("Type", 0u32))
        .mode(PutMode::CreateOnly)
        .option(WsmanOption::new("wmi:__CorrelationId", "7d1c"))
        .deadline(Duration::from_secs(2));
    match put.await {
        Ok(put) => println!("created {}", put.path),
        Err(Error::AlreadyExists(_)) => println!("{name} is there already"),
        Err(error @ Error::AccessDenied(_)) => println!("{}: {error}", error.wbem()),
        Err(error) => println!("{}, {:?}: {error}", error.name(), error.delivery()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = sample().start().await?;
    let builder = |password: &str| {
        Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), password))
            .allow_unencrypted()
            .namespace("root/cimv2")
            .build()
    };
    let session = builder(simulator.password())?;
    create(&session, "Win32_Share", "logs").await;
    create(&session, "Win32_Share", "logs").await;
    create(&session, "Win32_Nothing", "logs").await;
    simulator.next(Knob::Fault(CimStatus::AccessDenied));
    create(&session, "Win32_Share", "denied").await;
    simulator.next(Knob::Delay(Duration::from_secs(60)));
    create(&session, "Win32_Share", "slow").await;
    create(&builder("wrong")?, "Win32_Share", "other").await;
    Ok(())
}
