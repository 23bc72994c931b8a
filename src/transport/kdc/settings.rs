//! What Kerberos is told of its realms and of the server.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use url::{Host, Url};
use uuid::Uuid;

use super::{Kdcs, Krb5Conf};
use crate::auth::negotiate::{Name, NameKind, Realms, Surroundings, Target};
use crate::auth::{KerberosObstacle, RealmNeed, ServicePrincipal};
use crate::transport::http::SetupError;

/// The settings of [`HttpOptions`](crate::transport::http::HttpOptions) for Kerberos.
#[derive(Clone, Debug, Default)]
pub(crate) struct KerberosSettings {
    pub(crate) kdcs: Vec<String>,
    pub(crate) krb5_conf: Option<PathBuf>,
    pub(crate) service: ServicePrincipal,
}

impl KerberosSettings {
    /// What a login needs to know, and where its realms are found. Reads `krb5.conf`.
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
            target: Target {
                service: Name::new(NameKind::Service, &[&class, &place]),
                realm: conf.realm_of(&host).map(str::to_owned),
            },
            surroundings: Surroundings {
                now: SystemTime::now,
                random,
            },
        };
        let kdcs = Kdcs {
            given: self.kdcs,
            conf,
            patience,
        };
        Ok((Ok(realms), kdcs))
    }
}

/// 32 bytes, of which all but 12 bits are chance: two UUIDs.
fn random() -> [u8; 32] {
    let mut random = [0; 32];
    let chance = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
    for (to, from) in random.iter_mut().zip(chance.as_flattened()) {
        *to = *from;
    }
    random
}
