//! Finds out why a login fails, step by step:
//!
//! ```sh
//! cargo run --features simulator --example diagnose
//! ```
#![allow(clippy::print_stdout)]

use wsman::simulator::{LoginScheme, NtlmScheme, sample};
use wsman::{Credentials, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = sample()
        .logins([LoginScheme::Ntlm(NtlmScheme::new())])
        .start()
        .await?;
    for password in [simulator.password(), "wrong"] {
        let session = Session::builder(simulator.url())
            .credentials(Credentials::ntlm(simulator.user(), password))
            .namespace("root/cimv2")
            .build()?;
        let diagnosis = session.diagnose().await;
        println!(
            "healthy: {}, by {:?}",
            diagnosis.is_healthy(),
            diagnosis.logged_in_by
        );
        if let Some(check) = diagnosis.failed() {
            println!("{:?}: {:?}", check.kind, check.outcome);
            let login = check.error.as_ref().and_then(|error| error.login());
            println!("causes: {:?}", login.map(|login| &login.causes));
            println!("next: {:?}", check.next_steps());
        }
    }
    Ok(())
}
