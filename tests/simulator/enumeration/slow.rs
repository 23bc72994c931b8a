//! Tests rows that come at a rate.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use wsman::cim::{CimType, Class};
use wsman::simulator::{Dialect, Simulator};
use wsman::{Credentials, Instance, Session};

const ROWS: u64 = 40;
const PER_SECOND: u32 = 1_000;

/// The last row is there after its time, and each Pull waits for a row at least.
#[tokio::test]
async fn an_answer_has_the_rows_found_so_far() {
    for dialect in Dialect::ALL {
        let simulator = Simulator::builder()
            .dialect(dialect)
            .namespace("root/cimv2".parse().unwrap())
            .class(Class::new("Acme_Star").with_key("Id", CimType::Uint64))
            .generated("Acme_Star", ROWS, |id| {
                Instance::new("Acme_Star").with_key("Id", id)
            })
            .rows_per_second(NonZeroU32::new(PER_SECOND).unwrap())
            .start()
            .await
            .unwrap();
        let session = Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), simulator.password()))
            .namespace("root/cimv2")
            .wire_form(dialect.wire_form())
            .allow_unencrypted()
            .build()
            .unwrap();
        let begun = Instant::now();
        let rows = session
            .enumerate_instances("Acme_Star")
            .pages_ahead(1)
            .await
            .unwrap();
        let ids: Vec<u64> = rows.iter().map(|row| row.get("Id").unwrap()).collect();
        assert_eq!(ids, (0..ROWS).collect::<Vec<_>>(), "{dialect:?}");
        let least = Duration::from_secs(ROWS) / PER_SECOND;
        assert!(
            begun.elapsed() >= least,
            "{dialect:?}: {:?}",
            begun.elapsed()
        );
        let messages = simulator.requests().len();
        assert!(messages > 2, "{dialect:?}: {messages} messages");
    }
}
