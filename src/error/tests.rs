//! Tests of the table rows that no fixture covers, and of properties that every error has.

use super::*;
use crate::protocol::{FaultCode, FaultDetail, WsmanCode};

fn fault(change: impl FnOnce(&mut Fault)) -> Box<Fault> {
    let mut fault = Fault {
        code: FaultCode::Receiver,
        ..Fault::default()
    };
    change(&mut fault);
    Box::new(fault)
}

fn with_error(properties: &[(&str, &str)]) -> Box<Fault> {
    let mut error = Instance::new("MSFT_WmiError");
    for (name, text) in properties {
        error.set(*name, crate::cim::Value::Untyped((*text).to_owned()));
    }
    fault(|fault| fault.cim_error = Some(Box::new(error)))
}

/// From the most specific evidence to the least.
#[test]
fn decides_by_the_most_specific_evidence() {
    let hresult = with_error(&[("error_Code", "2147749928"), ("CIMStatusCode", "1")]);
    assert_eq!(from_fault(hresult, 500, true).name(), "IllegalNull");
    let status = with_error(&[("CIMStatusCode", "11"), ("error_Code", "2147749889")]);
    assert_eq!(from_fault(status, 500, true).name(), "AlreadyExists");
    let query = with_error(&[("error_Code", "2147749911"), ("CIMStatusCode", "1")]);
    assert_eq!(from_fault(query, 500, false).name(), "InvalidParameter");
    let code = fault(|fault| {
        fault.wsman_code = Some(WsmanCode(0x8033_8104));
        fault.subcode = Some("InternalError".into());
    });
    assert_eq!(from_fault(code, 500, true).name(), "AccessDenied");
    let subcode = fault(|fault| fault.subcode = Some("AlreadyExists".into()));
    assert_eq!(from_fault(subcode, 500, true).name(), "AlreadyExists");
    let nothing = from_fault(with_error(&[("CIMStatusCode", "1")]), 500, true);
    assert_eq!(
        (nothing.name(), nothing.wbem()),
        ("Fault", WbemStatus::FAILED)
    );
}

#[test]
fn tells_a_limit_from_a_lack_of_memory() {
    let limit = from_fault(with_error(&[("CIMStatusCode", "27")]), 500, true);
    assert_eq!(limit.name(), "ServerLimits");
    for text in [
        "Windows System Error 8",
        "Windows System Error 14",
        "HRESULT 0x80041006",
    ] {
        let error = from_fault(
            with_error(&[("MessageID", text), ("CIMStatusCode", "27")]),
            500,
            true,
        );
        assert_eq!(
            (error.name(), error.wbem()),
            ("OutOfMemory", WbemStatus::OUT_OF_MEMORY),
            "{text}"
        );
    }
}

#[test]
fn reports_an_unknown_delivery_after_a_write_times_out() {
    let timed_out = || fault(|fault| fault.subcode = Some("TimedOut".into()));
    assert_eq!(
        from_fault(timed_out(), 500, true).delivery(),
        Delivery::Unknown
    );
    assert_eq!(
        from_fault(timed_out(), 500, false).delivery(),
        Delivery::Answered
    );
    assert!(
        from_fault(timed_out(), 500, true)
            .to_string()
            .contains("read the instance back")
    );
}

#[test]
fn an_error_is_small_and_keeps_the_earlier_error() {
    assert!(size_of::<Error>() <= 16);
    let before = Error::NotFound(Failure::new("first").delivery(Delivery::Answered));
    let error = Error::InvalidClass(Failure::new("then")).after(before);
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.earlier().map(Error::name), Some("NotFound"));
    assert_eq!(error.to_string(), "invalid class: then");
}

#[test]
fn errors_of_the_client_have_a_code() {
    let value = Error::from(ValueError::new("x", "a value of type uint8"));
    assert_eq!(value.wbem(), WbemStatus::INVALID_PARAMETER);
    assert_eq!(value.delivery(), Delivery::NotSent);
    let lost = TransportError::new(TransportErrorKind::Interrupted, Delivery::Unknown, "cut");
    let lost = Error::from(lost);
    assert_eq!(
        (lost.name(), lost.wbem()),
        ("Transport", WbemStatus::TRANSPORT_FAILURE)
    );
    assert_eq!(lost.status(), CimStatus::Failed);
}

