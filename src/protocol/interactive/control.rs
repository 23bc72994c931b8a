//! Control messages about an operation (MS-WSMV 3.2.4.2.1, 3.1.4.18 to 3.1.4.20).

use crate::cim::ValueError;
use crate::protocol::uri::ANONYMOUS;
use crate::protocol::write_envelope;
use crate::xml::Writer;

/// A control message about an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// End of input: the client sends nothing more.
    End,
    /// Cancel the operation.
    Cancel,
    /// Keep-alive: the sender is still present.
    KeepAlive,
    /// The number of messages that arrived.
    Acknowledge(u64),
    /// The server requests the number of messages that arrived.
    AcknowledgeRequest,
}

/// The prefix of the actions and resource URIs.
const PREFIX: &str = "http://schemas.microsoft.com/wbem/wsman/1/wsman/";

impl Control {
    /// Returns the meaning of an action. MS-WSMV writes `KeepAlive` and `Keepalive`.
    pub(crate) fn of_action(action: &str) -> Option<Self> {
        Some(match action.strip_prefix(PREFIX)? {
            "End" => Control::End,
            "Cancel" => Control::Cancel,
            "KeepAlive" | "Keepalive" => Control::KeepAlive,
            "Acknowledge" => Control::Acknowledge(0),
            "AcknowledgeRequest" => Control::AcknowledgeRequest,
            _ => return None,
        })
    }

    /// Writes the message for the operation with this identifier.
    pub(crate) fn write(self, message_id: &str, operation_id: &str) -> Result<Vec<u8>, ValueError> {
        let must = ("s:mustUnderstand", "true");
        let (resource, action) = self.names();
        let header = |w: &mut Writer| {
            w.open("s:Header", &[])?;
            w.leaf("a:To", &[], ANONYMOUS)?;
            w.leaf("w:ResourceURI", &[must], &[PREFIX, resource].concat())?;
            w.leaf("a:Action", &[must], &[PREFIX, action].concat())?;
            w.leaf("a:MessageID", &[], message_id)?;
            w.leaf("p:OperationID", &[], operation_id)?;
            w.close("s:Header");
            Ok(())
        };
        write_envelope(header, |w| match self {
            Control::Acknowledge(last) => {
                Ok(w.leaf("p:LastSequenceIdReceived", &[], &last.to_string())?)
            }
            _ => Ok(()),
        })
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Control::End => ("FullDuplex", "End"),
            Control::Cancel => ("FullDuplex", "Cancel"),
            Control::KeepAlive => ("FullDuplex", "Keepalive"),
            Control::Acknowledge(_) => ("RobustConnection", "Acknowledge"),
            Control::AcknowledgeRequest => ("RobustConnection", "AcknowledgeRequest"),
        }
    }
}
