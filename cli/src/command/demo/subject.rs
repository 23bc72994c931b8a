//! The subject of the demo: a class, its key, a property, and two instances.

use std::process;

use clap::Args;
use wsman::cim::Name;
use wsman::{Instance, InstancePath};

use crate::connect::Endpoint;
use crate::failure::Failure;

/// The class that the user chooses.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to create")]
pub(crate) struct SubjectArgs {
    /// A class whose instances may be created and deleted; defaults to Win32_Share on the simulator
    #[arg(long, requires_all = ["key", "property"])]
    class: Option<String>,
    /// Its key, of type string
    #[arg(long, value_name = "NAME", requires = "class")]
    key: Option<String>,
    /// A property of type uint32
    #[arg(long, value_name = "NAME", requires = "class")]
    property: Option<String>,
}

/// The class and the instances of the demo.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) class: Name,
    pub(super) key: Name,
    pub(super) property: Name,
    /// The other properties that a new instance requires, as text.
    others: Vec<(Name, &'static str)>,
    /// Distinguishes the instances of this run from those of others.
    stem: String,
}

/// One of the two instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    First,
    Second,
}

impl Subject {
    /// Returns the chosen class; on the simulator, defaults to one of its own.
    pub(super) fn of(args: &SubjectArgs, endpoint: &Endpoint) -> Result<Self, Failure> {
        let stem = match endpoint {
            Endpoint::Simulator(_) => "wsman-demo".to_owned(),
            Endpoint::At(_) => format!("wsman-demo-{}", process::id()),
        };
        match (&args.class, &args.key, &args.property) {
            (Some(class), Some(key), Some(property)) => Ok(Self {
                class: Name::new(class),
                key: Name::new(key),
                property: Name::new(property),
                others: Vec::new(),
                stem,
            }),
            _ if matches!(endpoint, Endpoint::Simulator(_)) => Ok(Self::share(stem)),
            _ => Err(Failure::Usage(
                "a server needs --class, --key and --property: a class whose instances may be \
                 created and deleted"
                    .into(),
            )),
        }
    }

    fn share(stem: String) -> Self {
        Self {
            class: Name::new("Win32_Share"),
            key: Name::new("Name"),
            property: Name::new("MaximumAllowed"),
            others: vec![(Name::new("Path"), r"C:\demo")],
            stem,
        }
    }

    /// Returns a whole instance.
    pub(super) fn instance(&self, which: Which, value: u32) -> Instance {
        let whole = self.part(which, value);
        self.others
            .iter()
            .fold(whole, |whole, (name, text)| whole.with(name.clone(), *text))
    }

    /// Returns an instance with only its key and the property.
    pub(super) fn part(&self, which: Which, value: u32) -> Instance {
        let id = self.id(which);
        Instance::new(self.class.clone())
            .with_key(self.key.clone(), id)
            .with(self.property.clone(), value)
    }

    /// Returns the path of an instance.
    pub(super) fn path(&self, which: Which) -> InstancePath {
        InstancePath::new(self.class.clone()).with_key(self.key.clone(), self.id(which))
    }

    /// Returns the value of the property in an instance; `None` if it has none.
    pub(super) fn value_of(&self, instance: &Instance) -> Option<u32> {
        instance.get(self.property.as_str()).ok()
    }

    /// `MaximumAllowed = 1`
    pub(super) fn assignment(&self, value: u32) -> String {
        format!("{} = {value}", self.property)
    }

    /// Describes the instance on the server in the same form.
    pub(super) fn describe(&self, found: Option<&Instance>) -> String {
        match found.map(|instance| self.value_of(instance)) {
            Some(Some(value)) => self.assignment(value),
            Some(None) => format!("{} has no value", self.property),
            None => "no such instance".to_owned(),
        }
    }

    fn id(&self, which: Which) -> String {
        match which {
            Which::First => format!("{}-1", self.stem),
            Which::Second => format!("{}-2", self.stem),
        }
    }
}
