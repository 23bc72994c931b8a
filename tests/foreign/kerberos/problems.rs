//! Tests errors of a KDC and faults on the way to a ticket: each is reported as a value, and nothing
//! was sent.

use serde_json::json;
use wsman::auth::{Keytab, LoginProblem, PreauthKind, ServicePrincipal};
use wsman::simulator::{PASSWORD, USER};
use wsman::transport::TransportError;
use wsman::{Credentials, Delivery, Error, SessionBuilder};

use super::pyspnego::acceptor;
use super::{keys, password, user, within};
use crate::operations::share;
use crate::pyspnego::Acceptor;
use crate::realm::SERVICE;

/// Returns the error of a put that was not sent.
async fn problem(acceptor: &Acceptor, builder: SessionBuilder) -> LoginProblem {
    let put = builder.build().unwrap().put_instance(&share("logs")).await;
    let error = put.unwrap_err();
    assert_ne!(error.delivery(), Delivery::Unknown, "{error:?}");
    assert!(acceptor.simulator.requests().is_empty());
    problem_of(&error).unwrap_or_else(|| panic!("{error:?}"))
}

fn problem_of(error: &Error) -> Option<LoginProblem> {
    error.caused_by::<TransportError>()?.login_problem()
}

/// Returns the error of the user's login after the realm was changed.
async fn after(change: &str, credentials: Credentials) -> LoginProblem {
    let (acceptor, realm) = acceptor(json!({})).await;
    realm.change(change);
    problem(&acceptor, within(&realm, acceptor.session(credentials))).await
}

pub(crate) async fn wrong_password() {
    let wrong = Credentials::kerberos(USER, "wrong");
    assert_eq!(
        after("listprincs", wrong).await,
        LoginProblem::WrongPassword
    );
}

pub(crate) async fn unknown_user() {
    let unknown = Credentials::kerberos("unknown", PASSWORD);
    assert_eq!(
        after("listprincs", unknown).await,
        LoginProblem::UnknownUser
    );
}

pub(crate) async fn expired_password() {
    let change = format!("modprinc -pwexpire 2001-01-01 {USER}");
    assert_eq!(
        after(&change, password()).await,
        LoginProblem::PasswordExpired
    );
}

pub(crate) async fn expired_account() {
    let change = format!("modprinc -expire 2001-01-01 {USER}");
    assert_eq!(
        after(&change, password()).await,
        LoginProblem::AccountExpired
    );
}

/// MIT only reports that the user may not log in.
pub(crate) async fn disabled_account() {
    let change = format!("modprinc -allow_tix {USER}");
    assert_eq!(
        after(&change, password()).await,
        LoginProblem::AccountRestricted
    );
}

/// RC4, which the caller did not allow.
pub(crate) async fn no_kind_of_key_in_common() {
    let change = format!("cpw -e rc4-hmac:normal -pw {PASSWORD} {USER}");
    assert_eq!(
        after(&change, password()).await,
        LoginProblem::NoSupportedEncryption
    );
}

/// The keytab was written before the account got another key.
pub(crate) async fn old_keytab() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let credentials = keys(&realm);
    realm.change(&format!("cpw -pw another {USER}"));
    let builder = within(&realm, acceptor.session(credentials));
    let problem = problem(&acceptor, builder).await;
    assert_eq!(problem, LoginProblem::WrongKey { version: 1 });
}

/// The account has keys of AES with SHA-1, as in most domains.
pub(crate) async fn keytab_with_sha2_alone() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let file = realm.user_keytab().with_file_name("sha2.keytab");
    for change in [
        format!("cpw -e aes256-sha2:normal -pw {PASSWORD} {USER}"),
        format!("ktadd -norandkey -k {} {USER}", file.display()),
        format!("cpw -e aes256-sha1:normal -pw {PASSWORD} {USER}"),
    ] {
        realm.change(&change);
    }
    let keytab = Keytab::open(&file).unwrap();
    let builder = acceptor.session(Credentials::keytab(user(), keytab));
    let session = within(&realm, builder).build().unwrap();
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert_eq!(
        problem_of(&error),
        Some(LoginProblem::NoSupportedEncryption)
    );
    let text = error.to_string();
    let named = format!("the keys in the keytab, of {USER} (aes256-cts-hmac-sha384-192)");
    assert!(text.contains(&named), "{text}");
    assert!(!text.contains("password is"), "{text}");
}

/// The account needs a smart card or another device.
pub(crate) async fn no_known_pre_authentication() {
    let change = format!("modprinc +requires_hwauth {USER}");
    let problem = after(&change, password()).await;
    let LoginProblem::PreauthNotSupported(kinds) = problem else {
        panic!("{problem:?}");
    };
    assert!(!kinds.contains(PreauthKind::EncryptedTimestamp), "{kinds}");
}

pub(crate) async fn unknown_service() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let service = ServicePrincipal::new().class("nothing");
    let builder = acceptor.session(password()).service_principal(service);
    let problem = problem(&acceptor, within(&realm, builder)).await;
    assert_eq!(problem, LoginProblem::UnknownService);
}

pub(crate) async fn unreachable() {
    let (acceptor, _realm) = acceptor(json!({})).await;
    let builder = acceptor.session(password()).kdc("127.0.0.1:1");
    assert_eq!(
        problem(&acceptor, builder).await,
        LoginProblem::KdcUnreachable
    );
}

/// The service does not know its new key yet.
pub(crate) async fn wrong_service_key() {
    let (acceptor, realm) = acceptor(json!({})).await;
    realm.change(&format!("cpw -randkey {SERVICE}"));
    let session = within(&realm, acceptor.session(password()))
        .build()
        .unwrap();
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(acceptor.events("refused").len(), 1);
    assert!(acceptor.simulator.requests().is_empty());
}
