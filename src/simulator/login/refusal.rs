//! Refusals of valid logins.

use std::time::{Duration, SystemTime};

use crate::cim::Timestamp;

/// Why a [`Simulator`](crate::simulator::Simulator) refuses a login although the password is right.
///
/// Other refusals are settings of the login: a missing
/// [`LoginScheme`](crate::simulator::login::LoginScheme) is neither offered nor accepted.
///
/// ```
/// use wsman::auth::LoginCause;
/// use wsman::simulator::{Refusal, sample};
/// use wsman::{Credentials, Session};
///
/// # wsman::doc_examples::block_on(async || {
/// let simulator = sample().refusing(Refusal::Unencrypted).start().await?;
/// let session = Session::builder(simulator.url())
///     .credentials(Credentials::basic(simulator.user(), simulator.password()))
///     .allow_unencrypted()
///     .build()?;
/// let error = session.identify().await.unwrap_err();
/// assert_eq!(error.login().unwrap().causes, [LoginCause::UnencryptedRefused]);
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// Refuses unencrypted messages over `http://` with an empty HTTP 500 after the login
    /// (`AllowUnencrypted=false`).
    Unencrypted,
    /// Refuses the account as if the password were wrong: it is disabled or locked.
    Account,
    /// Refuses the service to a logged-in user: HTTP 403.
    Service,
    /// Refuses all writes with the fault "access denied".
    Writes,
}

/// The refusals of one server, and its clock.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Refusals {
    refused: Vec<Refusal>,
    clock_ahead: i64,
}

impl Refusals {
    pub(in crate::simulator) fn add(&mut self, refusal: Refusal) {
        self.refused.push(refusal);
    }

    pub(in crate::simulator) fn set_clock(&mut self, seconds_ahead: i64) {
        self.clock_ahead = seconds_ahead;
    }

    pub(in crate::simulator) fn contains(&self, refusal: Refusal) -> bool {
        self.refused.contains(&refusal)
    }

    /// Returns the server's `Date`, if it differs from the real time.
    pub(in crate::simulator) fn date(&self) -> Option<String> {
        let difference = Duration::from_secs(self.clock_ahead.unsigned_abs());
        let now = match self.clock_ahead {
            0 => return None,
            1.. => SystemTime::now().checked_add(difference),
            _ => SystemTime::now().checked_sub(difference),
        };
        http_date(now?)
    }
}

/// Formats a time for `Date` (RFC 9110 5.6.7).
fn http_date(time: SystemTime) -> Option<String> {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let weekday = usize::try_from(since_epoch.as_secs() / 86_400 % 7).ok()?;
    let time = Timestamp::try_from(time).ok()?;
    let month = usize::from(time.month()?).checked_sub(1)?;
    Some(format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        DAYS.get(weekday)?,
        time.day()?,
        MONTHS.get(month)?,
        time.year()?,
        time.hour()?,
        time.minute()?,
        time.second()?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let date = http_date(time);
        assert_eq!(date.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    }

    #[test]
    fn a_clock_that_is_right_needs_no_date_of_its_own() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.date(), None);
        refusals.set_clock(-3600);
        assert!(refusals.date().is_some());
    }
}
