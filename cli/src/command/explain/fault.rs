//! The explanation of a fault.

use serde::Serialize;
use wsman::protocol::Fault;
use wsman::{Error, Instance};

use super::said::Said;

/// A fault: `kind`, `cim_status` and `hresult` are what a session derives from it, the others are
/// the server's own text.
#[derive(Debug, Serialize)]
pub(super) struct ErrorLine {
    kind: &'static str,
    #[serde(flatten)]
    words: Words,
    cim_status: u32,
    hresult: String,
}

#[derive(Debug, Default, Serialize)]
struct Words {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wsman_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Left out if it equals the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_status: Option<Instance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cim_error: Option<Instance>,
}

impl ErrorLine {
    pub(super) fn of(fault: Box<Fault>) -> Self {
        let words = Words::of(&fault);
        let error = Error::from(fault);
        let hresult = error.fault().and_then(Fault::hresult);
        Self {
            kind: error.name(),
            words,
            cim_status: error.status().code(),
            hresult: hexadecimal(hresult.unwrap_or(error.wbem().0)),
        }
    }

    /// Returns the texts of the server.
    pub(super) fn said(&self) -> Said {
        Said::by(&self.words)
    }
}

impl Words {
    fn of(fault: &Fault) -> Self {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let message = text(fault.message());
        Self {
            code: text(fault.code.as_str()),
            subcode: fault.subcode.as_ref().map(ToString::to_string),
            detail: fault.fault_detail.as_ref().map(ToString::to_string),
            wsman_code: fault.wsman_code.map(|code| hexadecimal(code.0)),
            reason: text(&fault.reason).filter(|reason| Some(reason) != message.as_ref()),
            message,
            provider: fault.provider.clone(),
            extended_status: fault.extended_status.as_deref().cloned(),
            cim_error: fault.cim_error.as_deref().cloned(),
        }
    }
}

fn hexadecimal(code: u32) -> String {
    format!("0x{code:08X}")
}
