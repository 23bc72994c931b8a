//! Logins by Kerberos inside SPNEGO, with the messages of the KDC.

use std::ops::Range;

use super::*;
use crate::auth::damage::element;
use crate::auth::negotiate::BoundUser;
use crate::auth::negotiate::kerberos::{
    KerberosEtype, NameKind, PrincipalName, Realms, TargetService,
};
use crate::auth::{Credentials, Keytab, LoginLimits};
use crate::simulator::Realm;

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";

/// The messages of a login.
#[derive(Clone, Copy)]
enum Message {
    FirstRequest,
    PreauthRequired,
    ProvenRequest,
    FirstTicket,
    ServiceRequest,
    ServiceTicket,
    Offer,
    Proof,
}

/// The errors of a login by Kerberos: of the KDC and its answers, of the service, and of its answer.
const ERRORS: &[&str] = &[
    "the KDC of EXAMPLE.TEST",
    "the realm EXAMPLE.TEST",
    "the server rejected the login",
    "the server sent an invalid SPNEGO token",
    "the server sent an invalid token",
    "the server did not prove",
    "the server chose a mechanism that was not offered",
    "the server continued a completed login",
    "the server sent a signature before the login had keys",
    "the server ended the login before it was complete",
    "the login is not complete",
    "the server: ",
    "the seal of the message is invalid",
    "the server's signature is invalid",
];

/// A KDC behind the wire.
struct CarriedKdc<'a, F>(&'a Wire, F);

impl<F: Fn(&[u8]) -> Vec<u8> + Send + Sync> Kdc for CarriedKdc<'_, F> {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        let Self(wire, answer) = self;
        let request = wire.carry(request.message);
        let answer = wire.carry(answer(&request));
        Box::pin(std::future::ready(Ok(answer)))
    }
}

fn realms() -> Realms {
    Realms {
        default: None,
        target: TargetService {
            service: PrincipalName::new(NameKind::Service, &["HTTP", "localhost"]),
            realm: None,
        },
        environment: constant(),
        etypes: KerberosEtype::DEFAULT.to_vec(),
        kdcs: String::new(),
        most_messages: LoginLimits::default().ticket_messages,
    }
}

fn by_ticket(
    keytab: &Keytab,
    kdc: impl Fn(&[u8]) -> Vec<u8> + Send + Sync,
    wire: &Wire,
) -> Outcome {
    let credentials = Credentials::keytab(format!("{USER}@{REALM}"), keytab.clone());
    let place = (SERVICE.to_owned(), constant());
    let user = BoundUser::of(&credentials, Ok(&realms()), place);
    let client = user.unwrap().unwrap().login().unwrap();
    let scheme = KerberosScheme::new(&format!("{SERVICE}@{REALM}"), keytab).unwrap();
    let server = Server {
        kerberos: Some(scheme),
        ..Server::default()
    };
    log_in(client, &server, (&CarriedKdc(wire, kdc), wire))
}

fn check(damaged: Message, listed: impl for<'a> Fn(Specimen<'a>, &[u8]) -> Specimen<'a>) {
    let realm = Realm::new(REALM).user(USER, PASSWORD).service(SERVICE);
    let (keytab, kdc) = realm.without_network();
    let log_in = |wire: &Wire| by_ticket(&keytab, &kdc, wire);
    let number = damaged as usize;
    let whole = message(number, log_in);
    // A login takes long without optimization.
    let specimen = Specimen::new("Kerberos", &whole, ERRORS).flipping(&[0x01, 0xA0]);
    let specimen = listed(specimen, &whole);
    specimen.check(|edit| run((number, &whole, edit), log_in));
}

/// Returns the places of the types of names in an element.
fn name_types(message: &[u8], within: Range<usize>) -> Vec<Range<usize>> {
    let is_type = |at: &usize| {
        message[..*at].ends_with(&[0xA0, 3, 2, 1])
            && message[at + 1] == 0xA1
            && message[at + 3] == 0x30
    };
    let within = within.start + 4..within.end - 4;
    within.filter(is_type).map(|at| at..at + 1).collect()
}

fn with_name_types<'a>(specimen: Specimen<'a>, whole: &[u8]) -> Specimen<'a> {
    let why = "the type of a name is a hint (RFC 4120 6.2)";
    let types = name_types(whole, 0..whole.len());
    assert!(!types.is_empty());
    types
        .into_iter()
        .fold(specimen, |specimen, at| specimen.ignores(at, why))
}

const UNSIGNED: &str = "requests for a first ticket are not signed (RFC 4120 5.4.1)";

#[test]
fn a_request_for_the_first_ticket_makes_no_other_login() {
    check(Message::FirstRequest, |specimen, whole| {
        specimen.ignores(element(whole, &[0x6A, 0x30, 0xA4]), UNSIGNED)
    });
    check(Message::ProvenRequest, |specimen, whole| {
        specimen.ignores(element(whole, &[0x6A, 0x30, 0xA4]), UNSIGNED)
    });
}

#[test]
fn a_demand_for_pre_authentication_makes_no_other_login() {
    check(Message::PreauthRequired, |specimen, whole| {
        let fields = element(whole, &[0x7E, 0x30]);
        specimen.ignores(fields, "an error of a KDC is not signed (RFC 4120 5.9.1)")
    });
}

#[test]
fn the_first_ticket_is_protected() {
    check(Message::FirstTicket, |specimen, whole| {
        let hints = element(whole, &[0x6B, 0x30, 0xA2]);
        let specimen = specimen.ignores(hints, "how the key derives (RFC 4120 5.4.2)");
        with_name_types(specimen, whole)
    });
}

