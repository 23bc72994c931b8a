//! The required channel binding of a login over TLS (RFC 5929).

/// The channel binding that a [`Simulator`](crate::simulator::Simulator) requires of a login over
/// HTTPS; plain HTTP has none (MS-WSMV 2.2.4.4, `CbtHardeningLevel`).
///
/// Exhaustive: these are the levels of Windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CbtHardening {
    /// Ignores the channel binding.
    None,
    /// Refuses a binding to another channel, and allows a login without one. This is the default of
    /// Windows.
    #[default]
    Relaxed,
    /// Requires a channel binding.
    Strict,
}
