//! `wsman enum`: reads the instances of a class.

use clap::Args;
use wsman::Instance;
use wsman::cim::Keys;
use wsman::enumerate::PolymorphismMode;

use super::rows::{self, Wanted};
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::render::{Content, Shape, Sink};
use crate::value::assignment::Assignment;
use crate::value::target::Target;
use crate::value::typing::{Declared, values};

/// The class, and which of its instances.
#[derive(Debug, Args)]
pub(crate) struct EnumerateArgs {
    /// The class
    #[arg(value_name = "CLASS")]
    class: String,
    /// Read only the keys
    #[arg(long, conflicts_with_all = ["select", "properties", "shallow", "base_properties"])]
    keys_only: bool,
    /// Read only instances of the class itself, and not of its subclasses
    #[arg(long, conflicts_with = "base_properties")]
    shallow: bool,
    /// Read only the properties of the class itself, and not those of its subclasses
    #[arg(long)]
    base_properties: bool,
    /// Read only these properties
    #[arg(long, value_name = "P,…", value_delimiter = ',',
          conflicts_with_all = ["shallow", "base_properties"])]
    select: Vec<String>,
    /// Read only instances whose property has this value
    #[arg(long = "where", value_name = "P=V")]
    properties: Vec<String>,
    /// Stop after this many instances
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Ask for this many instances in each answer
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    page: Option<u32>,
}

impl HostCommand for EnumerateArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Instances;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.class)?;
        if target
            .path()
            .is_some_and(|path| !matches!(path.keys(), Keys::Class))
        {
            return Err(Failure::Usage(
                "enum reads a class: use get for an object path".into(),
            ));
        }
        let namespace = target.path().and_then(|path| path.namespace()).cloned();
        if self.keys_only {
            return self.keys(app, host, &target, out).await;
        }
        let mut request = host.session.enumerate_instances(target.class().clone());
        if let Some(namespace) = &namespace {
            request = request.namespace(namespace);
        }
        if let Some(mode) = self.polymorphism() {
            request = request.polymorphism(mode);
        }
        if let Some(rows) = self.page {
            request = request.max_elements(rows);
        }
        let mut class = None;
        if !self.properties.is_empty() || self.base_properties {
            let read = host.schema.class(namespace.as_ref(), target.class());
            class = read.await.map_err(Failure::Read)?;
        }
        if !self.properties.is_empty() {
            let given = Assignment::parse_all(&self.properties)?;
            for (name, value) in values(&given, &Declared::Properties(class.as_deref()))? {
                request = request.matching(name, value);
            }
        }
        let request = request.select(self.select.iter().cloned());
        let wanted = Wanted {
            limit: self.limit,
            properties: self.select.iter().map(String::as_str).collect(),
            class: self.shallow.then_some(target.class()),
            base: class.filter(|_| self.base_properties),
            ..Wanted::default()
        };
        rows::print(app, host, request.stream(), &wanted, out).await
    }
}

impl EnumerateArgs {
    fn polymorphism(&self) -> Option<PolymorphismMode> {
        if self.shallow {
            Some(PolymorphismMode::Shallow)
        } else if self.base_properties {
            Some(PolymorphismMode::DeepBasePropertiesOnly)
        } else {
            None
        }
    }

    /// Prints the paths, each as an instance of its keys.
    async fn keys(
        &self,
        app: &App,
        host: &Host,
        target: &Target,
        out: &Sink,
    ) -> Result<Exit, Failure> {
        let mut request = host.session.enumerate_paths(target.class().clone());
        if let Some(namespace) = target.path().and_then(|path| path.namespace()) {
            request = request.namespace(namespace);
        }
        if let Some(rows) = self.page {
            request = request.max_elements(rows);
        }
        let mut rows = request.stream();
        let printed = tokio::select! {
            biased;
            () = app.interrupt.pressed() => Err(Failure::Interrupted),
            printed = async {
                let mut left = self.limit.unwrap_or(u64::MAX);
                let mut progress = Progress::of_rows(out);
                while left > 0 && let Some(path) = rows.next().await {
                    let path = path.map_err(Failure::Read)?;
                    let named = path.keys().named().iter();
                    let instance = named.fold(Instance::new(path.class().clone()), |instance, key| {
                        instance.with_key(key.name.clone(), key.value.clone())
                    });
                    let instance = host.schema.typed(instance.with_path(path)).await;
                    out.instance(&instance.map_err(Failure::Read)?)?;
                    left -= 1;
                    progress.read(rows.bytes());
                }
                Ok(())
            } => printed,
        };
        rows::release(rows).await;
        printed.map(|()| Exit::Done)
    }
}
