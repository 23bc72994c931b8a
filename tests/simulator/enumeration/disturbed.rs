//! Tests enumerations under disturbances.

use std::time::Duration;

use super::*;
use crate::client::DMTF;
use wsman::simulator::{Dialect, Knob};

async fn peer(dialect: Dialect, timeout: Option<Duration>) -> Peer {
    let builder = Simulator::builder().dialect(dialect);
    let builder = timeout
        .into_iter()
        .fold(builder, SimulatorBuilder::enumeration_timeout);
    let builder = model(builder.namespace("root/cimv2".parse().unwrap()), "Acme");
    Peer {
        simulator: builder.start().await.unwrap(),
        prefix: DMTF,
        namespace: "root/cimv2",
    }
}

#[tokio::test]
async fn a_pull_can_time_out_or_return_no_rows() {
    for dialect in Dialect::ALL {
        let peer = peer(dialect, None).await;
        let context = peer.open("Acme_TwoKeys").await;
        peer.simulator.next(Knob::TimedOut).next(Knob::EmptyPage);
        let fault = peer.pull("Acme_TwoKeys", &context, &max_elements(9)).await;
        assert_eq!(
            fault.message().fault.unwrap().subcode,
            Some(wsman::protocol::FaultSubcode::TimedOut),
            "{dialect:?}"
        );
        let empty = peer.pull("Acme_TwoKeys", &context, &max_elements(9)).await;
        assert_eq!(
            shape(&empty),
            format!(
                "<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext><n:Items></n:Items></n:PullResponse>"
            )
        );
        let all = peer.pull("Acme_TwoKeys", &context, &max_elements(9)).await;
        assert_eq!(all.message().instances.len(), 4);
        assert_eq!(peer.simulator.open_enumerations(), 0);
    }
}

#[tokio::test]
async fn enumerations_can_expire_between_pages() {
    for dialect in Dialect::ALL {
        let peer = peer(dialect, None).await;
        let context = peer.open("Acme_TwoKeys").await;
        peer.pull("Acme_TwoKeys", &context, "").await;
        peer.simulator.next(Knob::ExpireEnumerations);
        let gone = peer.pull("Acme_TwoKeys", &context, "").await.message();
        assert!(gone.fault.is_some(), "{dialect:?}");
        assert_eq!(peer.simulator.open_enumerations(), 0);
    }
}

#[tokio::test]
async fn enumerations_expire() {
    let peer = peer(Dialect::Windows, Some(Duration::from_millis(30))).await;
    let context = peer.open("Acme_TwoKeys").await;
    assert_eq!(peer.simulator.open_enumerations(), 1);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(peer.simulator.open_enumerations(), 0);
    let gone = peer
        .pull("Acme_TwoKeys", &context, "")
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(
        gone.subcode,
        Some(wsman::protocol::FaultSubcode::InvalidEnumerationContext)
    );
    // openwsman respects the expiration that the client requests.
    let openwsman = self::peer(Dialect::Openwsman, None).await;
    openwsman
        .enumerate("Acme_TwoKeys", "<n:Expires>PT0.02S</n:Expires>")
        .await;
    assert_eq!(openwsman.simulator.open_enumerations(), 1);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(openwsman.simulator.open_enumerations(), 0);
}

#[tokio::test]
async fn rows_are_a_snapshot_from_the_start_of_the_enumeration() {
    let peer = peer(Dialect::Windows, None).await;
    let context = peer.open("Acme_TwoKeys").await;
    let first = InstancePath::new("Acme_TwoKeys")
        .with_key("Name", "alpha")
        .with_key("Number", 0u32);
    peer.simulator.remove(&first).unwrap();
    let all = peer.pull("Acme_TwoKeys", &context, &max_elements(9)).await;
    assert_eq!(all.message().instances.len(), 4);
}

#[tokio::test]
async fn a_row_larger_than_the_envelope_is_a_fault() {
    for dialect in Dialect::ALL {
        let peer = peer(dialect, None).await;
        let long = Instance::new("Acme_Base").with_key("Name", "n".repeat(9000));
        peer.simulator.insert(long).unwrap();
        let limit = r#"<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>"#;
        let query = r#"SELECT * FROM Acme_Base WHERE Name LIKE "nnn%""#;
        let request = peer
            .request("Enumerate", "*", &filter(WQL, query))
            .header(limit);
        let fault = send(&peer.simulator, &request)
            .await
            .message()
            .fault
            .unwrap();
        assert_eq!(
            fault.subcode,
            Some(wsman::protocol::FaultSubcode::EncodingLimit),
            "{dialect:?}"
        );
    }
}
