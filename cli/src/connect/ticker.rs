//! The events of a simulator: one `Demo_Tick` a second while a client subscribes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use wsman::Instance;
use wsman::simulator::Simulator;

/// The time between two events.
const PACE: Duration = Duration::from_secs(1);

/// A simulator that emits events until it is dropped.
pub(crate) struct Ticking {
    _simulator: Arc<Simulator>,
    task: JoinHandle<()>,
}

impl Ticking {
    /// Starts the events.
    pub(crate) fn start(simulator: Simulator) -> Self {
        let simulator = Arc::new(simulator);
        let ticked = Arc::clone(&simulator);
        let task = tokio::spawn(async move {
            for number in 1u32.. {
                while ticked.open_subscriptions() == 0 {
                    tokio::time::sleep(PACE / 10).await;
                }
                let tick = Instance::new("Demo_Tick")
                    .with("Number", number)
                    .with("Text", format!("tick {number}"));
                // A server without the class has no events.
                if ticked.emit(tick).is_err() {
                    return;
                }
                tokio::time::sleep(PACE).await;
            }
        });
        Self {
            _simulator: simulator,
            task,
        }
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.task.abort();
    }
}
