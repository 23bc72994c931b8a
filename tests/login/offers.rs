//! Offers that other clients have trouble with.

use wsman::Credentials;
use wsman::auth::ServicePrincipal;
use wsman::simulator::{
    KerberosScheme, LoginScheme, NtlmScheme, PASSWORD, Realm, Simulator, USER, sample,
};

use crate::builder;
use crate::hop::{answering, relay};
use crate::scenario::{shows, succeeds};

async fn windows() -> Simulator {
    let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
    sample().logins(logins).start().await.unwrap()
}

/// A proxy joins the headers of the server into one, which a token shares with other offers.
#[tokio::test]
async fn joined_into_one_header() {
    let url = relay(
        windows().await,
        |request| request,
        |answer| {
            answer.replace(
                "www-authenticate: ",
                "www-authenticate: Basic realm=\"a, b\", Bearer, ",
            )
        },
    )
    .await;
    let credentials = Credentials::ntlm(USER, PASSWORD);
    let builder = || builder(url.clone(), credentials.clone());
    succeeds("offers::joined_into_one_header", builder).await;
}

/// The server offers the mechanism by its own name, without Negotiate.
#[tokio::test]
async fn ntlm_without_negotiate() {
    let to_server = |request: String| {
        request
            .replace("authorization: Negotiate", "authorization: Unknown")
            .replace("authorization: NTLM", "authorization: Negotiate")
    };
    let to_client =
        |answer: String| answer.replace("www-authenticate: Negotiate", "www-authenticate: NTLM");
    let url = relay(windows().await, to_server, to_client).await;
    let credentials = Credentials::ntlm(USER, PASSWORD);
    let builder = || builder(url.clone(), credentials.clone());
    succeeds("offers::ntlm_without_negotiate", builder).await;
}

#[tokio::test]
async fn credssp_alone() {
    let answer = "HTTP/1.1 401 \r\nWWW-Authenticate: CredSSP\r\nServer: Microsoft-HTTPAPI/2.0\r\n\
        Content-Length: 0\r\n\r\n";
    let url = answering(answer).await;
    let credentials = Credentials::ntlm(USER, PASSWORD);
    shows("offers::credssp_alone", || {
        builder(url.clone(), credentials.clone())
    })
    .await;
}

/// As a server with mod_auth_gssapi's own scheme: the token is without SPNEGO.
#[tokio::test]
async fn kerberos_without_negotiate() {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let realm = realm.service("HTTP/localhost").start().await.unwrap();
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &realm.keytab()).unwrap();
    let simulator = sample().logins([LoginScheme::Kerberos(scheme)]);
    let simulator = simulator.start().await.unwrap();
    let to_server = |request: String| {
        request
            .replace("authorization: Negotiate", "authorization: Unknown")
            .replace("authorization: Kerberos", "authorization: Negotiate")
    };
    let to_client = |answer: String| {
        answer.replace("www-authenticate: Negotiate", "www-authenticate: Kerberos")
    };
    let url = relay(simulator, to_server, to_client).await;
    let credentials = Credentials::kerberos(format!("{USER}@EXAMPLE.TEST"), PASSWORD);
    let builder = || {
        builder(url.clone(), credentials.clone())
            .kdc(realm.address())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"))
    };
    succeeds("offers::kerberos_without_negotiate", builder).await;
}
