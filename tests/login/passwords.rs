//! Schemes, passwords and rights.

use wsman::Credentials;
use wsman::simulator::{
    DigestScheme, LoginScheme, NtlmScheme, PASSWORD, Refusal, SimulatorBuilder, USER, sample,
};

use crate::builder;
use crate::scenario::shows;

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
