//! The settings of Kerberos: realms and the service principal.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use url::{Host, Url};

use super::{Kdcs, Krb5Conf};
use crate::auth::negotiate::{Environment, NameKind, PrincipalName, Realms, TargetService};
use crate::auth::{KerberosEtype, KerberosObstacle, RealmNeed, ServicePrincipal};
use crate::transport::http::SetupError;

/// The settings of [`HttpOptions`](crate::transport::http::HttpOptions) for Kerberos.
#[derive(Clone, Debug)]
pub(crate) struct KerberosSettings {
    pub(crate) kdcs: Vec<String>,
    pub(crate) krb5_conf: Option<PathBuf>,
    pub(crate) service: ServicePrincipal,
    pub(crate) etypes: Vec<KerberosEtype>,
}

impl Default for KerberosSettings {
    fn default() -> Self {
        Self {
            kdcs: Vec::new(),
            krb5_conf: None,
            service: ServicePrincipal::default(),
            etypes: KerberosEtype::DEFAULT.to_vec(),
        }
    }
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
            Some(path) => Krb5Conf::open(path).map_err(SetupError::Krb5Conf)?,
            None => Krb5Conf::of_system(),
        };
        let [class, place] = self.service.parts(&host, url.port_or_known_default());
        let realms = Realms {
            default: conf.default_realm.clone(),
            target: TargetService {
                service: PrincipalName::new(NameKind::Service, &[&class, &place]),
                realm: conf.realm_of(&host).map(str::to_owned),
            },
            environment: environment(),
            etypes: self.etypes,
        };
        let kdcs = Kdcs {
            given: self.kdcs,
            conf,
            patience,
        };
        Ok((Ok(realms), kdcs))
    }
}

/// Returns the clock and the random source of the operating system.
pub(crate) fn environment() -> Environment {
    Environment {
        now: SystemTime::now,
        fill: |bytes| getrandom::fill(bytes).is_ok(),
    }
}
