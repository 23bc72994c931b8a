//! Schemes, passwords and rights.

use wsman::Credentials;
use wsman::simulator::{
    DigestScheme, LoginScheme, NtlmScheme, PASSWORD, Refusal, SimulatorBuilder, USER, sample,
};

use crate::table::row;
use crate::{builder, told};

/// Asserts what an Identify on this server tells.
async fn identify(test: &str, server: SimulatorBuilder, credentials: Credentials) {
    let simulator = server.start().await.unwrap();
    let session = builder(simulator.url(), credentials).build().unwrap();
    let error = session.identify().await.unwrap_err();
    row(test).assert_in(&told(&error));
    let diagnosis = session.diagnose().await.to_string();
    row(test).assert_in(&diagnosis);
}

fn ntlm() -> SimulatorBuilder {
    sample().logins([LoginScheme::Ntlm(NtlmScheme::new())])
}

fn digest() -> SimulatorBuilder {
    sample().logins([LoginScheme::Digest(DigestScheme::new())])
}

#[tokio::test]
async fn no_credentials() {
    let simulator = sample().start().await.unwrap();
    let session = builder(simulator.url(), Credentials::none()).build();
    let error = session.unwrap().identify().await.unwrap_err();
    row("passwords::no_credentials").assert_in(&told(&error));
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
