//! The kinds of pre-authentication (RFC 4120 7.5.2).

use std::fmt;

/// A way to prove the identity of a user to a KDC, before it issues a ticket.
///
/// This client proves a password or a key by an [`EncryptedTimestamp`](Self::EncryptedTimestamp).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PreauthKind {
    /// The time, encrypted with the user's key (`PA-ENC-TIMESTAMP`).
    EncryptedTimestamp,
    /// A certificate or a smart card (RFC 4556).
    Pkinit,
    /// Armored requests (RFC 6113).
    Fast,
    /// The time, encrypted within an armored request (RFC 6113).
    EncryptedChallenge,
    /// A one-time password (RFC 6560).
    Otp,
    /// A password-authenticated key exchange (RFC 9588).
    Spake,
    /// Another kind, by its number.
    Other(u32),
}

/// The kinds of pre-authentication that a KDC named. At most eight are kept.
///
/// ```
/// use wsman::auth::{LoginProblem, PreauthKind, PreauthKinds};
///
/// let kinds: PreauthKinds = [PreauthKind::Spake, PreauthKind::Fast].into_iter().collect();
/// assert!(kinds.contains(PreauthKind::Spake));
/// let problem = LoginProblem::PreauthNotSupported(kinds);
/// assert!(problem.to_string().ends_with("SPAKE, FAST"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PreauthKinds([Option<PreauthKind>; 8]);

impl PreauthKind {
    /// Returns the kind of a type; `None` for a type that is a hint, such as a salt or a cookie.
    #[cfg(feature = "negotiate")]
    pub(crate) fn of(number: u64) -> Option<Self> {
        Some(match number {
            2 => Self::EncryptedTimestamp,
            14..=17 => Self::Pkinit,
            136 => Self::Fast,
            138 => Self::EncryptedChallenge,
            141 | 142 | 144 => Self::Otp,
            151 => Self::Spake,
            // Salts, etype lists, a cookie, what the KDC supports, and what PKINIT adds.
            0 | 3 | 10 | 11 | 19 | 20 | 128..=130 | 132 | 133 | 147 | 149 | 150 | 165..=167 => {
                return None;
            }
            other => Self::Other(u32::try_from(other).ok()?),
        })
    }
}

impl PreauthKinds {
    /// Iterates over the kinds, in the order of the KDC.
    pub fn iter(&self) -> impl Iterator<Item = PreauthKind> {
        self.0.into_iter().flatten()
    }

    /// Whether the KDC named this kind.
    pub fn contains(&self, kind: PreauthKind) -> bool {
        self.iter().any(|named| named == kind)
    }
}

/// Keeps the first eight kinds, each once.
impl FromIterator<PreauthKind> for PreauthKinds {
    fn from_iter<I: IntoIterator<Item = PreauthKind>>(kinds: I) -> Self {
        let mut kept = Self::default();
        for kind in kinds {
            if !kept.contains(kind)
                && let Some(place) = kept.0.iter_mut().find(|place| place.is_none())
            {
                *place = Some(kind);
            }
        }
        kept
    }
}

impl fmt::Display for PreauthKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EncryptedTimestamp => "encrypted timestamp",
            Self::Pkinit => "PKINIT",
            Self::Fast => "FAST",
            Self::EncryptedChallenge => "encrypted challenge",
            Self::Otp => "OTP",
            Self::Spake => "SPAKE",
            Self::Other(number) => return write!(f, "type {number}"),
        })
    }
}

/// Lists the kinds.
impl fmt::Display for PreauthKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for kind in self.iter() {
            write!(f, "{separator}{kind}")?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_eight_kinds_once() {
        let kinds = (200..300).chain([200]).map(PreauthKind::Other);
        let kinds: PreauthKinds = kinds.collect();
        let numbers: Vec<PreauthKind> = kinds.iter().collect();
        let expected: Vec<PreauthKind> = (200..208).map(PreauthKind::Other).collect();
        assert_eq!(numbers, expected);
        let same: PreauthKinds = [PreauthKind::Pkinit; 3].into_iter().collect();
        assert_eq!(same.to_string(), "PKINIT");
    }
}
