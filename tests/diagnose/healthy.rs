//! Tests diagnoses of servers without faults.

use wsman::diagnose::{CheckKind, CheckOutcome};
use wsman::simulator::{Dialect, DigestScheme, LoginScheme, PASSWORD, USER, sample};
use wsman::{Credentials, TlsConfig};

use crate::authority::Authority;
use crate::{basic, builder, diagnosed, outcomes, schemes};

#[tokio::test]
async fn basic_over_http_in_every_dialect() {
    for dialect in Dialect::ALL {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
        // In the order of `CheckKind::ALL`.
        let expected = "- ok - - ok ok ok ok note ok";
        assert_eq!(outcomes(&diagnosis), expected, "{dialect:?}\n{diagnosis}");
        assert!(diagnosis.is_healthy());
        assert_eq!(diagnosis.logged_in_by, Some("Basic"));
        assert_eq!(diagnosis.addresses, [simulator.address()]);
        assert!(diagnosis.identity.is_some());
    }
}

#[tokio::test]
async fn digest_over_http() {
    let scheme = LoginScheme::Digest(DigestScheme::new());
    let simulator = sample().logins([scheme]).start().await.unwrap();
    let credentials = Credentials::digest(USER, PASSWORD);
    let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
    assert_eq!(outcomes(&diagnosis), "- ok - - ok ok ok ok note ok");
    assert_eq!(diagnosis.offered, ["Digest"]);
    assert_eq!(diagnosis.logged_in_by, Some("Digest"));
}

#[tokio::test]
async fn https_with_an_authority_of_its_own() {
    let authority = Authority::named("authority of the test");
    let issued = authority.localhost();
    let server = sample().tls(&issued.chain, &issued.key);
    let simulator = server.start().await.unwrap();
    let tls = TlsConfig::with_roots(authority.der()).unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic()).tls(tls)).await;
    assert_eq!(outcomes(&diagnosis), "- ok - ok ok ok ok ok - ok");
    assert_eq!(diagnosis.tls_version, Some("TLS 1.3"));
    let [certificate] = diagnosis.certificates.as_slice() else {
        panic!("{diagnosis}");
    };
    assert_eq!(certificate.der(), issued.der);
    let issuer = certificate.issuer().unwrap();
    assert!(issuer.contains("CN=authority of the test"), "{issuer}");
    assert_eq!(certificate.hosts(), ["127.0.0.1"]);
    assert!(diagnosis.to_string().contains("CN=authority of the test"));
}

#[tokio::test]
async fn without_credentials() {
    let simulator = sample().start().await.unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), Credentials::none())).await;
    assert_eq!(outcomes(&diagnosis), "- ok - - ok ok ok note note -");
    assert_eq!(diagnosis.offered, ["Negotiate", "Basic"]);
}

#[tokio::test]
async fn reports_clock_skew() {
    for (seconds, word) in [(-400, "behind"), (400, "ahead of")] {
        let simulator = sample().clock_ahead(seconds).start().await.unwrap();
        let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
        let clock = &diagnosis.check(CheckKind::Clock).unwrap().outcome;
        let CheckOutcome::Noted(text) = clock else {
            panic!("{diagnosis}");
        };
        assert!(text.contains(word), "{text}");
        let measured = diagnosis.clock_ahead.unwrap();
        assert!((measured - seconds).abs() <= 2, "{measured}");
        assert!(diagnosis.is_healthy());
    }
}

#[cfg(feature = "negotiate")]
mod ntlm {
    use super::*;
    use wsman::simulator::{Knob, NtlmScheme, Simulator};

    async fn server() -> Simulator {
        let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
        sample().logins(logins).start().await.unwrap()
    }

    /// Leaves the scheme to the server.
    #[tokio::test]
    async fn lets_the_server_choose_the_scheme() {
        let digest = LoginScheme::Digest(DigestScheme::new());
        let windows = server().await;
        let amt = sample().logins([digest]).start().await.unwrap();
        for (simulator, scheme, expected) in [
            (windows, "NTLM", "- ok - - ok ok ok ok ok ok"),
            (amt, "Digest", "- ok - - ok ok ok ok note ok"),
        ] {
            let credentials = Credentials::password(USER, PASSWORD);
            let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
            assert_eq!(outcomes(&diagnosis), expected, "{diagnosis}");
            assert_eq!(diagnosis.logged_in_by, Some(scheme));
        }
    }

    #[tokio::test]
    async fn has_a_line_for_each_scheme_of_either_side() {
        let logins = [LoginScheme::Ntlm(NtlmScheme::new()), LoginScheme::Basic];
        let simulator = sample().logins(logins).start().await.unwrap();
        let line = |name: &str, outcome: &str, text: &str| {
            format!("{name:<11}  {outcome:<7}            {text}\n")
        };
        let address = "not tried: the URL has no host name of the server";
        let credentials = Credentials::negotiate(USER, PASSWORD);
        let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
        let expected = [
            line("Kerberos", "note", address),
            line("NTLM", "ok", "accepted"),
            line(
                "Basic",
                "skipped",
                "offered, but the credentials are for another scheme",
            ),
        ];
        assert_eq!(schemes(&diagnosis), expected.concat());
        let credentials = Credentials::password(USER, "wrong");
        let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
        let expected = [
            line("Kerberos", "note", address),
            line("NTLM", "note", "refused at step 2 of 2"),
            line("Digest", "note", "the server does not offer it"),
            line(
                "Basic",
                "skipped",
                "not tried, because a second refusal may lock the account",
            ),
        ];
        assert_eq!(schemes(&diagnosis), expected.concat());
    }

    async fn assert_sealed(simulator: &Simulator, form: &str) {
        let credentials = Credentials::ntlm(USER, PASSWORD);
        let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
        let expected = "- ok - - ok ok ok ok ok ok";
        assert_eq!(outcomes(&diagnosis), expected, "{diagnosis}");
        assert_eq!(diagnosis.logged_in_by, Some("NTLM"));
        let sealing = &diagnosis.check(CheckKind::Sealing).unwrap().outcome;
        let CheckOutcome::Passed(text) = sealing else {
            panic!("{diagnosis}");
        };
        assert!(text.contains(form), "{text}");
    }

    #[tokio::test]
    async fn seals_messages_in_the_form_of_windows() {
        assert_sealed(&server().await, "MS-WSMV").await;
    }

    #[tokio::test]
    async fn seals_messages_in_the_form_of_omi() {
        let simulator = server().await;
        // Identify, the offers, a login in two messages, and another login for the first sealed
        // message, after which the server closes the connection.
        for _message in 0..6 {
            simulator.next(Knob::Pass);
        }
        simulator.next(Knob::DropAnswer);
        assert_sealed(&simulator, "OMI").await;
    }
}
