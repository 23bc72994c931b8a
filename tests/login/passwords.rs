//! Schemes, passwords and rights.

use wsman::Credentials;
use wsman::simulator::{
    DigestScheme, LoginScheme, NtlmScheme, PASSWORD, Refusal, SimulatorBuilder, USER, sample,
};

use crate::builder;
use crate::hop::{answering, refusing_tokens};
use crate::scenario::{diagnoses, shows};

/// Asserts what a session with this server tells.
async fn identify(test: &str, server: SimulatorBuilder, credentials: Credentials) {
    let simulator = server.start().await.unwrap();
    shows(test, || builder(simulator.url(), credentials.clone())).await;
}

fn ntlm() -> SimulatorBuilder {
    sample().logins([LoginScheme::Ntlm(NtlmScheme::new())])
}

fn digest() -> SimulatorBuilder {
    sample().logins([LoginScheme::Digest(DigestScheme::new())])
}

#[tokio::test]
async fn no_credentials() {
    let server = sample().logins([LoginScheme::Basic]);
    identify("passwords::no_credentials", server, Credentials::none()).await;
}

#[tokio::test]
async fn wrong_password() {
    let credentials = Credentials::ntlm(USER, "wrong");
    identify("passwords::wrong_password", ntlm(), credentials).await;
}

/// Windows takes Basic for local accounts alone.
#[tokio::test]
async fn domain_account_by_basic() {
    let server = sample().logins([LoginScheme::Basic]);
    let credentials = Credentials::basic(r"CORP\ops", PASSWORD);
    identify("passwords::domain_account_by_basic", server, credentials).await;
}

/// A gateway that ends TLS looks like a wrong password: the login is bound to its certificate.
#[cfg(feature = "negotiate")]
#[tokio::test]
async fn login_bound_to_another_certificate() {
    let authority = crate::authority::Authority::new();
    let issued = authority.localhost();
    let server = ntlm().tls(&issued.chain, &issued.key);
    let simulator = server.refusing(Refusal::Account).start().await.unwrap();
    let tls = wsman::TlsConfig::with_roots(authority.der()).unwrap();
    let credentials = Credentials::ntlm(USER, PASSWORD);
    let builder = || builder(simulator.url(), credentials.clone()).tls(tls.clone());
    shows("passwords::login_bound_to_another_certificate", builder).await;
}

/// Digest waits for a challenge, and OMI answers nothing without a login.
#[tokio::test]
async fn digest_on_omi() {
    let url = refusing_tokens(None, "").await;
    let credentials = Credentials::digest(USER, PASSWORD);
    let limit = std::time::Duration::from_secs(1);
    let builder = builder(url, credentials).operation_timeout(limit);
    diagnoses("passwords::digest_on_omi", builder).await;
}

/// Intel AMT answers with a page of its own, and closes the connection.
#[tokio::test]
async fn refused_by_intel_amt() {
    let page = "<html><head><title>Intel&reg; Active Management Technology</title></head>\
        <body><h2>Log on failed. Incorrect user name or password, or user account temporarily \
        locked.</h2></body></html>";
    let answer = format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"Digest:25\", nonce=\"QYePBL\",\
         stale=\"false\",qop=\"auth-int, auth\"\r\nContent-Type: text/html\r\n\
         Server: Intel(R) Active Management Technology 16.1.25\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    let url = answering(answer.leak()).await;
    let credentials = Credentials::digest("admin", PASSWORD);
    let builder = || builder(url.clone(), credentials.clone());
    shows("passwords::refused_by_intel_amt", builder).await;
}

#[tokio::test]
async fn denied_account() {
    let credentials = Credentials::digest(USER, PASSWORD);
    let server = digest().refusing(Refusal::Account);
    identify("passwords::denied_account", server, credentials).await;
}

#[tokio::test]
async fn basic_is_off() {
    let credentials = Credentials::basic(USER, PASSWORD);
    identify("passwords::basic_is_off", digest(), credentials).await;
}

#[tokio::test]
async fn scheme_is_not_offered() {
    let server = sample().logins([LoginScheme::Basic]);
    let credentials = Credentials::digest(USER, PASSWORD);
    identify("passwords::scheme_is_not_offered", server, credentials).await;
}

#[tokio::test]
async fn ntlm_is_restricted() {
    let credentials = Credentials::ntlm(USER, PASSWORD);
    identify("passwords::ntlm_is_restricted", sample(), credentials).await;
}

#[tokio::test]
async fn unencrypted_is_refused() {
    let server = sample().refusing(Refusal::Unencrypted);
    let credentials = Credentials::basic(USER, PASSWORD);
    identify("passwords::unencrypted_is_refused", server, credentials).await;
}

#[tokio::test]
async fn no_right_to_the_service() {
    let server = sample().refusing(Refusal::Service);
    let credentials = Credentials::basic(USER, PASSWORD);
    identify("passwords::no_right_to_the_service", server, credentials).await;
}