/// Returns one error for each place that holds text of a server.
fn errors_with(text: &str) -> Vec<Error> {
    let login = LoginFailure {
        offered: vec![text.to_owned()],
        ..LoginFailure::default()
    };
    let said = fault(|fault| {
        fault.reason = text.to_owned();
        fault.subcode = Some(text.into());
        fault.fault_detail = Some(text.into());
    });
    let lost = TransportError::new(TransportErrorKind::Interrupted, Delivery::Unknown, text);
    vec![
        Error::from(said),
        Error::from(DecodeError::NotSoap(text.to_owned())),
        Error::from(DecodeError::Unexpected(text.to_owned())),
        Error::from(DecodeError::Unrelated {
            sent: "uuid:1".to_owned(),
            answered: text.to_owned(),
        }),
        Error::from(ValueError::new(text, "a value of type uint8").in_property(text)),
        Error::from(lost),
        Error::Auth(Failure::new("HTTP 401").login(login)),
    ]
}

/// Returns all texts of an error: its own, its debug text, and those of its sources.
fn printed(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string(), format!("{error:?}")];
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    texts
}

#[test]
fn bounds_an_error_with_a_long_text_of_the_server() {
    for error in errors_with(&"x".repeat(16 << 20)) {
        for text in printed(&error) {
            assert!(
                text.len() < 10_000,
                "{} is {} bytes",
                error.name(),
                text.len()
            );
        }
    }
}

#[test]
fn escapes_control_and_bidirectional_characters() {
    for error in errors_with("\u{1b}[2J\u{202e}\u{9b}\r\n\u{2066}") {
        for text in printed(&error) {
            let is_raw = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{2066}');
            assert!(!text.contains(is_raw), "{}: {text:?}", error.name());
        }
        assert!(error.to_string().contains(r"\u{202e}"), "{error}");
    }
}

#[test]
fn keeps_the_advice_after_a_long_text() {
    let lost = TransportError::new(
        TransportErrorKind::Interrupted,
        Delivery::Unknown,
        "x".repeat(1 << 20),
    );
    assert!(Error::from(lost).to_string().ends_with("before a retry"));
}

/// openwsman sends the same bytes for a class that does not exist and while its CIM server is down.
#[test]
fn answers_of_openwsman_without_its_cim_server_are_ambiguous() {
    let judged = |subcode: &str, detail: Option<&str>| {
        let fault = fault(|fault| {
            fault.subcode = Some(subcode.into());
            fault.fault_detail = detail.map(FaultDetail::from);
        });
        let error = from_fault(fault, 400, true);
        let says_so = error.to_string().contains("CIM server is down");
        assert_eq!(says_so, error.is_ambiguous(), "{error}");
        (error.name(), error.is_ambiguous())
    };
    for (subcode, detail, wanted) in [
        (
            "EndpointUnavailable",
            Some("Unknown"),
            ("InvalidClass", true),
        ),
        (
            "EndpointUnavailable",
            Some("InvalidResourceURI"),
            ("InvalidClass", false),
        ),
        ("EndpointUnavailable", None, ("ShuttingDown", false)),
        ("DestinationUnreachable", None, ("NotFound", true)),
        (
            "DestinationUnreachable",
            Some("InvalidResourceURI"),
            ("InvalidClass", false),
        ),
    ] {
        assert_eq!(judged(subcode, detail), wanted, "{subcode} {detail:?}");
    }
}

/// No text of an error contains the password of a `Location` header.
#[test]
fn shows_a_redirect_without_user_and_password() {
    for (location, shown) in [
        ("https://ops:hunter2@host/wsman", "https://host/wsman"),
        ("//ops:hunter2@host/wsman", "//host/wsman"),
        ("/wsman", "/wsman"),
    ] {
        let headers = vec![("location".to_owned(), location.to_owned())];
        let answer = crate::transport::WholeAnswer::with_headers(302, headers, Default::default());
        let error = from_answer(&answer, DecodeError::NotSoap("text".to_owned()));
        let expected = format!("the server redirects to {shown};");
        assert!(error.to_string().contains(&expected), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
