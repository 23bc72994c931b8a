//! `wsman identify`: who answers, without and with login.

use clap::Args;
use serde_json::json;
use wsman::Error;
use wsman::protocol::Identity;

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};

/// No options of its own.
#[derive(Debug, Args)]
pub(crate) struct IdentifyArgs {}

impl HostCommand for IdentifyArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        // With a login a server tells its version. Without one OMI does not answer, so it comes second.
        let identity = match host.session.identify().await {
            Ok(identity) => identity,
            Err(error @ (Error::Auth(_) | Error::AccessDenied(_))) => {
                let anonymous = host.session.identify().anonymous().await;
                anonymous.map_err(|_| Failure::Read(error))?
            }
            Err(error) => return Err(Failure::Read(error)),
        };
        out.result(to_json(&identity))?;
        Ok(Exit::Done)
    }
}

fn to_json(identity: &Identity) -> serde_json::Value {
    json!({
        "vendor": identity.product_vendor,
        "product": product(identity),
        "version": identity.product_version,
        "protocol": identity.protocol_version,
        "offers": identity.security_profiles,
    })
}

/// Returns the product, as far as the server names one beside its vendor.
fn product(identity: &Identity) -> Option<&str> {
    let version = identity.product_version.as_str();
    version
        .contains("OS:")
        .then_some("Windows Remote Management")
        .or_else(|| {
            let vendor = identity.product_vendor.as_str();
            (!vendor.is_empty()).then_some(vendor)
        })
}
