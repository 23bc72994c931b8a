//! Runs the same checks over HTTPS with a client certificate.

use libtest_mimic::{Failed, Trial};
use rcgen::{CertificateParams, KeyPair};
use wsman::simulator::{Dialect, Simulator, sample};
use wsman::transport::TlsConfig;
use wsman::{Credentials, Session};

use crate::target::Target;
use crate::{OF_ANY_SERVER, OF_THE_SAMPLE, block_on, settings, while_ticking};

/// A self-signed certificate for this machine and its key, in PEM.
#[derive(Clone)]
pub(crate) struct Certificate {
    pub(crate) pem: String,
    pub(crate) key: String,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        Self {
            pem: params.self_signed(&key).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// The sample server, which presents the certificate and requires it.
    pub(crate) async fn server(&self, dialect: Dialect) -> Simulator {
        let builder = sample().dialect(dialect).tls(&self.pem, &self.key);
        builder.client_authority(&self.pem).start().await.unwrap()
    }

    fn tls(&self) -> TlsConfig {
        TlsConfig::builder()
            .roots(self.pem.as_bytes())
            .client_certificate(self.pem.as_bytes(), self.key.as_bytes())
            .build()
            .unwrap()
    }
}

/// Runs all checks in one dialect, with one TLS configuration for all.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let certificate = Certificate::new();
    let tls = certificate.tls();
    let checks = OF_ANY_SERVER.iter().chain(OF_THE_SAMPLE);
    checks.map(move |&(name, check)| {
        let (certificate, tls) = (certificate.clone(), tls.clone());
        Trial::test(format!("https::{name}"), move || {
            block_on(async {
                let simulator = certificate.server(Dialect::Windows).await;
                let session: Session = settings(&simulator)
                    .credentials(Credentials::certificate())
                    .tls(tls)
                    .build()
                    .unwrap();
                let target = Target::of_sample(simulator.dialect().wire_form(), name);
                let outcome = while_ticking(&simulator, check(&session, &target)).await;
                outcome.map_err(|unable| Failed::from(unable.0))
            })
        })
    })
}
