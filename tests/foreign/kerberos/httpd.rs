//! Tests tickets against Apache httpd.

use wsman::simulator::USER;
use wsman::{Credentials, Error, Session};

use super::{password, within};
use crate::authority::Authority;
use crate::httpd::{Httpd, gssapi};
use crate::operations::{self, share};
use crate::realm::Realm;

struct Setup {
    httpd: Httpd,
    realm: Realm,
    authority: Authority,
}

impl Setup {
    async fn set() -> Self {
        let (realm, authority) = (Realm::start().await, Authority::new());
        let keytab = realm.service_keytab();
        let httpd = gssapi::httpd(|program| realm.command(program), &authority, &keytab, "");
        Self {
            httpd: httpd.await,
            realm,
            authority,
        }
    }

    fn session(&self, credentials: Credentials) -> Session {
        let tls = wsman::TlsConfig::with_roots(self.authority.der()).unwrap();
        let builder = self.httpd.session(credentials).tls(tls);
        within(&self.realm, builder).build().unwrap()
    }
}

pub(crate) async fn every_mode_of_put() {
    let stage = Setup::set().await;
    operations::every_mode_of_put(&stage.session(password()), &stage.httpd.simulator).await;
}

/// One login serves the whole connection.
pub(crate) async fn rows() {
    let stage = Setup::set().await;
    operations::rows(&stage.session(password()), &stage.httpd.simulator).await;
    let messages = stage.httpd.simulator.requests().len();
    let log = stage.httpd.log_of(messages + 1).await;
    let logins: Vec<_> = log.iter().map(|(_, login)| login.get(..9)).collect();
    assert_eq!(logins[0], Some("Negotiate"));
    assert_eq!(logins[1..], vec![None; messages]);
}

pub(crate) async fn sixteen_at_a_time() {
    let stage = Setup::set().await;
    operations::sixteen_at_a_time(&stage.session(password()), &stage.httpd.simulator).await;
}

/// A valid ticket alone does not authorise its user.
pub(crate) async fn another_user() {
    let stage = Setup::set().await;
    let another = format!("another{USER}");
    stage
        .realm
        .change(&format!("addprinc -pw secret +requires_preauth {another}"));
    let session = stage.session(Credentials::kerberos(another, "secret"));
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(stage.httpd.simulator.requests().is_empty());
}
