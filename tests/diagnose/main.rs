//! Tests that `Session::diagnose` finds the fault, and none where there is none.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../support/authority.rs"]
#[allow(dead_code)]
mod authority;
mod healthy;
#[path = "../auth/kdc.rs"]
#[cfg(feature = "negotiate")]
mod kdc;
mod logins;
mod way;

use std::time::Duration;

use url::Url;
use wsman::diagnose::{CheckKind, CheckOutcome, Diagnosis};
use wsman::simulator::{PASSWORD, Simulator, USER};
use wsman::{Credentials, Session, SessionBuilder};

/// Creates a session with short time limits.
pub(crate) fn builder(url: Url, credentials: Credentials) -> SessionBuilder {
    Session::builder(url)
        .credentials(credentials)
        .allow_unencrypted()
        .connect_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(5))
        .network_delay(Duration::ZERO)
}

pub(crate) async fn diagnosed(builder: SessionBuilder) -> Diagnosis {
    let diagnosis = builder.build().unwrap().diagnose().await;
    let kinds: Vec<CheckKind> = diagnosis.checks.iter().map(|check| check.kind).collect();
    let mut expected = CheckKind::ALL.to_vec();
    // The checks of schemes depend on the offers and the credentials.
    expected.retain(|kind| !SCHEMES.contains(kind) || kinds.contains(kind));
    assert_eq!(kinds, expected, "{diagnosis}");
    diagnosis
}

/// The checks of login schemes.
const SCHEMES: [CheckKind; 6] = [
    CheckKind::Kerberos,
    CheckKind::Ntlm,
    CheckKind::Digest,
    CheckKind::Basic,
    CheckKind::Certificate,
    CheckKind::CredSsp,
];

/// Lists the checks of the schemes, one a line.
pub(crate) fn schemes(diagnosis: &Diagnosis) -> String {
    let checks = diagnosis.checks.iter();
    let lines = checks.filter(|check| SCHEMES.contains(&check.kind));
    lines.map(|check| format!("{check}\n")).collect()
}

pub(crate) fn basic() -> Credentials {
    Credentials::basic(USER, PASSWORD)
}

/// Lists the outcome of each check as a word, without those of the schemes.
pub(crate) fn outcomes(diagnosis: &Diagnosis) -> String {
    let word = |outcome: &CheckOutcome| match outcome {
        CheckOutcome::Passed(_) => "ok",
        CheckOutcome::Noted(_) => "note",
        CheckOutcome::Failed { .. } => "FAILED",
        CheckOutcome::Skipped(_) => "-",
        _ => "?",
    };
    let checks = diagnosis.checks.iter();
    let checks = checks.filter(|check| !SCHEMES.contains(&check.kind));
    let words = checks.map(|check| word(&check.outcome));
    words.collect::<Vec<_>>().join(" ")
}

/// Asserts that the check of this kind failed, that all later checks were skipped, and that the next
/// step has this text.
pub(crate) fn assert_failed(diagnosis: &Diagnosis, kind: CheckKind, step: &str) {
    let failed = diagnosis.failed().unwrap_or_else(|| panic!("{diagnosis}"));
    assert_eq!(failed.kind, kind, "{diagnosis}");
    let steps = failed.next_steps();
    assert!(steps.iter().any(|next| next.contains(step)), "{diagnosis}");
    assert!(
        diagnosis
            .to_string()
            .contains(&format!("next: {}", steps[0]))
    );
    assert!(failed.error.is_some());
    let mut after = diagnosis
        .checks
        .iter()
        .skip_while(|check| check.kind != kind);
    after.next();
    for check in after {
        let why = CheckOutcome::Skipped(format!("{kind} failed"));
        assert_eq!(check.outcome, why, "{diagnosis}");
        assert_eq!(check.took, None);
    }
}

/// Returns the number of messages with credentials that the server rejected.
pub(crate) fn bodies(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    requests.iter().filter(|seen| !seen.body.is_empty()).count()
}
