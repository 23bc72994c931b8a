//! `wsman associators` and `wsman references`: what is associated with an instance.

use clap::Args;
use wsman::InstancePath;

use super::rows::{self, Wanted};
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::target::{Target, instance_path};

/// The instance, and which of its associations.
#[derive(Debug, Args)]
pub(crate) struct AssociatorsArgs {
    /// The class, or an object path
    #[arg(value_name = "CLASS|PATH")]
    target: String,
    /// The keys
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
    /// Follow only associations of this class
    #[arg(long, value_name = "CLASS")]
    assoc_class: Option<String>,
    /// Return only instances of this class
    #[arg(long, value_name = "CLASS")]
    result_class: Option<String>,
    /// The property of the association that refers to the instance
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// The property of the association that refers to the result
    #[arg(long, value_name = "NAME")]
    result_role: Option<String>,
    /// Stop after this many instances
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

/// The instance, and which of the associations that refer to it.
#[derive(Debug, Args)]
pub(crate) struct ReferencesArgs {
    /// The class, or an object path
    #[arg(value_name = "CLASS|PATH")]
    target: String,
    /// The keys
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
    /// Return only associations of this class, which are the result
    #[arg(long, value_name = "CLASS")]
    assoc_class: Option<String>,
    /// Return only associations of this class
    #[arg(long, value_name = "CLASS", conflicts_with = "assoc_class")]
    result_class: Option<String>,
    /// The property of the association that refers to the instance
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// The property of the association that refers to another instance
    #[arg(long, value_name = "NAME")]
    result_role: Option<String>,
    /// Stop after this many associations
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

impl HostCommand for AssociatorsArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Instances;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.target)?;
        let path = instance_path(host, &target, &self.keys).await?;
        let mut request = host.session.associators(&path);
        if let Some(class) = &self.assoc_class {
            request = request.association_class(class);
        }
        if let Some(class) = &self.result_class {
            request = request.result_class(class);
        }
        if let Some(role) = &self.role {
            request = request.role(role);
        }
        if let Some(role) = &self.result_role {
            request = request.result_role(role);
        }
        rows::print(app, host, request.stream(), &wanted(self.limit, &path), out).await
    }
}

impl HostCommand for ReferencesArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Instances;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.target)?;
        let path = instance_path(host, &target, &self.keys).await?;
        let mut request = host.session.references(&path);
        if let Some(class) = self.result_class.as_ref().or(self.assoc_class.as_ref()) {
            request = request.result_class(class);
        }
        if let Some(role) = &self.role {
            request = request.role(role);
        }
        rows::print(
            app,
            host,
            request.stream(),
            &Wanted {
                refers: self.result_role.as_deref(),
                ..wanted(self.limit, &path)
            },
            out,
        )
        .await
    }
}

fn wanted(limit: Option<u64>, path: &InstancePath) -> Wanted<'_> {
    Wanted {
        limit,
        of: Some(path),
        ..Wanted::default()
    }
}
