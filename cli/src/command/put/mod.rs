//! `wsman put`: updates an instance, or creates it if it does not exist.
//!
//! | file | content |
//! |---|---|
//! | `journal` | which instances of a file are done |

mod journal;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, ValueEnum};
use wsman::put::{PutExtensions, PutInstance};
use wsman::{Delivery, Instance, InstancePath, PartialUpdate, PutMode, Request, Session};

use journal::{Journal, State};

use super::from::FromArgs;
use super::subject::{Subject, SubjectArgs};
use super::{what_if, writes};
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::json::read::Flat;

/// The instance, and how to put it.
#[derive(Debug, Args)]
pub(crate) struct PutArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// Whether to update, to create, or either [default: create-or-update]
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Change only the given properties, in this way
    #[arg(long, value_enum)]
    partial: Option<Partial>,
    /// Print what would change, and send nothing; with -v print the message as well
    #[arg(long)]
    what_if: bool,
    #[command(flatten)]
    pub(super) from: FromArgs,
    /// Note what is done in a file, and go on from it after an interruption
    #[arg(long, value_name = "FILE", requires = "file")]
    journal: Option<PathBuf>,
    /// The journal, which the hosts of a run share.
    #[arg(skip)]
    open: Mutex<Option<Arc<Journal>>>,
}

/// The names of [`PutMode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    CreateOrUpdate,
    UpdateOnly,
    CreateOnly,
}

/// The names of [`PartialUpdate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Partial {
    /// Read the instance, change the properties, and put the whole
    Merge,
    /// Send the names of the changed properties
    Modified,
    /// Send one property alone
    Fragment,
    /// Send the names in WMI's context object
    Context,
}

impl HostCommand for PutArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    fn shape(&self) -> Shape {
        self.from.shape()
    }

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let Some(path) = &self.from.file else {
            let subject = self.subject.subject(host).await?;
            self.put(app, host, &subject, out).await?;
            return Ok(Exit::Done);
        };
        let class = self.subject.default_class()?;
        let journal = self.open_journal()?;
        let (flats, progress) = writes::Source::open(path, out)?.flats(class);
        let journal = journal.as_deref();
        let put = |flat: Flat| async move {
            let subject = self.subject.of_flat(host, &flat).await?;
            match journal {
                Some(journal) => {
                    let id = journal::hash(&flat.fingerprint());
                    self.put_once(host, &subject, journal, &id, out).await
                }
                None => self.put(app, host, &subject, out).await,
            }
        };
        let done = writes::each(app, host, flats, progress, out, put).await;
        let skipped = journal.map(Journal::skipped);
        if let Some(count) = skipped.filter(|count| *count > 0 && !out.names_hosts()) {
            crate::app::note(&format!("{count} instances were done before"));
        }
        done
    }
}

impl PutArgs {
    /// Opens the journal for the first host; the others share it.
    fn open_journal(&self) -> Result<Option<Arc<Journal>>, Failure> {
        let Some(path) = self.journal.as_deref().filter(|_| !self.what_if) else {
            return Ok(None);
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_none() {
            *open = Some(Arc::new(Journal::open(path)?));
        }
        Ok(open.clone())
    }

    async fn put(
        &self,
        app: &App,
        host: &Host,
        subject: &Subject,
        out: &Sink,
    ) -> Result<(), Failure> {
        if self.what_if {
            if app.settings.output.verbose > 0 {
                what_if::show_message(&self.unchecked(&host.session, subject)?)?;
            }
            return what_if::run(host, subject, self.mode(), out).await;
        }
        let put = host.write(self.request(&host.session, subject)?).await;
        writes::print_put(host, put.map_err(writes::failed)?, out).await
    }

    /// Puts an instance unless an earlier run did. One of which the outcome is not known is read back
    /// first.
    async fn put_once(
        &self,
        host: &Host,
        subject: &Subject,
        journal: &Journal,
        id: &str,
        out: &Sink,
    ) -> Result<(), Failure> {
        match journal.state(&host.name, id) {
            Some(State::Done) => {
                journal.skip();
                return Ok(());
            }
            Some(State::Sent) => {
                if let Some(found) = what_if::is_done(host, subject).await? {
                    journal.note(&host.name, id, State::Done)?;
                    return self.print_found(&found, out);
                }
            }
            Some(State::Failed) | None => {}
        }
        let request = self.request(&host.session, subject)?;
        journal.note(&host.name, id, State::Sent)?;
        match host.write(request).await {
            Ok(put) => {
                journal.note(&host.name, id, State::Done)?;
                writes::print_put(host, put, out).await
            }
            Err(error) => {
                if error.delivery() != Delivery::Unknown {
                    journal.note(&host.name, id, State::Failed)?;
                }
                Err(writes::failed(error))
            }
        }
    }

    /// Prints the result of a put that an interrupted run did.
    fn print_found(&self, found: &Instance, out: &Sink) -> Result<(), Failure> {
        let outcome = if self.mode() == PutMode::CreateOnly {
            "created"
        } else {
            "updated"
        };
        let path = found
            .path()
            .unwrap_or_else(|| InstancePath::new(found.class().clone()));
        writes::print(outcome, &path, 1, Some(found), out)
    }

    /// Makes the request, which is validated against the class if that is known.
    fn request(
        &self,
        session: &Session,
        subject: &Subject,
    ) -> Result<Request<PutInstance>, Failure> {
        let request = self.unchecked(session, subject)?;
        Ok(match subject.class {
            Some(_) => request.checked(),
            None => request,
        })
    }

    /// Makes the request as it is sent.
    fn unchecked(
        &self,
        session: &Session,
        subject: &Subject,
    ) -> Result<Request<PutInstance>, Failure> {
        let request = session
            .put_instance(&subject.instance)
            .mode(self.mode())
            .partial(self.part(subject)?);
        Ok(match &subject.at {
            Some(path) => request.at(path),
            None => request,
        })
    }

    /// Returns the mode. A fragment can only update.
    fn mode(&self) -> PutMode {
        match (self.mode, self.partial) {
            (Some(Mode::UpdateOnly), _) | (None, Some(Partial::Fragment)) => PutMode::UpdateOnly,
            (Some(Mode::CreateOnly), _) => PutMode::CreateOnly,
            _ => PutMode::CreateOrUpdate,
        }
    }

    fn part(&self, subject: &Subject) -> Result<PartialUpdate, Failure> {
        let properties = subject.instance.properties().iter();
        let mut names = properties
            .filter(|property| !property.is_key())
            .map(|property| property.name().clone());
        Ok(match self.partial {
            None => PartialUpdate::Whole,
            Some(Partial::Merge) => PartialUpdate::Merge,
            Some(Partial::Modified) => PartialUpdate::ModifiedProperties,
            Some(Partial::Context) => PartialUpdate::PutExtensions(PutExtensions::new(names)),
            Some(Partial::Fragment) => match (names.next(), names.next()) {
                (Some(name), None) => PartialUpdate::Fragment(name),
                _ => {
                    return Err(Failure::Usage(
                        "--partial fragment sends one property: name exactly one beside the keys"
                            .into(),
                    ));
                }
            },
        })
    }
}
