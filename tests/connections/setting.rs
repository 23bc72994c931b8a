//! A server with one login, and a session with it.

use std::time::Duration;

use wsman::auth::ServicePrincipal;
use wsman::simulator::{
    DigestScheme, KerberosScheme, KeyDistributionCentre, LoginScheme, NtlmScheme, PASSWORD, Realm,
    Simulator, USER, sample,
};
use wsman::{Credentials, Session, SessionBuilder, TlsConfig};

use crate::authority::Authority;

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Http,
    Https,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    Basic,
    Digest,
    Ntlm,
    Kerberos,
    Negotiate,
    /// The best that the server accepts, which is Basic.
    Best,
}

pub(crate) const LOGINS: [Login; 6] = [
    Login::Basic,
    Login::Digest,
    Login::Ntlm,
    Login::Kerberos,
    Login::Negotiate,
    Login::Best,
];

pub(crate) struct Setting {
    pub(crate) simulator: Simulator,
    kdc: KeyDistributionCentre,
    login: Login,
    tls: TlsConfig,
}

impl Login {
    /// Whether the server itself checks the password.
    pub(crate) fn has_password(self) -> bool {
        self != Self::Kerberos
    }

    fn scheme(self, wire: Wire, kdc: &KeyDistributionCentre) -> LoginScheme {
        let principal = format!("{SERVICE}@{REALM}");
        let ntlm = NtlmScheme::new();
        let kerberos = KerberosScheme::new(&principal, &kdc.keytab()).unwrap();
        match (self, wire) {
            (Self::Basic | Self::Best, _) => LoginScheme::Basic,
            (Self::Digest, _) => LoginScheme::Digest(DigestScheme::new()),
            (Self::Ntlm | Self::Negotiate, Wire::Http) => LoginScheme::Ntlm(ntlm),
            (Self::Ntlm | Self::Negotiate, Wire::Https) => {
                LoginScheme::Ntlm(ntlm.allow_unencrypted())
            }
            (Self::Kerberos, Wire::Http) => LoginScheme::Kerberos(kerberos),
            (Self::Kerberos, Wire::Https) => LoginScheme::Kerberos(kerberos.allow_unencrypted()),
        }
    }

    fn credentials(self, password: &str) -> Credentials {
        match self {
            Self::Basic => Credentials::basic(USER, password),
            Self::Digest => Credentials::digest(USER, password),
            Self::Ntlm => Credentials::ntlm(USER, password),
            Self::Kerberos => Credentials::kerberos(format!("{USER}@{REALM}"), password),
            Self::Negotiate => Credentials::negotiate(USER, password),
            Self::Best => Credentials::password(USER, password),
        }
    }
}

impl Setting {
    pub(crate) async fn new(login: Login, wire: Wire) -> Self {
        let realm = Realm::new(REALM).user(USER, PASSWORD).service(SERVICE);
        let kdc = realm.start().await.unwrap();
        let authority = Authority::new();
        let issued = authority.localhost();
        let builder = sample().logins([login.scheme(wire, &kdc)]);
        let builder = match wire {
            Wire::Http => builder,
            Wire::Https => builder.tls(&issued.chain, &issued.key),
        };
        Self {
            simulator: builder.start().await.unwrap(),
            kdc,
            login,
            tls: TlsConfig::with_roots(authority.der()).unwrap(),
        }
    }

    pub(crate) fn builder(&self) -> SessionBuilder {
        self.builder_with(PASSWORD)
    }

    fn builder_with(&self, password: &str) -> SessionBuilder {
        Session::builder(self.simulator.url())
            .credentials(self.login.credentials(password))
            .tls(self.tls.clone())
            .kdc(self.kdc.address())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"))
            .namespace("root/cimv2")
            .operation_timeout(Duration::from_secs(60))
            .allow_unencrypted()
    }

    pub(crate) fn session(&self) -> Session {
        self.builder().build().unwrap()
    }

    pub(crate) fn with_password(&self, password: &str) -> Session {
        self.builder_with(password).build().unwrap()
    }

    pub(crate) fn failed_logins(&self) -> usize {
        self.simulator.failed_logins()
    }
}
