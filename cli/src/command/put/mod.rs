//! `wsman put`: updates an instance, or creates it if it does not exist.
//!
//! | file | content |
//! |---|---|
//! | `what_if` | what a put would change |

mod what_if;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value as Json;
use wsman::put::{PutExtensions, PutInstance};
use wsman::{PartialUpdate, PutMode, Request};

use super::subject::{Subject, SubjectArgs};
use super::writes;
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
    /// Read the instances from JSON or NDJSON
    #[arg(long, value_name = "FILE|-", conflicts_with = "properties")]
    from: Option<PathBuf>,
    /// Note what is done in a file, and go on from it after an interruption
    #[arg(long, value_name = "FILE", requires = "from")]
    journal: Option<PathBuf>,
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
        if self.from.is_some() {
            Shape::Many
        } else {
            Shape::One
        }
    }

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let Some(path) = &self.from else {
            let subject = self.subject.subject(host).await?;
            self.put(app, host, &subject, out).await?;
            return Ok(Exit::Done);
        };
        let class = self.subject.default_class()?;
        let values = writes::values_of(path)?;
        let flats = values.map(|value| match value? {
            Json::Object(map) => Flat::read(&map, class.as_ref()),
            _ => Err(Failure::parameter("an instance is a JSON object")),
        });
        let put = |flat: Flat| async move {
            let subject = self.subject.of_flat(host, &flat).await?;
            self.put(app, host, &subject, out).await
        };
        writes::each(app, flats, out, put).await
    }
}

impl PutArgs {
    async fn put(
        &self,
        app: &App,
        host: &Host,
        subject: &Subject,
        out: &Sink,
    ) -> Result<(), Failure> {
        if self.what_if {
            return what_if::run(app, host, subject, self, out).await;
        }
        let put = self.request(&host.session, subject)?.await;
        writes::print_put(host, put.map_err(writes::failed)?, out).await
    }

    /// Makes the request, as it would be sent.
    fn request(
        &self,
        session: &wsman::Session,
        subject: &Subject,
    ) -> Result<Request<PutInstance>, Failure> {
        let request = session
            .put_instance(&subject.instance)
            .mode(self.mode())
            .partial(self.part(subject)?);
        let request = match &subject.at {
            Some(path) => request.at(path),
            None => request,
        };
        Ok(match subject.class {
            Some(_) => request.checked(),
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
