//! Runs the examples of the documentation: the set-up that each of them hides, written once.

#[cfg(feature = "bench")]
pub mod sealing;

use std::error::Error;

use tokio::runtime::Builder;

use crate::auth::Credentials;
use crate::session::Session;
use crate::simulator::{Simulator, SimulatorBuilder, sample};

type Outcome = Result<(), Box<dyn Error>>;

/// Runs an example on the sample server, with a session in its namespace `root/cimv2`.
///
/// ```
/// # wsman::doc_examples::run(async |session, simulator| {
/// session.identify().await?;
/// assert_eq!(simulator.connections(), 1);
/// # Ok(()) });
/// ```
pub fn run(example: impl AsyncFnOnce(Session, &Simulator) -> Outcome) {
    run_on(sample(), example);
}

/// Runs an example on a server of its own.
pub fn run_on(server: SimulatorBuilder, example: impl AsyncFnOnce(Session, &Simulator) -> Outcome) {
    block_on(async || {
        let simulator = server.start().await?;
        let session = Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), simulator.password()))
            .allow_unencrypted()
            .namespace("root/cimv2")
            .build()?;
        example(session, &simulator).await
    });
}

/// Runs an example that sets up its own session. Panics if the example fails.
pub fn block_on(example: impl AsyncFnOnce() -> Outcome) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(example()),
        Err(error) => Err(error.into()),
    };
    assert!(outcome.is_ok(), "the example fails: {outcome:?}");
}

/// Runs an example without an async runtime, beside a sample server: the example gets its URL, user and
/// password. Panics if the example fails.
#[cfg(feature = "blocking")]
pub fn in_a_thread(example: impl FnOnce(url::Url, String, String) -> Outcome + Send + 'static) {
    block_on(async || {
        let simulator = sample().start().await?;
        let (user, password) = (simulator.user().to_owned(), simulator.password().to_owned());
        let url = simulator.url();
        let (done, outcome) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let outcome = example(url, user, password);
            done.send(outcome.map_err(|error| error.to_string()))
        });
        Ok(outcome.await??)
    });
}