#[test]
fn a_request_for_the_service_is_protected() {
    check(Message::ServiceRequest, |specimen, whole| {
        let request = [0x6C, 0x30, 0xA3, 0x30, 0x30, 0xA2, 0x04, 0x6E, 0x30];
        let options = element(whole, &[&request[..], &[0xA2]].concat());
        let ticket = element(whole, &[&request[..], &[0xA3]].concat());
        specimen
            .ignores(options, "the options of a proof to the KDC have no meaning")
            .ignores(ticket, "the KDC reads the names within its own ticket")
    });
}

#[test]
fn the_ticket_of_the_service_is_protected() {
    check(Message::ServiceTicket, with_name_types);
}

#[test]
fn an_offer_with_a_ticket_is_protected() {
    check(Message::Offer, |specimen, whole| {
        let offered = element(whole, &[0x60, 0xA0, 0x30, 0xA0]);
        let rest = offered.end - 11..offered.end;
        let why = "the rest of the list is signed only if another mechanism is chosen";
        with_name_types(specimen.ignores(rest, why), whole)
    });
}

#[test]
fn the_proof_of_the_service_is_protected() {
    check(Message::Proof, |specimen, whole| {
        let choice = element(whole, &[0xA1, 0x30, 0xA1]);
        specimen.ignores(choice, "a missing choice means the first mechanism")
    });
}

/// The proof of one login, damaged in any way, completes no other one: not even where the server says
/// that it is complete.
#[test]
fn another_servers_proof_completes_no_login() {
    let realm = Realm::new(REALM).user(USER, PASSWORD).service(SERVICE);
    let (keytab, kdc) = realm.without_network();
    let number = Message::Proof as usize;
    let proof = message(number, |wire: &Wire| by_ticket(&keytab, &kdc, wire));
    let specimen = Specimen::new("other proof", &proof, ERRORS).flipping(&[0x04]);
    specimen.check_rejected(|edit| {
        let credentials = Credentials::keytab(format!("{USER}@{REALM}"), keytab.clone());
        let place = (SERVICE.to_owned(), constant());
        let user = BoundUser::of(&credentials, Ok(&realms()), place)
            .unwrap()
            .unwrap();
        let mut client = user.login().unwrap();
        let wire = Wire::new(usize::MAX, Edit::Nothing);
        let kdc = CarriedKdc(&wire, &kdc);
        ready(client.step(None, &kdc)).unwrap();
        let more = ready(client.step(Some(&edit.apply(&proof)), &kdc));
        more.map_err(|error| error.to_string())?;
        client
            .is_complete()
            .then_some("complete")
            .ok_or("the login is not complete".to_owned())
    });
}

/// Returns a keytab of the user with this key, as `ktutil` writes it.
fn keytab_file(key: &[u8]) -> Vec<u8> {
    let text = |text: &str| {
        let length = u16::try_from(text.len()).unwrap();
        [&length.to_be_bytes()[..], text.as_bytes()].concat()
    };
    let etype = u16::try_from(KerberosEtype::Aes256Sha1.number()).unwrap();
    let length = u16::try_from(key.len()).unwrap();
    let entry = [
        &[0, 1][..],
        &text(REALM),
        &text(USER),
        // The type of the name, the time, and the version.
        &[0, 0, 0, 1, 0x65, 0, 0, 0, 2],
        &etype.to_be_bytes(),
        &length.to_be_bytes(),
        key,
        &[0, 0, 0, 2],
    ]
    .concat();
    let length = u32::try_from(entry.len()).unwrap();
    [&[5, 2][..], &length.to_be_bytes(), &entry].concat()
}

/// A keytab has no checksum. A damaged one is an error, or has no key, or its key is not the
/// account's, which the KDC tells.
#[test]
fn a_damaged_keytab_logs_in_only_with_its_key() {
    let realm = Realm::new(REALM).user(USER, PASSWORD).service(SERVICE);
    let (all, kdc) = realm.without_network();
    let key = all.keys(REALM, &[USER], KerberosEtype::all()).remove(0);
    let file = keytab_file(key.bytes());
    let behind_key = file.len() - 4;
    let before_key = behind_key - key.bytes().len();
    let errors = &[
        "invalid keytab",
        "unsupported keytab version",
        "the keytab entry at byte",
        "the keytab has no key of that principal",
        "in the keytab",
        "the KDC of EXAMPLE.TEST",
    ];
    let specimen = Specimen::new("keytab", &file, errors)
        .flipping(&[0x01, 0x80])
        .ignores(
            before_key - 13..before_key - 4,
            "type of the name, time and version",
        )
        .ignores(behind_key..file.len(), "the version, which errors name");
    specimen.check(|edit| {
        let keytab = Keytab::read(&edit.apply(&file)).map_err(|error| error.to_string())?;
        let credentials = Credentials::keytab(format!("{USER}@{REALM}"), keytab);
        let place = (SERVICE.to_owned(), constant());
        let user = BoundUser::of(&credentials, Ok(&realms()), place);
        let user = user.map_err(|error| error.to_string())?.unwrap();
        let wire = Wire::new(usize::MAX, Edit::Nothing);
        let token = ready(user.login().unwrap().step(None, &CarriedKdc(&wire, &kdc)));
        token.map(|_| "a ticket").map_err(|error| error.to_string())
    });
}
