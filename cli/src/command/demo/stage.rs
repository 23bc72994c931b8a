//! The shared state of the steps: a session, its watch and the narrator.

use std::io;
use std::sync::Arc;

use wsman::simulator::Simulator;
use wsman::transport::Transport;
use wsman::{Error, Instance, InstancePath, Session};

use super::narrator::Narrator;
use super::subject::{Subject, Which};
use super::watch::{Exchange, MessageLog};
use crate::args::OutputArgs;
use crate::connect::Connection;
use crate::exit::Exit;
use crate::failure::Failure;

/// The session and the state of the demo.
pub(super) struct Script {
    pub(super) session: Session,
    pub(super) subject: Subject,
    pub(super) watch: Arc<MessageLog>,
    pub(super) simulator: Option<Simulator>,
    pub(super) narrator: Narrator,
    /// Instances that the server created under another name than requested.
    pub(super) strays: Vec<InstancePath>,
    url: String,
    failed: Vec<Exit>,
    is_over: bool,
}

impl Script {
    /// Builds the session, with a watch on its transport.
    pub(super) fn set(
        connection: Connection,
        subject: Subject,
        args: &OutputArgs,
    ) -> Result<Self, Failure> {
        let Connection {
            builder,
            url,
            simulator,
        } = connection;
        let watch = Arc::new(MessageLog::over(builder.http().map_err(Failure::Read)?));
        let transport: Arc<dyn Transport> = Arc::clone(&watch) as _;
        let session = builder
            .transport(transport)
            .build()
            .map_err(Failure::Read)?;
        Ok(Self {
            session,
            subject,
            watch,
            simulator,
            narrator: Narrator::new(args),
            strays: Vec::new(),
            url: url.to_string(),
            failed: Vec::new(),
            is_over: false,
        })
    }

    /// Prints the server and the class. A server without Identify may still run the steps.
    pub(super) async fn introduce(&mut self, namespace: &str) -> Result<(), Failure> {
        let who = match self.session.identify().await {
            Ok(who) => format!("{} {}", who.product_vendor, who.product_version),
            Err(error) if ends_it(&error) => return Err(Failure::Read(error)),
            Err(error) => format!("Identify failed: {}", error.name()),
        };
        self.watch.take();
        let place = if self.simulator.is_some() {
            "a simulator in this process"
        } else {
            "a server"
        };
        let Subject {
            class,
            key,
            property,
            ..
        } = &self.subject;
        let class = format!("{class} in {namespace}, its key {key}, its property {property}");
        self.narrator
            .say("Create, update and cancel, step by step.")?;
        self.narrator
            .fact("server", format!("{}, {place}: {who}", self.url))?;
        self.narrator.fact("class", class)?;
        Ok(())
    }

    /// Fails if an instance of the demo already exists, so that none of another user is overwritten
    /// or deleted.
    pub(super) async fn check_that_nothing_is_there(&mut self) -> Result<(), Failure> {
        for which in [Which::First, Which::Second] {
            let path = self.subject.path(which);
            if self.read(&path).await.map_err(Failure::Read)?.is_some() {
                let text = format!("{path} already exists; delete it, or choose another class");
                return Err(Failure::found(Exit::AlreadyExists, "already-exists", text));
            }
        }
        Ok(())
    }

    /// Reads an instance from the server, if it exists. The read is not printed, because it is no
    /// part of the step.
    pub(super) async fn read(&self, path: &InstancePath) -> Result<Option<Instance>, Error> {
        let read = self.session.get_instance(path).await;
        self.watch.take();
        match read {
            Ok(instance) => Ok(Some(instance)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Prints the messages since the last call.
    pub(super) fn tell_sent(&mut self) -> io::Result<Vec<Exchange>> {
        let sent = self.watch.take();
        self.narrator.sent(&sent)?;
        Ok(sent)
    }

    /// Ends a step that met its expectation.
    pub(super) fn succeed(&mut self, text: &str) -> io::Result<()> {
        self.narrator.as_expected(text)
    }

    /// Ends a step that did not.
    pub(super) fn fail(&mut self, text: &str) -> io::Result<()> {
        self.fail_with(Exit::Failed, text)
    }

    /// Ends a step that failed with an error.
    pub(super) fn fail_by(&mut self, error: &Error, text: &str) -> io::Result<()> {
        self.is_over |= ends_it(error);
        self.fail_with(Exit::of_write(error), text)
    }

    fn fail_with(&mut self, exit: Exit, text: &str) -> io::Result<()> {
        self.failed.push(exit);
        self.narrator.not_as_expected(text)
    }

    /// Whether the server no longer answers, so that further steps would show nothing.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Prints the summary; the exit code is that of the first failed step.
    pub(super) fn conclude(&mut self) -> io::Result<Exit> {
        let (steps, failed) = (self.narrator.steps(), self.failed.len());
        self.narrator.pause()?;
        match self.failed.first() {
            None => {
                self.narrator
                    .say(&format!("All {steps} steps met their expectation."))?;
                Ok(Exit::Done)
            }
            Some(exit) => {
                let rest = if self.is_over {
                    "; the rest was skipped"
                } else {
                    ""
                };
                let text = format!("Failed: {failed} of {steps} steps{rest}.");
                self.narrator.say(&text)?;
                Ok(*exit)
            }
        }
    }
}

/// Whether an error concerns the connection rather than the request.
fn ends_it(error: &Error) -> bool {
    matches!(
        error,
        Error::Auth(_) | Error::Transport(_) | Error::Timeout(_)
    )
}
