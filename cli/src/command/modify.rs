//! `wsman modify`: changes properties of an instance, or of all that a query selects.

use clap::Args;
use wsman::{InstancePath, PutMode};

use super::from::FromArgs;
use super::selected::{self, SelectedArgs};
use super::subject::{Subject, SubjectArgs};
use super::{what_if, writes};
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::render::{Content, Shape, Sink};
use crate::value::json::read::Flat;

/// The instances, and their new values.
#[derive(Debug, Args)]
// A query names its instances itself.
#[command(mut_arg("query", |query| query.conflicts_with_all(["keys", "at"])))]
pub(crate) struct ModifyArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    #[command(flatten)]
    selected: SelectedArgs,
    #[command(flatten)]
    pub(super) from: FromArgs,
}

impl HostCommand for ModifyArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    fn shape(&self) -> Shape {
        match self.selected.query {
            Some(_) => Shape::Many,
            None => self.from.shape(),
        }
    }

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        if let Some(query) = &self.selected.query {
            return self.all(app, host, query, out).await;
        }
        let Some(path) = &self.from.file else {
            let subject = self.subject.subject(host).await?;
            self.modify(app, host, &subject, out).await?;
            return Ok(Exit::Done);
        };
        let class = self.subject.default_class()?;
        let (flats, progress) = writes::Source::open(path, out)?.flats(class);
        let one = |flat: Flat| async move {
            let subject = self.subject.of_flat(host, &flat).await?;
            self.modify(app, host, &subject, out).await
        };
        writes::each(app, host, flats, progress, out, one).await
    }
}

impl ModifyArgs {
    /// Modifies the instances that a query selects: every word then is a property.
    async fn all(&self, app: &App, host: &Host, query: &str, out: &Sink) -> Result<Exit, Failure> {
        let words: Vec<String> = self
            .subject
            .target
            .iter()
            .chain(&self.subject.properties)
            .cloned()
            .collect();
        if words.is_empty() {
            return Err(Failure::Usage("nothing to change: name PROP=VALUE".into()));
        }
        let paths = selected::paths(app, host, query).await?;
        if !self.selected.what_if {
            selected::confirm(&self.selected, "modify", paths.len(), out)?;
        }
        let words = &words;
        let one = |path: InstancePath| async move {
            let subject = SubjectArgs::at_path(host, path, words).await?;
            self.modify(app, host, &subject, out).await
        };
        let progress = Progress::of_instances();
        writes::each(app, host, paths.into_iter().map(Ok), progress, out, one).await
    }

    async fn modify(
        &self,
        app: &App,
        host: &Host,
        subject: &Subject,
        out: &Sink,
    ) -> Result<(), Failure> {
        let request = |session: &wsman::Session| {
            let request = session.modify_instance(&subject.instance);
            match &subject.at {
                Some(path) => request.at(path),
                None => request,
            }
        };
        if self.selected.what_if {
            if app.settings.output.verbose > 0 {
                what_if::show_message(&request(&host.session))?;
            }
            return what_if::run(host, subject, PutMode::UpdateOnly, out).await;
        }
        let request = match subject.class {
            Some(_) => request(&host.session).checked(),
            None => request(&host.session),
        };
        let put = host.write(request).await.map_err(writes::failed)?;
        writes::print_put(host, put, out).await
    }
}
