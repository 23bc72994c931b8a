//! Whether a login must be bound to its TLS connection (RFC 5929).

/// What a [`Simulator`](crate::simulator::Simulator) over HTTPS asks of the channel binding of a login; over
/// plain HTTP there is none (MS-WSMV 2.2.4.4, `CbtHardeningLevel`).
///
/// Complete: these are the levels of Windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CbtHardening {
    /// Nobody looks at it.
    None,
    /// One to another channel is refused, and none at all is allowed, as Windows has it unless told
    /// otherwise.
    #[default]
    Relaxed,
    /// There must be one.
    Strict,
}
