//! TLS and proxies.

use std::fs;
use std::path::Path;

use wsman::transport::Proxy;
use wsman::{SessionBuilder, TlsConfig, Url};

use crate::args::TransportArgs;
use crate::failure::Failure;

/// Applies the options for TLS; without any, the platform's certificates are trusted.
pub(super) fn apply(
    args: &TransportArgs,
    builder: SessionBuilder,
) -> Result<SessionBuilder, Failure> {
    let builder = proxy(args, builder)?;
    let is_default = args.ca.is_none()
        && args.pin.is_empty()
        && args.cert.is_none()
        && args.server_name.is_none()
        && !args.insecure;
    if is_default {
        return Ok(builder);
    }
    let mut tls = TlsConfig::builder();
    if let Some(path) = &args.ca {
        tls = tls.roots(&read("--ca", path)?);
    }
    for pin in &args.pin {
        tls = tls.pin(*pin);
    }
    if !args.pin.is_empty() && args.ca.is_none() {
        // A pin is what makes a self-signed certificate usable, which no authority vouches for.
        tls = tls.trust_pins_alone();
    }
    if let (Some(chain), Some(key)) = (&args.cert, &args.cert_key) {
        tls = tls.client_certificate(&read("--cert", chain)?, &read("--cert-key", key)?);
    }
    if let Some(name) = &args.server_name {
        tls = tls.server_name(name);
    }
    if args.insecure {
        tls = tls.danger_accept_any_certificate();
    }
    let tls = tls.build();
    Ok(builder.tls(tls.map_err(|error| Failure::usage("TLS cannot be set up", &error))?))
}

fn proxy(args: &TransportArgs, builder: SessionBuilder) -> Result<SessionBuilder, Failure> {
    if args.environment_proxy {
        return Ok(builder.environment_proxy());
    }
    match &args.proxy {
        Some(url) => {
            let url = Url::parse(url).map_err(|error| Failure::usage("invalid --proxy", &error))?;
            Ok(builder.proxy(Proxy::new(url)))
        }
        None => Ok(builder),
    }
}

/// Reads the file of an option.
pub(crate) fn read(option: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::usage(format!("{option} {}", path.display()), &error))
}
