//! Challenges of HTTP, the Digest login, and sealed messages.

use crate::auth::challenge::Challenge;
use crate::auth::digest::{
    BodyIntegrity, Caution, Login, Memory, Protected, ServerFacts, Step, Verdict,
};
use crate::auth::seal::{self, MimeForm, Protocol, Sealed, Sealer};
use crate::auth::{Credentials, LoginLimits};

const USER: &str = r#"o"p\sé"#;

/// Parses the headers `WWW-Authenticate`: each challenge is a part of one, and there are not too many.
pub fn challenges(headers: &[&str]) {
    let found = Challenge::read_all(headers.iter().copied());
    assert!(found.len() <= LoginLimits::default().challenges);
    for challenge in &found {
        let is_sent = |text: &str| headers.iter().any(|header| header.contains(text));
        assert!(!challenge.scheme().is_empty() && is_sent(challenge.scheme()));
        assert!(challenge.token().is_none_or(is_sent));
        let _ = challenge.parameter("realm");
    }
}

/// Runs the exchange of one message against answers: each is a status of 401 with these challenges, or
/// passes with this `Authentication-Info`. What is sent is one header with the values of the challenge.
pub fn digest(answers: &[(bool, &str)], may_repeat: bool, or_basic: bool) {
    let credentials = if or_basic {
        Credentials::password(USER, "hunter2")
    } else {
        Credentials::digest(USER, "hunter2")
    };
    let login = Login::new(&credentials, BodyIntegrity::Wanted);
    let Some(login) = login.ok().flatten() else {
        return;
    };
    let caution = if may_repeat {
        Caution::MayRepeat
    } else {
        Caution::SendsOnce
    };
    let mut exchange = login.exchange(Memory::Nothing, caution, ServerFacts::default());
    let mut offered = Vec::new();
    let mut next_nonce = None;
    let mut written = 0;
    for (steps, (is_refused, header)) in answers.iter().enumerate() {
        assert!(steps < 16, "an exchange ends");
        let step = exchange.step();
        let message = Protected {
            method: "POST",
            uri: "/wsman",
            body: b"<body/>",
        };
        if let Some(sent) = exchange.authorization(message) {
            assert_one_header(sent.expose(), &offered, next_nonce.as_deref());
            written += usize::from(step == Step::Message);
            assert!(may_repeat || written <= 1, "a write is sent once");
        }
        let verdict = if *is_refused {
            offered = Challenge::read_all([*header]);
            next_nonce = None;
            exchange.refused(&offered, "0123456789abcdef".to_owned())
        } else {
            let info = format!("Digest {header}");
            let info = Challenge::read_all([info.as_str()]);
            let next = info.first().and_then(|info| info.parameter("nextnonce"));
            next_nonce = next.map(str::to_owned).or(next_nonce);
            exchange.passed(Some(header))
        };
        if !matches!(verdict, Verdict::Again) {
            let _ = format!("{verdict:?}");
            return;
        }
    }
}

/// Asserts that a value of `Authorization` is one header of one scheme, whose parameters are those of one
/// of the challenges, or the next nonce: a server cannot add any by its values.
fn assert_one_header(sent: &str, offered: &[Challenge], next_nonce: Option<&str>) {
    assert!(!sent.contains(char::is_control), "{sent:?}");
    let read = Challenge::read_all([sent]);
    let [challenge] = read.as_slice() else {
        panic!("one scheme: {sent}");
    };
    if !challenge.is("Digest") {
        return assert!(challenge.is("Basic") && challenge.token().is_some());
    }
    assert_eq!(challenge.parameter("uri"), Some("/wsman"));
    assert!(
        challenge
            .parameter("response")
            .is_some_and(|it| it.bytes().all(|b| b.is_ascii_hexdigit()))
    );
    let is_offered = |name| {
        let sent = challenge.parameter(name);
        let is_next = name == "nonce" && next_nonce.is_some() && sent == next_nonce;
        is_next || offered.iter().any(|offer| offer.parameter(name) == sent)
    };
    let names = ["realm", "nonce", "opaque"];
    assert!(
        offered.is_empty() || names.into_iter().all(is_offered),
        "{sent}"
    );
}

/// Seals nothing: the header is a mark.
struct Open;

impl Sealer for Open {
    type Error = &'static str;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, Self::Error> {
        Ok(Sealed {
            header: vec![7; 16],
            data: message.to_vec().into(),
        })
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Self::Error> {
        if header.len() > 1024 {
            return Err("the header is too long");
        }
        Ok(data.to_vec())
    }
}

/// Unseals a body, and seals the same bytes as a message, which come back.
pub fn sealed(body: &[u8]) {
    const LIMIT: usize = 1 << 16;
    match seal::unseal(&mut Open, body, LIMIT) {
        Ok(message) => assert!(message.len() <= LIMIT && message.len() <= body.len()),
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
    let _ = (
        seal::begins(body),
        seal::is_sealed(&String::from_utf8_lossy(body)),
    );
    // The frame cannot tell a message that ends in zeros from one that is padded.
    let end = body
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let message = body.get(..end.min(LIMIT)).unwrap_or_default();
    if message.last() == Some(&0) {
        return;
    }
    for (protocol, form) in [
        (Protocol::Spnego, MimeForm::Tabbed),
        (Protocol::Kerberos, MimeForm::Untabbed),
    ] {
        let framed = seal::seal(&mut Open, protocol, form, message);
        let framed = framed.unwrap_or_default();
        assert!(seal::begins(&framed) && seal::is_sealed(protocol.content_type()));
        assert_eq!(
            seal::unseal(&mut Open, &framed, LIMIT).as_deref(),
            Ok(message)
        );
    }
}
