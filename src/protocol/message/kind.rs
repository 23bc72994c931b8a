//! The kinds of messages.

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// A request, from a client.
    Request,
    /// A response, from a server.
    Response,
    /// A fault, from a server.
    Fault,
    /// Identify or its response.
    Identify,
    /// Any other message.
    Unknown,
}
