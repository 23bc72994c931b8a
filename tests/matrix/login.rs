//! The logins of the matrix.

use wsman::auth::ServicePrincipal;
use wsman::simulator::{
    DigestScheme, KerberosScheme, KeyDistributionCentre, LoginScheme, NtlmScheme, PASSWORD, Realm,
    Simulator, SimulatorBuilder, USER, sample,
};
use wsman::{Credentials, Session, SessionBuilder, Url};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    None,
    Basic,
    Digest,
    Ntlm,
    Negotiate,
    Kerberos,
}

pub(crate) const LOGINS: [Login; 6] = [
    Login::None,
    Login::Basic,
    Login::Digest,
    Login::Ntlm,
    Login::Negotiate,
    Login::Kerberos,
];

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";

/// Starts the KDC of all servers.
pub(crate) async fn kdc() -> KeyDistributionCentre {
    let realm = Realm::new(REALM).user(USER, PASSWORD).service(SERVICE);
    realm.start().await.unwrap()
}

impl Login {
    /// Starts a server that accepts only this login.
    pub(crate) async fn server(self, kdc: &KeyDistributionCentre) -> Simulator {
        let logins = |scheme| sample().logins([scheme]);
        let builder: SimulatorBuilder = match self {
            Self::None => sample().any_login(),
            Self::Basic => sample(),
            Self::Digest => logins(LoginScheme::Digest(DigestScheme::new())),
            Self::Ntlm | Self::Negotiate => logins(LoginScheme::Ntlm(NtlmScheme::new())),
            Self::Kerberos => {
                let service = format!("{SERVICE}@{REALM}");
                let scheme = KerberosScheme::new(&service, &kdc.keytab()).unwrap();
                logins(LoginScheme::Kerberos(scheme))
            }
        };
        builder.start().await.unwrap()
    }

    /// Returns credentials without tickets.
    pub(crate) fn credentials(self) -> Credentials {
        match self {
            Self::None => Credentials::none(),
            Self::Basic => Credentials::basic(USER, PASSWORD),
            Self::Digest => Credentials::digest(USER, PASSWORD),
            Self::Ntlm => Credentials::ntlm(USER, PASSWORD),
            Self::Negotiate => Credentials::negotiate(USER, PASSWORD),
            Self::Kerberos => Credentials::kerberos(format!("{REALM}\\{USER}"), PASSWORD),
        }
    }

    /// Makes a session.
    pub(crate) fn session(
        self,
        url: Url,
        credentials: Credentials,
        kdc: &KeyDistributionCentre,
    ) -> SessionBuilder {
        let builder = Session::builder(url)
            .credentials(credentials)
            .namespace("root/cimv2");
        match self {
            Self::None | Self::Basic | Self::Digest => builder.allow_unencrypted(),
            Self::Ntlm => builder,
            Self::Negotiate | Self::Kerberos => builder
                .kdc(kdc.address())
                .krb5_conf("/dev/null")
                .service_principal(ServicePrincipal::new().host("localhost")),
        }
    }
}
