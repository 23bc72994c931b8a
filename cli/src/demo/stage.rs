//! What the steps have in common: a session that is watched, and somebody who tells.

use std::io;
use std::sync::Arc;

use wsman::simulator::Simulator;
use wsman::transport::Transport;
use wsman::{Error, Instance, InstancePath, Session};

use super::narrator::Narrator;
use super::subject::{Subject, Which};
use super::watch::{Exchange, Watch};
use crate::connect::Connection;
use crate::exit::Exit;
use crate::failure::Failure;

/// Where the steps play.
pub(super) struct Stage {
    pub(super) session: Session,
    pub(super) subject: Subject,
    pub(super) watch: Arc<Watch>,
    pub(super) simulator: Option<Simulator>,
    pub(super) narrator: Narrator,
    /// Instances that the server made instead of those it was asked for.
    pub(super) strays: Vec<InstancePath>,
    url: String,
    failed: Vec<Exit>,
    is_over: bool,
}

impl Stage {
    /// Builds the session, with a watch on its transport.
    pub(super) fn set(connection: Connection, subject: Subject) -> Result<Self, Failure> {
        let Connection {
            builder,
            url,
            simulator,
        } = connection;
        let watch = Arc::new(Watch::over(builder.http().map_err(Failure::Read)?));
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
            narrator: Narrator::new(),
            strays: Vec::new(),
            url: url.to_string(),
            failed: Vec::new(),
            is_over: false,
        })
    }

    /// Tells where and with what it plays. A server that does not know Identify may still do the rest.
    pub(super) async fn introduce(&mut self, namespace: &str) -> Result<(), Failure> {
        let who = match self.session.identify().await {
            Ok(who) => format!("{} {}", who.product_vendor, who.product_version),
            Err(error) if ends_it(&error) => return Err(Failure::Read(error)),
            Err(error) => format!("does not say who it is: {}", error.name()),
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
        self.narrator.say("The main job, step by step.")?;
        self.narrator
            .fact("server", format!("{}, {place}: {who}", self.url))?;
        self.narrator.fact("class", class)?;
        Ok(())
    }

    /// Makes sure that nothing of somebody else's is overwritten or deleted.
    pub(super) async fn check_that_nothing_is_there(&mut self) -> Result<(), Failure> {
        for which in [Which::First, Which::Second] {
            let path = self.subject.path(which);
            if self.read(&path).await.map_err(Failure::Read)?.is_some() {
                let text = format!("{path} is there already; delete it, or choose another class");
                return Err(Failure::Found(Exit::AlreadyExists, text));
            }
        }
        Ok(())
    }

    /// An instance as it is on the server now, if it is there. Not told as sent: it is no part of what
    /// the step shows.
    pub(super) async fn read(&self, path: &InstancePath) -> Result<Option<Instance>, Error> {
        let read = self.session.get_instance(path).await;
        self.watch.take();
        match read {
            Ok(instance) => Ok(Some(instance)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Tells what was sent since this was told last.
    pub(super) fn tell_sent(&mut self) -> io::Result<Vec<Exchange>> {
        let sent = self.watch.take();
        self.narrator.sent(&sent)?;
        Ok(sent)
    }

    /// Ends a step that did what it says.
    pub(super) fn succeed(&mut self, text: &str) -> io::Result<()> {
        self.narrator.as_expected(text)
    }

    /// Ends a step that did not do what it says.
    pub(super) fn fail(&mut self, text: &str) -> io::Result<()> {
        self.fail_with(Exit::Failed, text)
    }

    /// Ends a step that did not do what it says because of an error.
    pub(super) fn fail_by(&mut self, error: &Error, text: &str) -> io::Result<()> {
        self.is_over |= ends_it(error);
        self.fail_with(Exit::of_write(error), text)
    }

    fn fail_with(&mut self, exit: Exit, text: &str) -> io::Result<()> {
        self.failed.push(exit);
        self.narrator.not_as_expected(text)
    }

    /// Whether the server does not answer any more, so that the steps that are left would say nothing.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Tells how it went; the exit code is that of the first step that failed.
    pub(super) fn conclude(&mut self) -> io::Result<Exit> {
        let (steps, failed) = (self.narrator.steps(), self.failed.len());
        self.narrator.pause()?;
        match self.failed.first() {
            None => {
                self.narrator
                    .say(&format!("All {steps} steps did what they say."))?;
                Ok(Exit::Done)
            }
            Some(exit) => {
                let rest = if self.is_over {
                    "; the rest was left out"
                } else {
                    ""
                };
                let text = format!("Not as they say: {failed} of {steps} steps{rest}.");
                self.narrator.say(&text)?;
                Ok(*exit)
            }
        }
    }
}

/// Whether an error is not about what was asked, but about the way to the server.
fn ends_it(error: &Error) -> bool {
    matches!(
        error,
        Error::Auth(_) | Error::Transport(_) | Error::Timeout(_)
    )
}
