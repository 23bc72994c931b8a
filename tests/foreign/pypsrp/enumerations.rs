//! Checks many instances, page by page.

use serde_json::{Value as Json, json};
use wsman::simulator::Dialect;
use wsman::{Instance, InstancePath};

use super::compare::{assert_same_rows, same_path, same_properties};
use super::stage::Setup;

/// The order to enumerate the services, four in a page.
fn services(stage: &Setup) -> Json {
    let mut order = stage.of_class("enumerate", "Win32_Service");
    order["page"] = 4.into();
    order
}

/// Returns the sizes of the pages for this many rows, four in each.
fn pages(rows: usize) -> Json {
    (0..rows.div_ceil(4))
        .map(|page| (rows - 4 * page).min(4))
        .collect::<Vec<_>>()
        .into()
}

/// Reads pages by Pull alone, until the server reports the end; nothing stays open.
pub(crate) async fn pulled_to_the_end(stage: &mut Setup) {
    let done = stage.done(services(stage)).await;
    let kept = stage.simulator.instances("Win32_Service");
    assert_same_rows(&done["rows"], &kept);
    assert_eq!(done["pages"], pages(kept.len()));
    assert_eq!(stage.simulator.open_enumerations(), 0);
}

/// The first page comes with the response to the Enumerate.
pub(crate) async fn optimized(stage: &mut Setup) {
    let mut order = services(stage);
    order["optimize"] = true.into();
    let done = stage.done(order).await;
    let kept = stage.simulator.instances("Win32_Service");
    assert_same_rows(&done["rows"], &kept);
    assert_eq!(done["pages"], pages(kept.len()));
    assert_eq!(stage.simulator.open_enumerations(), 0);
}

/// Reads the paths of the instances, each of which must be in the repository.
pub(crate) async fn paths(stage: &mut Setup) {
    let mut order = services(stage);
    order["mode"] = "EnumerateEPR".into();
    let done = stage.done(order).await;
    let rows = done["rows"].as_array().unwrap();
    let kept = stage.simulator.instances("Win32_Service");
    assert_eq!(rows.len(), kept.len());
    for instance in kept {
        let path = name_of(&instance);
        assert!(rows.iter().any(|row| same_path(row, &path)), "{path}");
    }
}

fn name_of(service: &Instance) -> InstancePath {
    let name: String = service.get("Name").unwrap();
    InstancePath::new("Win32_Service").with_key("Name", name)
}

pub(crate) async fn a_query(stage: &mut Setup) {
    let class = match stage.dialect() {
        Dialect::Windows => "*",
        _ => "Win32_Service",
    };
    let mut order = stage.of_class("enumerate", class);
    order["page"] = 4.into();
    order["wql"] = "SELECT * FROM Win32_Service WHERE State = 'Stopped'".into();
    let done = stage.done(order).await;
    let mut kept = stage.simulator.instances("Win32_Service");
    kept.retain(|service| service.get::<String>("State").unwrap() == "Stopped");
    assert_eq!(kept.len(), 2);
    assert_same_rows(&done["rows"], &kept);
}

/// Reads instances whose properties are references.
pub(crate) async fn associations(stage: &mut Setup) {
    let mut order = stage.of_class("enumerate", "Win32_DependentService");
    order["page"] = 3.into();
    let done = stage.done(order).await;
    let kept = stage.simulator.instances("Win32_DependentService");
    assert_same_rows(&done["rows"], &kept);
    // The comparison can distinguish them.
    let matching = kept
        .iter()
        .filter(|kept| same_properties(&done["rows"][0], kept).is_ok());
    assert_eq!(matching.count(), 1);
}

/// Releases an enumeration before its end.
pub(crate) async fn released(stage: &mut Setup) {
    let mut order = services(stage);
    order["optimize"] = true.into();
    order["release"] = true.into();
    let done = stage.done(order).await;
    assert_eq!(done["pages"], json!([4]));
    assert_eq!(stage.simulator.open_enumerations(), 0);
    let released = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release";
    let last = stage.simulator.requests().pop().unwrap();
    assert_eq!(
        (last.action.as_deref(), last.status),
        (Some(released), Some(200))
    );
}
