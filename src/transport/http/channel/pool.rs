//! The idle channels, and the limit of open ones.

use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Channel;
use crate::transport::http::locked;

/// The idle channels, and the limit of open ones.
pub(in crate::transport::http) struct Pool {
    places: Arc<Semaphore>,
    most: usize,
    idle: Arc<IdleChannels>,
}

/// The permission to have a message in progress.
pub(in crate::transport::http) struct Permit(#[allow(dead_code)] Option<OwnedSemaphorePermit>);

/// The kind of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport::http) enum Kind {
    /// Without a login of the connection.
    Plain,
    /// With one.
    #[cfg(feature = "negotiate")]
    LoggedIn,
}

/// The idle channels, the least recently used first.
pub(super) struct IdleChannels {
    channels: Mutex<Vec<(Channel, Instant)>>,
    limit: Duration,
}

impl Pool {
    /// Creates a pool of at most so many channels, each of which is closed when it was idle for this
    /// time.
    pub(in crate::transport::http) fn new(most: usize, idle: Duration) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(most)),
            most,
            idle: Arc::new(IdleChannels {
                channels: Mutex::default(),
                limit: idle,
            }),
        }
    }

    /// Waits until another message may start.
    pub(in crate::transport::http) async fn permit(&self) -> Permit {
        // The semaphore is never closed.
        Permit(Arc::clone(&self.places).acquire_owned().await.ok())
    }

    /// Takes the most recently used channel of a kind, so that the others can expire.
    pub(in crate::transport::http) fn take(&self, kind: Kind) -> Option<Channel> {
        let limit = self.idle.limit;
        let mut channels = locked(&self.idle.channels);
        channels.retain(|(channel, since)| !channel.is_closed() && since.elapsed() < limit);
        let mut kinds = channels.iter().map(|(channel, _)| channel.kind());
        let at = kinds.rposition(|found| found == kind)?;
        Some(channels.remove(at).0)
    }

    /// Closes the idle channels of a login that ended.
    pub(in crate::transport::http) fn forget_logins(&self) {
        locked(&self.idle.channels).retain(|(channel, _)| channel.kind() == Kind::Plain);
    }

    /// Keeps a channel for later messages.
    pub(in crate::transport::http) fn keep(&self, channel: Channel) {
        if !channel.is_closed() {
            channel.rest();
            let mut channels = locked(&self.idle.channels);
            // No more, because most sessions use one.
            channels.reserve_exact(1);
            channels.push((channel, Instant::now()));
        }
    }

    /// Closes idle channels until there is room for another one. The caller has a permit.
    pub(in crate::transport::http) fn make_room(&self) {
        let in_use = self.most - self.places.available_permits().min(self.most);
        let mut idle = locked(&self.idle.channels);
        let surplus = (idle.len() + in_use).saturating_sub(self.most);
        let surplus = surplus.min(idle.len());
        idle.drain(..surplus);
    }

    pub(super) fn idle(&self) -> Weak<IdleChannels> {
        Arc::downgrade(&self.idle)
    }
}

impl IdleChannels {
    /// Closes the channels that were idle for too long; returns the time until the next one will be.
    pub(super) fn expire(&self) -> Duration {
        let mut channels = locked(&self.channels);
        channels.retain(|(_, since)| since.elapsed() < self.limit);
        let oldest = channels.first().map(|(_, since)| since.elapsed());
        self.limit
            .saturating_sub(oldest.unwrap_or_default())
            .max(Duration::from_millis(1))
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }
}
