//! The settings of Kerberos: realms and the service principal.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use url::{Host, Url};

use super::{Kdcs, Krb5Conf};
use crate::auth::negotiate::{Environment, NameKind, PrincipalName, Realms, TargetService};
use crate::auth::{KerberosEtype, KerberosObstacle, LoginLimits, RealmNeed, ServicePrincipal};
use crate::transport::http::SetupError;

/// The settings of [`HttpOptions`](crate::transport::http::HttpOptions) for Kerberos.
#[derive(Clone, Debug, Default)]
pub(crate) struct KerberosSettings {
    pub(crate) kdcs: Vec<String>,
    pub(crate) krb5_conf: Option<PathBuf>,
    pub(crate) service: ServicePrincipal,
    /// The encryption types that the caller allows; `None` leaves it to `krb5.conf`.
    pub(crate) etypes: Option<Vec<KerberosEtype>>,
}

impl KerberosSettings {
    /// Returns the service principal, which NTLM also sends: there its host may be an address.
    pub(crate) fn service_name(&self, url: &Url) -> String {
        let host = self.service.given_host().or(url.host_str());
        let parts = self
            .service
            .parts(host.unwrap_or_default(), url.port_or_known_default());
        parts.join("/")
    }

    /// Resolves the settings of a login and its realms. Reads `krb5.conf`.
    pub(crate) fn resolve(
        self,
        need: RealmNeed,
        url: &Url,
        patience: Duration,
        limits: LoginLimits,
    ) -> Result<(Result<Realms, KerberosObstacle>, Kdcs), SetupError> {
        if need == RealmNeed::No {
            return Ok((Err(KerberosObstacle::NoRealm), Kdcs::default()));
        }
        let host = match (self.service.given_host(), url.host()) {
            (Some(host), _) => host.to_owned(),
            (None, Some(Host::Domain(host))) => host.to_owned(),
            (None, _) if need == RealmNeed::Must => return Err(SetupError::ServiceIsAddress),
            (None, _) => return Ok((Err(KerberosObstacle::Address), Kdcs::default())),
        };
        let conf = match &self.krb5_conf {
            Some(path) => Krb5Conf::open(path),
            None => match Krb5Conf::of_system() {
                // A login without Kerberos needs no valid file.
                Err(_) if need == RealmNeed::May => {
                    return Ok((Err(KerberosObstacle::InvalidKrb5Conf), Kdcs::default()));
                }
                conf => conf,
            },
        };
        let conf = conf.map_err(SetupError::Krb5Conf)?;
        let etypes = self.etypes.unwrap_or_else(|| default_etypes(&conf));
        let [class, place] = self.service.parts(&host, url.port_or_known_default());
        let realms = Realms {
            default: conf.default_realm().map(str::to_owned),
            target: TargetService {
                service: PrincipalName::new(NameKind::Service, &[&class, &place]),
                realm: conf.realm_of(&host).map(str::to_owned),
            },
            environment: environment(),
            etypes,
            kdcs: format!("{:?} {:?}", self.kdcs, self.krb5_conf),
            most_messages: limits.ticket_messages,
        };
        let kdcs = Kdcs {
            answer_bytes: limits.kdc_answer_bytes,
            ..Kdcs::new(self.kdcs, conf, patience)
        };
        Ok((Ok(realms), kdcs))
    }
}

/// Returns the default encryption types, in the order of `krb5.conf` and without those that it does
/// not permit. The caller must name RC4 itself.
fn default_etypes(conf: &Krb5Conf) -> Vec<KerberosEtype> {
    match conf.permitted() {
        Some(mut permitted) => {
            permitted.retain(|etype| KerberosEtype::DEFAULT.contains(etype));
            permitted
        }
        None => KerberosEtype::DEFAULT.to_vec(),
    }
}

/// Returns the clocks and the random source of the operating system. The monotonic clock is tokio's,
/// which a test can pause.
pub(crate) fn environment() -> Environment {
    Environment {
        now: SystemTime::now,
        monotonic: || tokio::time::Instant::now().into_std(),
        fill: |bytes| getrandom::fill(bytes).is_ok(),
    }
}
