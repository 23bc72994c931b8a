//! `wsman create`: creates an instance.

use clap::Args;

use super::from::FromArgs;
use super::subject::{Subject, SubjectArgs};
use super::writes;
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::json::read::Flat;

/// The instance.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    pub(super) from: FromArgs,
}

impl HostCommand for CreateArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    fn shape(&self) -> Shape {
        self.from.shape()
    }

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let Some(path) = &self.from.file else {
            create(host, &self.subject.subject(host).await?, out).await?;
            return Ok(Exit::Done);
        };
        let class = self.subject.default_class()?;
        let (flats, progress) = writes::Source::open(path, out)?.flats(class);
        let one = |flat: Flat| async move {
            create(host, &self.subject.of_flat(host, &flat).await?, out).await
        };
        writes::each(app, host, flats, progress, out, one).await
    }
}

async fn create(host: &Host, subject: &Subject, out: &Sink) -> Result<(), Failure> {
    let request = host.session.create_instance(&subject.with_keys());
    let request = match subject.class {
        Some(_) => request.checked(),
        None => request,
    };
    let path = host.write(request).await.map_err(writes::failed)?;
    writes::print("created", &path, 1, None, out)
}
