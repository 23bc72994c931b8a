//! Sealed messages and signatures of every mechanism, in both directions.

use super::*;
use crate::auth::negotiate::kerberos::{
    Context as TicketKeys, ContextKey, KerberosEtype, Key, Role,
};
use crate::auth::negotiate::ntlm::keys::{NtlmKeys, Side};
use crate::auth::seal::{Protocol, Sealer, UnsealError};

/// The keys of both sides: the one that seals, and the one that unseals.
type Pair<S> = (S, S);

const MESSAGE: &[u8] = b"<s:Envelope/>";

fn by_ntlm(from_client: bool) -> Pair<NtlmKeys> {
    let keys = |side| NtlmKeys::new(&[7; 16], 0xe288_8235, side);
    if from_client {
        (keys(Side::Client), keys(Side::Server))
    } else {
        (keys(Side::Server), keys(Side::Client))
    }
}

fn by_ticket(etype: KerberosEtype, from_client: bool) -> Pair<TicketKeys> {
    let keys = |role| {
        let (next, expected) = match role {
            Role::Initiator => (5, 7),
            Role::Acceptor => (7, 5),
        };
        TicketKeys::new(ContextKey {
            key: Key::new(etype, vec![9; etype.key_length()]).unwrap(),
            is_of_acceptor: true,
            role,
            next,
            expected: Some(expected),
            environment: constant(),
        })
    };
    if from_client {
        (keys(Role::Initiator), keys(Role::Acceptor))
    } else {
        (keys(Role::Acceptor), keys(Role::Initiator))
    }
}

/// The parts of the frame that are read in any case, or not at all.
const OPEN: &[(&str, &str)] = &[
    ("\r", "white space"),
    ("\t", "white space"),
    (
        "Content-Type: application/HTTP-SPNEGO-session-encrypted",
        "letters in any case",
    ),
    ("OriginalContent", "letters in any case"),
    (
        " type=application/soap+xml;charset=UTF-8",
        "the message itself names its encoding",
    ),
    ("Length", "letters in any case"),
    (
        "Content-Type: application/octet-stream",
        "letters in any case",
    ),
];

/// Lists the open parts of a frame's head.
fn with_open_parts<'a>(mut specimen: Specimen<'a>, body: &[u8]) -> Specimen<'a> {
    let end = "octet-stream\r\n";
    let head = String::from_utf8_lossy(body);
    let head = &head[..head.find(end).unwrap() + end.len()];
    for (part, why) in OPEN {
        for (at, _) in head.match_indices(part) {
            // The boundaries end in line breaks that are looked for.
            specimen = specimen.ignores(at..at + part.len(), why);
        }
    }
    specimen
}

fn check<S: Sealer<Error: std::fmt::Display>>(
    name: &str,
    form: MimeForm,
    keys: impl Fn() -> Pair<S>,
    listed: impl for<'a> Fn(Specimen<'a>, &[u8]) -> Specimen<'a>,
) {
    let sealed = || {
        let (mut sealing, unsealing) = keys();
        let body = seal::seal(&mut sealing, Protocol::Spnego, form, MESSAGE);
        (body.unwrap_or_else(|_| panic!("{name}")), unsealing)
    };
    let (whole, _) = sealed();
    let end = whole.len();
    let line_breaks = [
        Edit::Cut(end - 2),
        Edit::Cut(end - 1),
        Edit::Append(b"\r\n"),
    ];
    let specimen = Specimen::new(name, &whole, ERRORS).accepts(line_breaks);
    let specimen = specimen.ignores(end - 2..end - 1, "white space");
    let specimen = listed(with_open_parts(specimen, &whole), &whole);
    specimen.check(|edit| {
        let (body, mut unsealing) = sealed();
        let opened = seal::unseal(&mut unsealing, &edit.apply(&body), 1000);
        opened.map_err(|error| match error {
            UnsealError::Seal(error) => format!("cannot be unsealed: {error}"),
            other => other.to_string(),
        })
    });
}

const ERRORS: &[&str] = &["the sealed message ", "cannot be unsealed: "];

#[test]
fn a_message_that_ntlm_sealed_is_protected() {
    for from_client in [true, false] {
        for form in [MimeForm::Tabbed, MimeForm::Untabbed] {
            check(
                "NTLM",
                form,
                || by_ntlm(from_client),
                |specimen, _| specimen,
            );
        }
    }
}

/// The header and the data are one token, whatever the length of the header.
#[test]
fn a_message_that_a_ticket_sealed_is_protected() {
    for etype in KerberosEtype::all() {
        for from_client in [true, false] {
            let name = etype.to_string();
            let keys = || by_ticket(*etype, from_client);
            check(&name, MimeForm::Tabbed, keys, |specimen, body| {
                // A flip makes the others shorter by up to 64 bytes, which may be padding.
                if matches!(etype, KerberosEtype::Aes128Sha256 | KerberosEtype::Rc4Hmac) {
                    return specimen;
                }
                let start = place(body, "octet-stream\r\n") + "octet-stream\r\n".len();
                specimen.ignores(start..start + 1, "OMI splits a token elsewhere")
            });
        }
    }
}

fn place(body: &[u8], text: &str) -> usize {
    let mut windows = body.windows(text.len());
    windows
        .position(|window| window == text.as_bytes())
        .unwrap()
}

/// A signature of the list of mechanisms is of one list and one side.
#[test]
fn a_signature_is_protected() {
    let list = b"the list";
    for from_client in [true, false] {
        let signature = by_ntlm(from_client).0.sign(list);
        let specimen = Specimen::new("NTLM", &signature, &["changed or reordered"]).exhaustively();
        specimen.check(|edit| by_ntlm(from_client).1.verify(list, &edit.apply(&signature)));
        for etype in KerberosEtype::all() {
            let signature = by_ticket(*etype, from_client).0.sign(list).unwrap();
            let name = etype.to_string();
            let specimen = Specimen::new(&name, &signature, &["signature is invalid"]);
            specimen.check(|edit| {
                let (_, mut verifying) = by_ticket(*etype, from_client);
                verifying.verify(list, &edit.apply(&signature))
            });
        }
    }
}
