//! What kind of message one is.

/// What kind of message one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// From a client.
    Request,
    /// From a server.
    Response,
    /// From a server that failed.
    Fault,
    /// Identify or the answer to it.
    Identify,
    /// None of these.
    Unknown,
}
