//! The client's use of a kept ticket until its end.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::tests::{REALM, SERVICE, centre, realms};
use crate::auth::negotiate::kerberos::{KerberosUser, Tickets};
use crate::auth::negotiate::{ConnectionLogin, Environment, Kdc, KdcFuture, KdcRequest};
use crate::simulator::KerberosScheme;
use crate::simulator::environment::environment;
use crate::simulator::realm::centre::Centre;

thread_local! {
    /// The time that has passed on the clock of the client.
    static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// A realm that counts its requests.
struct Counting<'a> {
    centre: &'a Centre,
    asked: AtomicUsize,
}

impl<'a> Counting<'a> {
    fn of(centre: &'a Centre) -> Self {
        let asked = AtomicUsize::new(0);
        Self { centre, asked }
    }
}

impl Kdc for Counting<'_> {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        self.asked.fetch_add(1, Ordering::AcqRel);
        let answer = self.centre.answer(&request.message);
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// Begins a login at this time; returns the number of requests to the KDC.
async fn asked_at(user: &KerberosUser, centre: &mut Centre, time: Duration) -> usize {
    PASSED.set(time);
    centre.ahead = i64::try_from(time.as_secs()).unwrap();
    let kdc = Counting::of(centre);
    let token = user.login().step(None, &kdc).await.unwrap();
    assert!(token.is_some());
    kdc.asked.into_inner()
}

#[tokio::test]
async fn a_kept_ticket_is_replaced_five_minutes_before_its_end() {
    const MINUTE: Duration = Duration::from_secs(60);
    let mut centre = centre();
    let mut realms = realms();
    realms.environment = Environment {
        now: || SystemTime::now() + PASSED.get(),
        ..environment()
    };
    let keytab = centre.keytab();
    // Tickets of this realm live ten hours.
    let end = 600 * MINUTE;
    for time in [end - 6 * MINUTE, end - 5 * MINUTE, end, 2 * end] {
        let tickets = Tickets::default();
        let user = KerberosUser::with_keytab("ops@EXAMPLE.TEST", &keytab, &realms, &tickets);
        let user = user.unwrap();
        let kdc = Counting::of(&centre);
        let mut login = user.login();
        let token = login.step(None, &kdc).await.unwrap().unwrap();
        let scheme = KerberosScheme::new(&format!("{SERVICE}@{REALM}"), &keytab).unwrap();
        let (_, proof) = scheme.accept(&token, "ops").unwrap();
        login.step(Some(&proof), &kdc).await.unwrap();
        let is_ended = time > end - 6 * MINUTE;
        let expected = if is_ended { 3 } else { 0 };
        assert_eq!(
            asked_at(&user, &mut centre, time).await,
            expected,
            "{time:?}"
        );
        // Its login did not end, so that the ticket is not kept.
        PASSED.set(Duration::ZERO);
        centre.ahead = 0;
    }
}
