//! Tests a program of one's own: a simulator with its class and method, in the dialect of each server, and
//! with a lost answer:
//!
//! ```sh
//! cargo run --features simulator --example own_class
//! ```
#![allow(clippy::print_stdout)]

use wsman::cim::{CimType, Class};
use wsman::simulator::{Dialect, Knob, MethodReply, Simulator};
use wsman::{Credentials, Error, Instance, Session};

/// The program under test: switches all lamps off, and returns how many were on.
async fn all_off(session: &Session) -> Result<u32, Error> {
    let mut switched = 0;
    for lamp in session.enumerate_instances("Acme_Lamp").await? {
        let done = session
            .invoke_method(&lamp, "Switch")
            .arg("On", false)
            .await?;
        switched += u32::from(done.get::<bool>("Before")?);
    }
    Ok(switched)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for dialect in [Dialect::Windows, Dialect::Omi, Dialect::Openwsman] {
        let class = Class::new("Acme_Lamp").with_key("Id", CimType::Uint32);
        let lamp = Instance::new("Acme_Lamp").with("On", true);
        let simulator = Simulator::builder()
            .dialect(dialect)
            .namespace("root/acme".parse()?)
            .class(class.with("On", CimType::Boolean))
            .instance(lamp.clone().with_key("Id", 1u32))
            .instance(lamp.with_key("Id", 2u32))
            .method("Acme_Lamp", "Switch", |call| {
                let (lamp, on) = (call.instance()?, call.get::<bool>("On")?);
                let before: bool = lamp.get("On")?;
                call.insert(lamp.with("On", on))?;
                Ok(MethodReply::new(0u32).with("Before", before))
            })
            .start()
            .await?;
        let session = Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), simulator.password()))
            .allow_unencrypted()
            .namespace("root/acme")
            .build()?;
        simulator.next(Knob::Pass).next(Knob::DropAnswer);
        let lost = all_off(&session).await.err();
        println!("{dialect:?}: {:?}", lost.map(|error| error.delivery()));
        println!("{dialect:?}: {} switched off", all_off(&session).await?);
    }
    Ok(())
}
