//! Tests authentication on the simulator, which validates each login.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(feature = "negotiate")]
mod capture;
mod causes;
#[cfg(feature = "negotiate")]
mod channels;
mod digest;
#[cfg(feature = "negotiate")]
mod ended_tickets;
mod fallback;
#[cfg(feature = "negotiate")]
mod kdc;
#[cfg(feature = "negotiate")]
mod kerberos;
#[cfg(feature = "negotiate")]
mod limits;
#[cfg(feature = "negotiate")]
mod names;
#[cfg(feature = "negotiate")]
mod negotiate;
#[cfg(feature = "negotiate")]
mod ntlm;
#[cfg(feature = "negotiate")]
mod own_scheme;
mod provider;
#[cfg(feature = "negotiate")]
mod retried_kerberos;
#[cfg(feature = "negotiate")]
mod sealed;
#[cfg(feature = "negotiate")]
mod selection;
#[path = "../support/tap.rs"]
mod tap;
mod tricks;

use url::Url;
use wsman::auth::{DigestAlgorithm, DigestQop};
use wsman::simulator::{Dialect, DigestScheme, LoginScheme, PASSWORD, Simulator, USER, sample};
use wsman::{Credentials, Instance, Session};

/// A server that accepts only Digest.
pub(crate) async fn server(scheme: DigestScheme) -> Simulator {
    let schemes = [LoginScheme::Digest(scheme)];
    sample().logins(schemes).start().await.unwrap()
}

/// A server like openwsman that accepts these schemes.
pub(crate) async fn openwsman(schemes: impl IntoIterator<Item = LoginScheme>) -> Simulator {
    let builder = sample().dialect(Dialect::Openwsman).logins(schemes);
    builder.start().await.unwrap()
}

pub(crate) fn session(url: Url, credentials: Credentials) -> Session {
    Session::builder(url)
        .credentials(credentials)
        .namespace("root/cimv2")
        .allow_unencrypted()
        .build()
        .unwrap()
}

pub(crate) fn digest() -> Credentials {
    Credentials::digest(USER, PASSWORD)
}

pub(crate) fn share(name: &str) -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", name)
        .with("Path", r"C:\logs")
        .with("Type", 0u32)
}

/// Returns the HTTP status of every response so far.
pub(crate) fn statuses(simulator: &Simulator) -> Vec<u16> {
    let requests = simulator.requests();
    requests.iter().filter_map(|seen| seen.status).collect()
}

/// Lists every form of a Digest challenge.
pub(crate) fn ways() -> Vec<DigestScheme> {
    let mut ways = Vec::new();
    for algorithm in DigestAlgorithm::ALL {
        let with = |qops: &[DigestQop]| {
            let scheme = DigestScheme::new().algorithm(algorithm);
            scheme.qops(qops.iter().copied())
        };
        ways.push(with(&[DigestQop::Auth]));
        ways.push(with(&[DigestQop::AuthInt]));
        ways.push(with(&[DigestQop::Auth, DigestQop::AuthInt]));
        // The session algorithms need the client nonce that comes with a qop.
        if !algorithm.name().ends_with("-sess") {
            ways.push(with(&[DigestQop::None]));
        }
    }
    ways
}
