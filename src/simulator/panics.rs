//! Makes a panic in a task fail the test that uses the simulator.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// The first panic of any task.
#[derive(Clone, Debug, Default)]
pub(super) struct Panics(Arc<Mutex<Option<Payload>>>);

type Payload = Box<dyn Any + Send>;

impl Panics {
    /// Wraps a task: a panic ends it and is stored.
    pub(super) fn catch<F: Future<Output = ()>>(&self, task: F) -> Caught<F> {
        Caught {
            task: Box::pin(task),
            panics: self.clone(),
        }
    }

    pub(super) fn take(&self) -> Option<Payload> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Payload>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task whose panic is stored.
pub(super) struct Caught<F> {
    task: Pin<Box<F>>,
    panics: Panics,
}

impl<F: Future<Output = ()>> Future for Caught<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The task is not polled again after a panic, so its inconsistent state is never used.
        let polled = catch_unwind(AssertUnwindSafe(|| self.task.as_mut().poll(cx)));
        polled.unwrap_or_else(|payload| {
            self.panics.lock().get_or_insert(payload);
            Poll::Ready(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_kept() {
        let panics = Panics::default();
        panics.catch(async { panic!("on purpose") }).await;
        let payload = panics.take().expect("the panic");
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"on purpose"));
        panics.catch(async {}).await;
        assert!(panics.take().is_none());
    }

    #[test]
    fn a_simulator_that_panicked_fails_its_test() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let simulator = runtime
            .block_on(crate::simulator::sample().start())
            .unwrap();
        let state = Arc::clone(&simulator.state);
        runtime.block_on(state.panics.catch(async { panic!("in a task") }));
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(simulator)));
        assert_eq!(
            dropped.unwrap_err().downcast_ref::<&str>(),
            Some(&"in a task")
        );
    }
}
