//! Calls a method with an array, an embedded instance and a reference; the class checks them before they
//! are sent:
//!
//! ```sh
//! cargo run --features simulator --example method_arguments
//! ```
#![allow(clippy::print_stdout)]

use wsman::cim::{CimType, Class, MethodDecl, ParameterDecl};
use wsman::simulator::{MethodReply, Simulator, SimulatorBuilder};
use wsman::{Credentials, Instance, InstancePath, Session, Value};

fn server() -> Result<SimulatorBuilder, Box<dyn std::error::Error>> {
    let place = MethodDecl::new("Place")
        .returns(CimType::Uint32)
        .with(ParameterDecl::input("Rooms", CimType::String).array())
        .with(ParameterDecl::in_out("Order", CimType::Instance).of_class("Acme_Order"))
        .with(ParameterDecl::input("Other", CimType::Reference).of_class("Acme_Lamp"))
        .with(ParameterDecl::input("Level", CimType::Uint8));
    let lamp = Class::new("Acme_Lamp").with_key("Id", CimType::Uint32);
    Ok(Simulator::builder()
        .namespace("root/acme".parse()?)
        .class(Class::new("Acme_Order").with("Count", CimType::Uint16))
        .class(lamp.with_method(place))
        .instance(Instance::new("Acme_Lamp").with_key("Id", 1u32))
        .method("Acme_Lamp", "Place", |call| {
            let rooms: Vec<String> = call.get("Rooms")?;
            let order: Instance = call.get("Order")?;
            let count = order.get::<u16>("Count")? + rooms.len() as u16;
            Ok(MethodReply::new(0u32).with("Order", order.with("Count", count)))
        }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = server()?.start().await?;
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/acme")
        .build()?;
    for level in [Value::from(7u8), Value::from(300u16)] {
        let call = session.invoke_method("Acme_Lamp.Id=1", "Place");
        let call = call.arg("Rooms", vec!["hall", "attic"]).arg("Level", level);
        let call = call.arg("Order", Instance::new("Acme_Order").with("Count", 4u16));
        let other = InstancePath::new("Acme_Lamp").with_key("Id", 2u32);
        match call.arg("Other", other).checked().typed().await {
            Ok(placed) => println!(
                "{} {}",
                placed.return_code()?,
                placed.get::<Instance>("Order")?
            ),
            Err(error) => println!("{:?}: {error}", error.delivery()),
        }
    }
    Ok(())
}
