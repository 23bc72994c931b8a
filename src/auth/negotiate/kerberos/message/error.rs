//! `KRB-ERROR` (RFC 4120 5.9.1).

use std::time::SystemTime;

use super::super::name::read_text;
use super::super::time::{Stamp, read_time};
use super::{PaData, fields, preauth_kinds};
use crate::auth::LoginProblem;
use crate::auth::der::{Der, OCTET_STRING, SEQUENCE};

/// The codes that the client handles (RFC 4120 7.5.9).
pub(crate) mod code {
    pub(crate) const NAME_EXPIRED: u32 = 1;
    pub(crate) const UNKNOWN_USER: u32 = 6;
    pub(crate) const UNKNOWN_SERVICE: u32 = 7;
    pub(crate) const POLICY: u32 = 12;
    pub(crate) const NO_ETYPE: u32 = 14;
    pub(crate) const REVOKED: u32 = 18;
    pub(crate) const PREAUTH_NOT_SUPPORTED: u32 = 16;
    pub(crate) const KEY_EXPIRED: u32 = 23;
    pub(crate) const PREAUTH_FAILED: u32 = 24;
    pub(crate) const PREAUTH_REQUIRED: u32 = 25;
    pub(crate) const UNAVAILABLE: u32 = 29;
    pub(crate) const SKEW: u32 = 37;
    pub(crate) const MODIFIED: u32 = 41;
    pub(crate) const TOO_BIG: u32 = 52;
    pub(crate) const WRONG_REALM: u32 = 68;
    pub(crate) const MORE_PREAUTH: u32 = 91;
}

/// The error of a KDC or a service. It is not signed.
#[derive(Clone, Debug)]
pub(crate) struct KrbError {
    pub(crate) code: u32,
    /// The sender's clock, in seconds since 1970.
    pub(crate) time: Option<u64>,
    /// The realm of the user, with [`code::WRONG_REALM`].
    pub(crate) client_realm: Option<String>,
    pub(crate) data: Vec<u8>,
}

/// The reasons for which Windows revokes an account (MS-ERREF 2.3.1), in its extended error
/// (MS-KILE 2.2.2).
const LOCKED_OUT: u32 = 0xC000_0234;
const DISABLED: u32 = 0xC000_0072;
const EXPIRED: u32 = 0xC000_0193;

impl KrbError {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = fields(bytes, 30, 0)?;
        let time = fields.field(4).and_then(|mut field| read_time(&mut field));
        let code = fields.field(6)?.number()?;
        let client_realm = fields.field(7).and_then(|mut field| read_text(&mut field));
        let data = fields
            .field(12)
            .and_then(|mut field| field.next_of(OCTET_STRING));
        Some(Self {
            code: u32::try_from(code).ok()?,
            time,
            client_realm,
            data: data.map(|data| data.content.to_vec()).unwrap_or_default(),
        })
    }

    /// The sender's clock minus `now`, in seconds.
    pub(crate) fn skew(&self, now: SystemTime) -> Option<i64> {
        let theirs = i64::try_from(self.time?).ok()?;
        theirs.checked_sub(i64::try_from(Stamp::of(now).seconds).ok()?)
    }

    /// Returns the pre-authentication data of the error.
    pub(crate) fn preauth_data(&self) -> Vec<PaData> {
        PaData::read_all(Der(&self.data)).unwrap_or_default()
    }

    /// Returns the problem that the code reports.
    pub(crate) fn problem(&self, now: SystemTime) -> LoginProblem {
        match self.code {
            code::NAME_EXPIRED => LoginProblem::AccountExpired,
            code::UNKNOWN_USER => LoginProblem::UnknownUser,
            code::UNKNOWN_SERVICE => LoginProblem::UnknownService,
            code::POLICY => LoginProblem::AccountRestricted,
            code::NO_ETYPE => LoginProblem::NoSupportedEncryption,
            code::KEY_EXPIRED => LoginProblem::PasswordExpired,
            code::PREAUTH_FAILED => LoginProblem::WrongPassword,
            code::MODIFIED => LoginProblem::WrongServiceKey,
            code::PREAUTH_NOT_SUPPORTED | code::MORE_PREAUTH => {
                LoginProblem::PreauthNotSupported(preauth_kinds(&self.preauth_data()))
            }
            code::REVOKED => match self.status() {
                Some(LOCKED_OUT) => LoginProblem::AccountLocked,
                Some(DISABLED) => LoginProblem::AccountDisabled,
                Some(EXPIRED) => LoginProblem::AccountExpired,
                _ => LoginProblem::AccountRestricted,
            },
            code::SKEW => match self.skew(now) {
                Some(seconds) => LoginProblem::ClockSkew { seconds },
                None => LoginProblem::Other(self.code),
            },
            other => LoginProblem::Other(other),
        }
    }

    /// Returns the status that Windows adds (`KERB-ERROR-DATA`), possibly in a list.
    fn status(&self) -> Option<u32> {
        let mut data = Der(&self.data).inside(SEQUENCE)?;
        if data.0.first() == Some(&SEQUENCE) {
            data = data.inside(SEQUENCE)?;
        }
        if data.field(1)?.number()? != 3 {
            return None;
        }
        let value = data.field(2)?.next_of(OCTET_STRING)?.content;
        Some(u32::from_le_bytes(*value.first_chunk()?))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::auth::der::{application, integer, octets, sequence, tagged, written};
    use crate::auth::negotiate::kerberos::time::time;

    fn error(code: u32, data: &[u8]) -> Vec<u8> {
        let fields = [
            tagged(0, &integer(5)),
            tagged(1, &integer(30)),
            tagged(4, &time(1000)),
            tagged(5, &integer(0)),
            tagged(6, &integer(code.into())),
            tagged(12, &octets(data)),
        ]
        .concat();
        written(application(30), &[&sequence(&[&fields])])
    }

    fn problem(code: u32, data: &[u8]) -> LoginProblem {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1400);
        KrbError::read(&error(code, data)).unwrap().problem(now)
    }

    #[test]
    fn each_code_is_a_problem() {
        for (code, expected) in [
            (6, LoginProblem::UnknownUser),
            (7, LoginProblem::UnknownService),
            (14, LoginProblem::NoSupportedEncryption),
            (18, LoginProblem::AccountRestricted),
            (23, LoginProblem::PasswordExpired),
            (24, LoginProblem::WrongPassword),
            (37, LoginProblem::ClockSkew { seconds: -400 }),
            (41, LoginProblem::WrongServiceKey),
            (60, LoginProblem::Other(60)),
        ] {
            assert_eq!(problem(code, &[]), expected);
        }
    }

    #[test]
    fn windows_says_why_an_account_is_revoked() {
        for (status, expected) in [
            (LOCKED_OUT, LoginProblem::AccountLocked),
            (DISABLED, LoginProblem::AccountDisabled),
            (EXPIRED, LoginProblem::AccountExpired),
            (1, LoginProblem::AccountRestricted),
        ] {
            let value = [&status.to_le_bytes()[..], &[0; 8]].concat();
            let data = sequence(&[&tagged(1, &integer(3)), &tagged(2, &octets(&value))]);
            assert_eq!(problem(18, &data), expected);
            assert_eq!(problem(18, &sequence(&[&data])), expected);
        }
    }

    #[test]
    fn rejects_a_truncated_error() {
        let whole = error(6, b"data");
        for end in 0..whole.len() {
            assert!(KrbError::read(&whole[..end]).is_none());
        }
    }
}
