//! Maps the status codes of the system's GSS-API.

use libgssapi::error::Error;

use crate::auth::LoginProblem;
use crate::auth::negotiate::LoginError;

/// Explains why there is no next step. The library's text is in the language of the system and for
/// people only.
pub(super) fn explained(error: Error) -> LoginError {
    let problem = by_mechanism(error.minor).or_else(|| by_routine(error.major.bits()));
    match problem {
        Some(problem) => LoginError::of(problem, error.to_string()),
        None => LoginError::new(error.to_string()),
    }
}

/// The base of the Kerberos codes (`krb5_err.et`), which MIT and Heimdal share: first those of RFC
/// 4120 7.5.9, and from 128 those of the library.
const KERBEROS: u32 = 2_529_638_912;

/// The base of the codes of MIT's Kerberos mechanism.
const MECHANISM: u32 = 39_756_032;

fn by_mechanism(minor: u32) -> Option<LoginProblem> {
    match minor.checked_sub(KERBEROS) {
        Some(6) => Some(LoginProblem::UnknownUser),
        Some(7) => Some(LoginProblem::UnknownService),
        Some(12) => Some(LoginProblem::AccountRestricted),
        Some(14) => Some(LoginProblem::NoSupportedEncryption),
        Some(32) => Some(LoginProblem::TicketExpired),
        // MIT's acceptor returns 31 where RFC 4120 3.2.3 has 41.
        Some(31 | 41) => Some(LoginProblem::WrongServiceKey),
        Some(code @ 1..128) => Some(LoginProblem::Other(code)),
        // KRB5_CC_NOTFOUND, KRB5_FCC_PERM, KRB5_FCC_NOFILE, KRB5_CC_FORMAT.
        Some(141 | 194 | 195 | 199) => Some(LoginProblem::NoTicket),
        // KRB5_REALM_UNKNOWN, KRB5_KDC_UNREACH, KRB5_REALM_CANT_RESOLVE.
        Some(154 | 156 | 220) => Some(LoginProblem::KdcUnreachable),
        // KG_EMPTY_CCACHE.
        None if minor == MECHANISM + 12 => Some(LoginProblem::NoTicket),
        _ => None,
    }
}

/// Maps the routine errors of RFC 2744 3.9.1.
fn by_routine(major: u32) -> Option<LoginProblem> {
    match (major >> 16) & 0xFF {
        // GSS_S_NO_CRED.
        7 => Some(LoginProblem::NoTicket),
        // GSS_S_CREDENTIALS_EXPIRED.
        11 => Some(LoginProblem::TicketExpired),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_header_file() {
        // The values of `krb5.h`.
        for (code, problem) in [
            (-1_765_328_377, LoginProblem::UnknownService),
            (-1_765_328_352, LoginProblem::TicketExpired),
            (-1_765_328_347, LoginProblem::Other(37)),
            (-1_765_328_243, LoginProblem::NoTicket),
            (-1_765_328_230, LoginProblem::KdcUnreachable),
            (-1_765_328_228, LoginProblem::KdcUnreachable),
            (-1_765_328_189, LoginProblem::NoTicket),
            (39_756_044, LoginProblem::NoTicket),
        ] {
            let code: i32 = code;
            assert_eq!(by_mechanism(code.cast_unsigned()), Some(problem), "{code}");
        }
        for unknown in [0, 100_005, KERBEROS, u32::MAX] {
            assert_eq!(by_mechanism(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_routine_errors() {
        assert_eq!(by_routine(7 << 16), Some(LoginProblem::NoTicket));
        assert_eq!(by_routine(11 << 16), Some(LoginProblem::TicketExpired));
        assert_eq!(by_routine(13 << 16), None);
    }
}
