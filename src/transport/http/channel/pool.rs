//! The idle channels, and the limit of open ones.

use std::sync::Mutex;
use std::time::Instant;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::Channel;
use crate::transport::http::dialler::KEPT_IDLE;
use crate::transport::http::locked;

/// The idle channels, and the limit of open ones.
pub(in crate::transport::http) struct Pool {
    places: Semaphore,
    idle: Mutex<Vec<(Channel, Instant)>>,
}

/// The permission to have a message in progress.
pub(in crate::transport::http) struct Permit<'a>(#[allow(dead_code)] Option<SemaphorePermit<'a>>);

impl Pool {
    pub(in crate::transport::http) fn new(channels: usize) -> Self {
        Self {
            places: Semaphore::new(channels.clamp(1, Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
        }
    }

    /// Waits until another message may start.
    pub(in crate::transport::http) async fn permit(&self) -> Permit<'_> {
        // The semaphore is never closed.
        Permit(self.places.acquire().await.ok())
    }

    /// Takes the most recently used channel, so that the others can expire.
    pub(in crate::transport::http) fn take(&self) -> Option<Channel> {
        let mut idle = locked(&self.idle);
        idle.retain(|(_, since)| since.elapsed() < KEPT_IDLE);
        idle.pop().map(|(channel, _)| channel)
    }

    /// Keeps a channel for later messages.
    pub(in crate::transport::http) fn keep(&self, channel: Channel) {
        locked(&self.idle).push((channel, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::negotiate::BoundUser;
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
        let pool = Pool::new(0);
        *locked(&pool.idle) = idle;
        assert!(pool.take().is_some());
        assert!(pool.take().is_none());
        // A pool with a limit of zero would never answer.
        assert_eq!(pool.places.available_permits(), 1);
    }
}
