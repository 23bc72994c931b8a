//! Tests that pages of any size return the rows of the repository.

use proptest::prelude::*;
use tokio::runtime::Builder;
use wsman::Instance;
use wsman::cim::{CimType, Class};
use wsman::simulator::{Dialect, Simulator};

use crate::session;

fn rows(texts: &[String]) -> impl Iterator<Item = Instance> {
    (0u32..).zip(texts).map(|(number, text)| {
        Instance::new("Acme_Star")
            .with_key("Number", number)
            .with("Text", text.as_str())
    })
}

/// A page is full by rows, by bytes, or never.
#[derive(Clone, Debug)]
struct Case {
    dialect: Dialect,
    texts: Vec<String>,
    max_elements: u32,
    pages_ahead: usize,
    optimized: bool,
    with_paths: bool,
}

fn case() -> impl Strategy<Value = Case> {
    (
        prop::sample::select(Dialect::ALL.to_vec()),
        prop::collection::vec("[a-z<&é ]{0,8}", 0..40),
        prop_oneof![1u32..5, 5u32..60],
        0usize..4,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(dialect, texts, max_elements, pages_ahead, optimized, with_paths)| Case {
                dialect,
                texts,
                max_elements,
                pages_ahead,
                optimized,
                with_paths,
            },
        )
}

/// Returns number and text of each row of a stream; asserts that no enumeration stays open.
async fn read(case: &Case) -> Vec<(u32, String)> {
    let class = Class::new("Acme_Star")
        .with_key("Number", CimType::Uint32)
        .with("Text", CimType::String);
    let simulator = Simulator::builder()
        .dialect(case.dialect)
        .namespace("root/cimv2".parse().unwrap())
        .class(class);
    let simulator = rows(&case.texts).fold(simulator, |simulator, row| simulator.instance(row));
    let simulator = simulator.start().await.unwrap();
    let mut request = session(&simulator)
        .enumerate_instances("Acme_Star")
        .max_elements(case.max_elements)
        .pages_ahead(case.pages_ahead);
    if !case.optimized {
        request = request.unoptimized();
    }
    if !case.with_paths {
        request = request.without_paths();
    }
    let read = request.await.unwrap();
    assert!(
        read.iter().all(
            |row| row.path().is_some_and(|path| path.key("Number").is_some()) == case.with_paths
        )
    );
    assert_eq!(simulator.open_enumerations(), 0);
    read.iter()
        .map(|row| (row.get("Number").unwrap(), row.get("Text").unwrap()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_of_any_size_return_the_same_rows(case in case()) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut read = runtime.block_on(read(&case));
        read.sort();
        let kept: Vec<(u32, String)> = (0u32..).zip(case.texts.iter().cloned()).collect();
        prop_assert_eq!(read, kept);
    }
}
