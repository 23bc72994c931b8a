//! The pool of logged-in channels of one transport.

use std::fmt;
use std::future::Future;
use std::sync::Mutex;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use super::first::{FirstLogin, Leave};
use super::{Channel, NotLearnt, has_forgotten_login};
use crate::auth::negotiate::BoundUser;
use crate::auth::seal::MimeForm;
use crate::transport::IncomingMessage;
use crate::transport::http::dialler::KEPT_IDLE;
use crate::transport::http::locked;
use crate::transport::kdc::Kdcs;

/// The idle channels, and the limit of open ones.
pub(in crate::transport::http) struct Pool {
    user: BoundUser,
    kdcs: Kdcs,
    sealed: bool,
    /// A harmless message to learn the form of sealed messages with.
    probe: Bytes,
    form: OnceCell<MimeForm>,
    first: FirstLogin,
    places: Semaphore,
    idle: Mutex<Vec<(Channel, Instant)>>,
}

/// One message in progress.
pub(super) struct Visit<'a> {
    pub(super) pool: &'a Pool,
    /// The number of refused logins when the message arrived.
    refusals: u64,
    _place: Option<SemaphorePermit<'a>>,
}

impl Visit<'_> {
    /// Waits until the message may log in.
    pub(super) async fn leave(&self) -> Leave<'_> {
        self.pool.first.leave(self.refusals).await
    }
}

impl Pool {
    pub(in crate::transport::http) fn new(
        user: BoundUser,
        kdcs: Kdcs,
        sealed: bool,
        (probe, form): (Bytes, Option<MimeForm>),
        channels: usize,
    ) -> Self {
        Self {
            user,
            kdcs,
            sealed,
            probe,
            form: OnceCell::new_with(form),
            first: FirstLogin::default(),
            places: Semaphore::new(channels.clamp(1, Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
        }
    }

    pub(super) fn user(&self) -> &BoundUser {
        &self.user
    }

    pub(super) fn kdcs(&self) -> &Kdcs {
        &self.kdcs
    }

    pub(super) fn first(&self) -> &FirstLogin {
        &self.first
    }

    pub(in crate::transport::http) fn is_sealed(&self) -> bool {
        self.sealed
    }

    pub(super) fn probe(&self) -> &Bytes {
        &self.probe
    }

    /// Waits until another message may start.
    pub(super) async fn visit(&self) -> Visit<'_> {
        let refusals = self.first.refusals();
        Visit {
            pool: self,
            refusals,
            // The semaphore is never closed.
            _place: self.places.acquire().await.ok(),
        }
    }

    /// Returns the form of sealed messages, if it is known.
    pub(in crate::transport::http) fn known_form(&self) -> Option<MimeForm> {
        self.form.get().copied()
    }

    /// Returns the form of sealed messages, which is learnt once.
    pub(super) async fn form(
        &self,
        learn: impl Future<Output = Result<MimeForm, NotLearnt>>,
    ) -> Result<MimeForm, NotLearnt> {
        self.form.get_or_try_init(|| learn).await.copied()
    }

    /// Takes the most recently used channel, so that the others can expire.
    pub(super) fn take(&self) -> Option<Channel> {
        let mut idle = locked(&self.idle);
        idle.retain(|(_, since)| since.elapsed() < KEPT_IDLE);
        idle.pop().map(|(channel, _)| channel)
    }

    /// Keeps a channel after an answer, unless the server is about to close it or may not have
    /// unsealed the message: then the sequence numbers of both sides differ.
    pub(super) fn keep(&self, channel: Channel, answer: &IncomingMessage) {
        let closes = answer
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let in_step = !self.sealed || answer.evidence.sealed;
        if !closes && in_step && !has_forgotten_login(answer) {
            locked(&self.idle).push((channel, Instant::now()));
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("sealed", &self.sealed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Credentials, KerberosObstacle};
    use crate::transport::kdc::environment;

    #[test]
    fn a_channel_that_was_idle_for_too_long_is_not_used() {
        let credentials = Credentials::ntlm("tester", "simulated");
        let user = BoundUser::of(
            &credentials,
            Err(KerberosObstacle::NoRealm),
            (String::new(), environment()),
        );
        let user = user.unwrap().unwrap();
        let channel = || Channel {
            client: reqwest::Client::new(),
            login: user.login().unwrap(),
        };
        let long_ago = Instant::now().checked_sub(KEPT_IDLE).unwrap();
        let idle = vec![(channel(), long_ago), (channel(), Instant::now())];
        let pool = Pool::new(user, Kdcs::default(), true, (Bytes::new(), None), 0);
        *locked(&pool.idle) = idle;
        assert!(pool.take().is_some());
        assert!(pool.take().is_none());
        // A pool with a limit of zero would never answer.
        assert_eq!(pool.places.available_permits(), 1);
    }
}
