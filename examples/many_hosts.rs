//! Changes a share on 200 hosts, 50 at a time, each with a deadline, and sums up what failed:
//!
//! ```sh
//! cargo run --features simulator --example many_hosts
//! ```
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::time::Duration;

use wsman::cim::CimStatus;
use wsman::hosts::Hosts;
use wsman::simulator::{Knob, sample};
use wsman::{Credentials, Session};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut simulators = Vec::new();
    for number in 0..200 {
        let simulator = sample().start().await?;
        match number % 20 {
            1 => simulator.next(Knob::Fault(CimStatus::AccessDenied)),
            2 => simulator.next(Knob::Pass).next(Knob::DropAnswer),
            3 if number < 100 => simulator.next(Knob::Delay(Duration::from_secs(600))),
            _ => &simulator,
        };
        simulators.push(simulator);
    }
    let builders = simulators.iter().map(|simulator| {
        Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), simulator.password()))
            .allow_unencrypted()
            .namespace("root/cimv2")
    });
    let hosts = Hosts::new(builders)
        .concurrency(50)
        .deadline(Duration::from_secs(10));
    let mut results = hosts.run(async |session| {
        let mut share = session.get_instance(r#"Win32_Share.Name="public""#).await?;
        share.set("Description", "for all");
        session.modify_instance(&share).await
    });

    let mut groups: BTreeMap<String, u32> = BTreeMap::new();
    while let Some(host) = results.next().await {
        let group = match host.result {
            Ok(put) => format!("{:?}", put.outcome),
            Err(error) if error.may_have_changed() => format!("{}: look again", error.name()),
            Err(error) => error.name().to_owned(),
        };
        *groups.entry(group).or_default() += 1;
    }
    for (group, count) in groups {
        println!("{count:>3} {group}");
    }
    Ok(())
}
