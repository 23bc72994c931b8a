//! Sends recorded method calls to the simulator unchanged, and compares its responses with those of the
//! real server.

use std::path::Path;

use wsman::cim::{CimStatus, CimType, Class, Instance, Name};
use wsman::protocol::{Message, MessageKind};
use wsman::simulator::{
    Dialect, MethodCall, MethodFailure, MethodReply, Simulator, SimulatorBuilder,
};

use crate::client::{connect, exchange, http};

type Reply = Result<MethodReply, MethodFailure>;

/// The methods of the provider in the recordings of OMI.
async fn omi() -> Simulator {
    let namespace = "root/peer".parse().unwrap();
    let item = Class::new("PEER_Item").with_key("Id", CimType::String);
    let first = Instance::new("PEER_Item").with_key("Id", "item-000001");
    Simulator::builder()
        .dialect(Dialect::Omi)
        .namespace(namespace)
        .class(item.with("U32", CimType::Uint32))
        .instance(first.with("U32", 1u32))
        .method("PEER_Item", "Reset", |call| {
            call.only(&["Count"])?;
            let count: Option<u32> = call.get("Count")?;
            Ok(MethodReply::new(count.unwrap_or(10)))
        })
        .method("PEER_Item", "Increment", |call| {
            let item = call.instance()?;
            let value = item.get::<u32>("U32")? + call.get::<u32>("By")?;
            call.insert(item.with("U32", value))?;
            Ok(MethodReply::new(0u32).with("NewValue", value))
        })
        .method("PEER_Item", "Echo", echo)
        .method("PEER_Item", "Fail", |call| match call.get("Result")? {
            0 => Ok(MethodReply::new(0u32)),
            code => Err(CimStatus::from_code(code).into()),
        })
        .method("PEER_Item", "Sleep", |_| Ok(MethodReply::new(0u32)))
        .start()
        .await
        .unwrap()
}

fn echo(call: &mut MethodCall<'_>) -> Reply {
    let arguments = call.arguments().properties().iter();
    let reply = arguments.fold(MethodReply::new(42u32), |reply, argument| {
        reply.with(argument.name(), argument.value().clone())
    });
    Ok(reply.with("b", call.get::<bool>("b")?))
}

/// Returns each argument under its name with the suffix `Out`.
fn echo_out(call: &mut MethodCall<'_>) -> Reply {
    let arguments = call.arguments().properties().iter();
    Ok(arguments.fold(MethodReply::new(0u32), |reply, argument| {
        let name = Name::new(format!("{}Out", argument.name()));
        reply.with(name, argument.value().clone())
    }))
}

/// The methods of the providers in the recordings of openwsman.
async fn openwsman() -> Simulator {
    let perf = Class::new("Peer_Perf").with_key("Id", CimType::Uint32);
    let builder: SimulatorBuilder = Simulator::builder().dialect(Dialect::Openwsman);
    builder
        .namespace("root/cimv2".parse().unwrap())
        .class(perf)
        .class(Class::new("Sample_Method").with_key("Id", CimType::Uint32))
        .method("Peer_Perf", "Echo", echo_out)
        .method("Peer_Perf", "EchoArray", echo_out)
        .method("Peer_Perf", "Populate", |call| {
            let count: u32 = call.get("Count")?;
            Ok(MethodReply::new(0u32).with("Have", count))
        })
        .method("Sample_Method", "SayHello", |call| {
            let hello = format!("Hello,{}", call.get::<String>("Name")?);
            Ok(MethodReply::new(hello).with("Message", "Have a good day"))
        })
        .start()
        .await
        .unwrap()
}

/// The compared parts of a response: its action, its content in order, and the fault without its text.
#[derive(Debug, PartialEq)]
struct Answer {
    action: Option<String>,
    relates_to: Option<String>,
    outputs: Vec<(String, Instance)>,
    fault: Option<(
        Option<wsman::protocol::FaultSubcode>,
        Option<wsman::protocol::FaultDetail>,
        Option<CimStatus>,
    )>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let message = Message::read(bytes).unwrap();
        assert_ne!(message.kind, MessageKind::Unknown);
        let outputs = message.instances.into_iter().map(|instance| {
            let names = instance.properties().iter();
            let names: Vec<_> = names.map(|property| property.name().as_str()).collect();
            (names.join(" "), instance)
        });
        Self {
            action: message.action,
            relates_to: message.relates_to,
            outputs: outputs.collect(),
            fault: message.fault.map(|fault| {
                let status = fault.cim_status();
                (fault.subcode, fault.fault_detail, status)
            }),
        }
    }
}

async fn compare(simulator: &Simulator, server: &str, case: &str) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = fixtures.join(server).join(case);
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let request = String::from_utf8(read("01.request.xml")).unwrap();
    let mut stream = connect(simulator).await;
    let reply = exchange(&mut stream, &http(simulator, "", &request)).await;
    let found = Answer::of(&reply.unwrap().body);
    let wanted = Answer::of(&read("01.response.xml"));
    assert_eq!(found, wanted, "{case}");
}

#[tokio::test]
async fn omi_answers_methods_as_recorded() {
    let simulator = omi().await;
    for case in [
        "01-invoke-reset",
        "129-invoke-increment",
        "130-invoke-increment-notfound",
        "132-invoke-empty-input",
        "133-invoke-unknown-method",
        "134-invoke-unknown-param",
        "135-invoke-bad-param-type",
        "137-invoke-echo-all-types",
        "139-invoke-ms-cimschema-action",
        "141-invoke-fail-00",
        "142-invoke-fail-01",
        "143-invoke-fail-02",
        "144-invoke-fail-03",
        "146-invoke-fail-05",
        "147-invoke-fail-06",
        "148-invoke-fail-07",
        "152-invoke-fail-11",
        "158-invoke-fail-17",
        "173-invoke-sleep-timeout",
    ] {
        compare(&simulator, "omi", case).await;
    }
}

#[tokio::test]
async fn openwsman_answers_methods_as_recorded() {
    let simulator = openwsman().await;
    for case in [
        "100-invoke-echo",
        "101-invoke-array",
        "102-invoke-static-populate",
        "103-invoke-unknown-method",
        "105-invoke-missing-instance",
        "106-invoke-bad-class",
        "107-invoke-sample-method",
        "108-invoke-missing-param",
        "110-invoke-method-elem",
        "cli-invoke",
    ] {
        compare(&simulator, "openwsman", case).await;
    }
}
