//! Formats a diagnosis as a table.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::CheckKind;
use super::report::{Check, CheckOutcome, Diagnosis};
use crate::cim::Timestamp;
use crate::shown::Shown;
use crate::transport::ServerCertificate;

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for check in &self.checks {
            f.write_str(separator)?;
            separator = "\n";
            check.write_line(f)?;
            if check.kind == CheckKind::Tls {
                for certificate in &self.certificates {
                    write!(f, "\n{:INDENT$}{}", "", Shown::new(&described(certificate)))?;
                }
            }
            check.write_next_steps(f)?;
        }
        Ok(())
    }
}

/// The column of the text of a check.
const INDENT: usize = 32;

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_line(f)?;
        self.write_next_steps(f)
    }
}

impl Check {
    fn write_line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, text) = match &self.outcome {
            CheckOutcome::Passed(detail) => ("ok", detail),
            CheckOutcome::Noted(detail) => ("note", detail),
            CheckOutcome::Failed { what, .. } => ("FAILED", what),
            CheckOutcome::Skipped(why) => ("skipped", why),
        };
        let took = self.took.map(|took| format!("{} ms", took.as_millis()));
        let took = took.unwrap_or_default();
        write!(
            f,
            "{:<11}  {state:<7}  {took:>8}  {}",
            self.kind,
            Shown::new(text)
        )
    }

    fn write_next_steps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut word = "next:";
        for step in self.next_steps() {
            write!(f, "\n{:INDENT$}{word:<5} {step}", "")?;
            word = "or:";
        }
        Ok(())
    }
}

/// Formats a certificate in one line.
fn described(certificate: &ServerCertificate) -> String {
    let named = |name: Option<String>| match name {
        Some(name) if !name.is_empty() => name,
        _ => "(no name)".to_owned(),
    };
    let mut text = named(certificate.subject());
    text.extend([", issued by ", &named(certificate.issuer())]);
    if let Some(end) = certificate.not_after() {
        text.extend([", ", &validity(end)]);
    }
    let hosts = certificate.hosts();
    if !hosts.is_empty() {
        text.extend([", for ", &hosts.join(", ")]);
    }
    text
}

/// A certificate that expires sooner is shown with the days left.
const SOON: Duration = Duration::from_secs(60 * 24 * 60 * 60);

fn validity(end: SystemTime) -> String {
    let date = Timestamp::try_from(end).ok();
    let date = date.and_then(|date| Some((date.year()?, date.month()?, date.day()?)));
    let date = date.map_or_else(
        || "an invalid date".to_owned(),
        |(year, month, day)| format!("{year:04}-{month:02}-{day:02}"),
    );
    match end.duration_since(SystemTime::now()) {
        Err(_) => format!("expired on {date}"),
        Ok(left) if left < SOON => {
            format!("valid until {date} ({} days)", left.as_secs() / 86_400)
        }
        Ok(_) => format!("valid until {date}"),
    }
}
