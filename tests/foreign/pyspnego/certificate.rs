//! The certificate that an acceptor presents, and the one that it expects logins to be bound to.

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use wsman::TlsConfig;

use crate::authority::Authority;
use crate::server::folder;

/// A certificate of an authority, in files.
pub(crate) struct Certificate {
    folder: TempDir,
    authority: Authority,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let (folder, authority) = (folder(), Authority::new());
        for name in ["shown", "another"] {
            let issued = authority.server("localhost", |_| {});
            std::fs::write(folder.path().join(name), issued.chain).unwrap();
            std::fs::write(folder.path().join(format!("{name}.key")), issued.key).unwrap();
        }
        Self { folder, authority }
    }

    /// Returns the TLS settings that trust the authority.
    pub(crate) fn tls(&self) -> TlsConfig {
        TlsConfig::with_roots(self.authority.der()).unwrap()
    }

    /// Uses TLS with a binding to the presented certificate.
    pub(crate) fn settings(&self) -> Json {
        self.bound_to("shown")
    }

    /// Uses TLS with a binding to another certificate, as with a man in the middle.
    pub(crate) fn settings_of_another(&self) -> Json {
        self.bound_to("another")
    }

    fn bound_to(&self, name: &str) -> Json {
        let file = |name: &str| -> PathBuf { self.folder.path().join(name) };
        json!({
            "certificate": file("shown"), "key": file("shown.key"), "bound_to": file(name),
            "sealed": false,
        })
    }
}
