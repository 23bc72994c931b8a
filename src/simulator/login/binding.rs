//! The required channel binding of a login over TLS (RFC 5929).

use crate::auth::channel_binding::gss_hash;

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

/// Why a binding is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BindingRejection {
    Missing,
    /// It names another channel: a man in the middle ends TLS.
    Other,
}

impl CbtHardening {
    /// Verifies the binding of a login to a channel, such as `tls-server-end-point:` and the hash of a
    /// certificate. The login sends the hash of its own; zeros stand for none (RFC 4121 4.1.1,
    /// MS-NLMP 3.1.5.1.2).
    pub(super) fn check(
        self,
        sent: Option<&[u8]>,
        channel: Option<&[u8]>,
    ) -> Result<(), BindingRejection> {
        let Some(channel) = channel.filter(|_| self != Self::None) else {
            return Ok(());
        };
        match sent {
            Some(sent) if sent == gss_hash(channel) => Ok(()),
            Some(sent) if sent != [0; 16] => Err(BindingRejection::Other),
            _ if self == Self::Strict => Err(BindingRejection::Missing),
            _ => Ok(()),
        }
    }
}
