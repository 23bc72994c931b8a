//! Tests Digest against `mod_auth_digest`, which supports only MD5 and qop `auth`.

use std::fmt::Write as _;
use std::time::Duration;

use md5::{Digest as _, Md5};
use wsman::simulator::{PASSWORD, USER};
use wsman::{Credentials, Delivery, Error, Session};

use super::Httpd;
use crate::operations::{self, path, share};

const REALM: &str = "hosts of the test";

/// Answers every request with an identity, without reading it.
const IDENTITY: &str = r#"
function handle(request)
    request.content_type = "application/soap+xml;charset=UTF-8"
    request:puts([[<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
        xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Body>
        <i:IdentifyResponse><i:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</i:ProtocolVersion>
        <i:ProductVendor>a fixed text</i:ProductVendor></i:IdentifyResponse></s:Body></s:Envelope>]])
    return apache2.OK
end
"#;

/// httpd, whose nonces are valid for this many seconds, or for one message.
async fn httpd(nonce_lifetime: u32) -> Httpd {
    let modules = ["auth_digest", "authn_file", "lua"];
    let httpd = Httpd::start("http", &modules, |folder| {
        let users = folder.join("users");
        std::fs::write(&users, format!("{USER}:{REALM}:{}\n", secret())).unwrap();
        let identity = folder.join("identity.lua");
        std::fs::write(&identity, IDENTITY).unwrap();
        // httpd keeps nonces in memory; 1,000 bytes are too few for sixteen of them.
        format!(
            "AuthDigestShmemSize 64K
            <Location />
                AuthType Digest
                AuthName \"{REALM}\"
                AuthUserFile {}
                AuthDigestNonceLifetime {nonce_lifetime}
                AuthDigestNcCheck On
                Require valid-user
            </Location>
            ProxyPass /identity !
            LuaMapHandler ^/identity$ {}\n",
            users.display(),
            identity.display()
        )
    });
    httpd.await
}

/// The hash of the password that httpd stores.
fn secret() -> String {
    let digest = Md5::digest(format!("{USER}:{REALM}:{PASSWORD}"));
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn session(httpd: &Httpd, password: &str) -> Session {
    let builder = httpd.session(Credentials::digest(USER, password));
    builder.allow_unencrypted().build().unwrap()
}

const LONG: u32 = 300;

pub(crate) async fn every_mode_of_put() {
    let httpd = httpd(LONG).await;
    operations::every_mode_of_put(&session(&httpd, PASSWORD), &httpd.simulator).await;
    // One challenge; then the client counts the uses of its nonce.
    let log = httpd.log_of(1 + httpd.simulator.requests().len()).await;
    assert_eq!(log[0].0, 401, "{log:?}");
    for (number, (status, login)) in log.iter().enumerate().skip(1) {
        assert_ne!(*status, 401, "{log:?}");
        assert!(login.contains(&format!("nc={number:08x}")), "{login}");
        assert!(
            login.contains("algorithm=MD5") && login.contains("qop=auth"),
            "{login}"
        );
    }
}

pub(crate) async fn rows() {
    let httpd = httpd(LONG).await;
    operations::rows(&session(&httpd, PASSWORD), &httpd.simulator).await;
}

pub(crate) async fn sixteen_at_a_time() {
    let httpd = httpd(LONG).await;
    operations::sixteen_at_a_time(&session(&httpd, PASSWORD), &httpd.simulator).await;
}

pub(crate) async fn wrong_password() {
    let httpd = httpd(LONG).await;
    let session = session(&httpd, "wrong");
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    // Over http:// an attacker could have written the 401 after the message was processed.
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(error.to_string().contains("Digest (MD5, auth)"), "{error}");
    assert!(httpd.simulator.requests().is_empty());
    // The challenge, and one attempt with the password.
    let log = httpd.log_of(2).await;
    assert_eq!(log.len(), 2, "{log:?}");
}

pub(crate) async fn nonce_that_is_too_old() {
    let httpd = httpd(1).await;
    let session = session(&httpd, PASSWORD);
    session.put_instance(&share("one")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let before = httpd.simulator.requests().len();
    session.delete_instance(path("one")).await.unwrap();
    assert_eq!(httpd.simulator.requests().len(), before + 1);
    let log = httpd.log_of(4).await;
    let refused = log.iter().filter(|(status, _)| *status == 401);
    assert_eq!(refused.count(), 2, "{log:?}");
}

pub(crate) async fn nonce_for_one_message() {
    let httpd = httpd(0).await;
    operations::every_mode_of_put(&session(&httpd, PASSWORD), &httpd.simulator).await;
    // Each nonce is found stale with the next message, which is then sent again.
    let log = httpd.log_of(2 * httpd.simulator.requests().len()).await;
    let statuses = log.iter().map(|(status, _)| *status == 401);
    assert!(
        statuses.eq([true, false].into_iter().cycle().take(log.len())),
        "{log:?}"
    );
}

/// Where httpd itself answers, it proves that it knows the password and names the next nonce.
pub(crate) async fn proof_of_the_server() {
    let httpd = httpd(0).await;
    let session = Session::builder(httpd.url().join("identity").unwrap())
        .credentials(Credentials::digest(USER, PASSWORD))
        .allow_unencrypted()
        .build()
        .unwrap();
    for _message in 0..3 {
        let identity = session.identify().await.unwrap();
        assert_eq!(identity.product_vendor, "a fixed text");
    }
    let log = httpd.log_of(4).await;
    let statuses: Vec<u16> = log.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [401, 200, 200, 200], "{log:?}");
}
