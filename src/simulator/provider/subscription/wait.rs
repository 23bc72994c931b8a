//! Waits until a Pull can be answered.

use std::time::Duration;

use tokio::time::Instant;

use crate::simulator::dialect::Dialect;
use crate::simulator::provider::subscription::{Subscriptions, Table};

/// `MaxTimeoutms` of Windows (MS-WSMV 2.2.4.10).
const LONGEST: Duration = Duration::from_secs(60);

/// openwsman does not wait, whatever the client's timeout.
const OF_OPENWSMAN: Duration = Duration::from_millis(10);

impl Subscriptions {
    /// Waits until a subscription has events, is gone, or the time has expired. Returns at once if
    /// the context belongs to no subscription.
    pub(in crate::simulator) async fn wait(&self, context: &str, timeout: Option<Duration>) {
        let limit = match self.dialect {
            Dialect::Openwsman => OF_OPENWSMAN,
            Dialect::Windows | Dialect::Omi => timeout.unwrap_or(LONGEST).min(LONGEST),
        };
        let end = Instant::now() + limit;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed, even one before the check below.
            changed.as_mut().enable();
            let Some(until) = self.lock().wake_at(context, self.dialect) else {
                return;
            };
            let until = until.map_or(end, |until| until.min(end));
            if until <= Instant::now() {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep_until(until) => return,
            }
        }
    }
}

impl Table {
    /// Returns when to check a Pull again without a change; `None` if it can be answered now.
    fn wake_at(&mut self, context: &str, dialect: Dialect) -> Option<Option<Instant>> {
        let Table { open, history, .. } = self;
        let known = open.iter().find(|known| known.context == context)?;
        if known.ended.is_some() || known.waiting(history).next().is_some() {
            return None;
        }
        let times = [known.heartbeat_due(dialect), known.ends];
        Some(times.into_iter().flatten().min())
    }
}
