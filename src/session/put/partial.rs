//! Updates of some properties only.

use super::PutMode;
use crate::cim::{Instance, Name, Property, Value};
use crate::error::{Error, Failure};
use crate::protocol::WsmanOption;

/// Which part of an instance a put changes.
///
/// | | Windows | OMI | openwsman |
/// |---|---|---|---|
/// | `Whole` | depends on the provider | changes what was sent | what was not sent becomes NULL |
/// | `ModifiedProperties` | honoured, as far as captures tell | list ignored | list ignored |
/// | `PutExtensions` | up to the provider; most refuse | ignored | ignored |
/// | `Fragment` | honoured by its specification | [`Error::NotSupported`] | the others become NULL unless the provider keeps them |
/// | `Merge` | works everywhere | works everywhere | works everywhere |
///
/// What "ignored" means: the server takes the body as a whole put.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum PartialUpdate {
    /// The whole instance.
    #[default]
    Whole,
    /// The whole instance is sent with the names of the properties that were changed, as the MI client
    /// of Windows does for `MI_Session_ModifyInstance` (`__MIInstanceModifiedPropertiesList`, known
    /// from captures only): those set by hand or since the instance was read.
    ModifiedProperties,
    /// The `__PUT_EXT_*` values of WMI's context object (MS-WMI 2.2.13; MS-WSMV 3.1.4.1.10).
    PutExtensions(PutExtensions),
    /// One property alone, as a WS-Management fragment (`XPath level 1`, DSP0226 7.7). openwsman gives
    /// the provider an instance with nothing else in it, and sfcb's own sets everything else to NULL.
    Fragment(Name),
    /// Reads the instance, changes what was set, and puts the whole: portable, and not atomic, because
    /// somebody may change the instance in between.
    Merge,
}

/// The values of WMI's context object for a partial update.
///
/// `__PUT_EXTENSIONS` itself is always sent: the others without it are `WBEM_E_INVALID_CONTEXT`, and
/// cannot be expressed here.
///
/// ```
/// use wsman::PutExtensions;
/// let only_path = PutExtensions::new(["Path"]).strict_nulls();
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct PutExtensions {
    properties: Vec<Name>,
    strict_nulls: bool,
    atomic: bool,
}

impl PutExtensions {
    /// Changes these properties (`__PUT_EXT_PROPERTIES`).
    pub fn new<N: Into<Name>>(properties: impl IntoIterator<Item = N>) -> Self {
        let properties = properties.into_iter().map(Into::into).collect();
        Self {
            properties,
            strict_nulls: false,
            atomic: false,
        }
    }

    /// Writes NULL where the instance has it, instead of leaving the property as it is
    /// (`__PUT_EXT_STRICT_NULLS`).
    pub fn strict_nulls(mut self) -> Self {
        self.strict_nulls = true;
        self
    }

    /// All or nothing (`__PUT_EXT_ATOMIC`).
    pub fn atomic(mut self) -> Self {
        self.atomic = true;
        self
    }
}

impl PartialUpdate {
    /// Refuses what cannot be: a part of an instance that does not exist yet, a property that the
    /// instance does not have.
    pub(super) fn check(&self, mode: PutMode, instance: &Instance) -> Result<(), Error> {
        let refused = |text: &str| Err(Error::InvalidParameter(Failure::new(text)));
        match (self, mode) {
            (Self::Fragment(_), PutMode::CreateOrUpdate | PutMode::CreateOnly) => {
                return refused("a fragment can only update: use PutMode::UpdateOnly");
            }
            (Self::PutExtensions(_) | Self::Merge, PutMode::CreateOnly) => {
                return refused("a new instance has no part to update: use PartialUpdate::Whole");
            }
            _ => {}
        }
        let named: &[Name] = match self {
            Self::ModifiedProperties if instance.modified().next().is_none() => {
                return refused("no property of the instance was changed since it was read");
            }
            Self::Fragment(name) => std::slice::from_ref(name),
            Self::PutExtensions(extensions) if extensions.properties.is_empty() => {
                return refused("a partial update must name at least one property");
            }
            Self::PutExtensions(extensions) => &extensions.properties,
            _ => &[],
        };
        if let Self::Fragment(name) = self
            && instance
                .property(name.as_str())
                .is_some_and(Property::is_altered)
        {
            return refused(&format!(
                "the value of {name} is only a part of what the server sent: set it first"
            ));
        }
        match named
            .iter()
            .find(|name| instance.value(name.as_str()).is_none())
        {
            Some(name) => refused(&format!("the instance has no property {name} to update")),
            None => Ok(()),
        }
    }

    /// The options of a Put or, for the modified-properties list, of a Create.
    pub(in crate::session) fn options(&self, instance: &Instance) -> Vec<WsmanOption> {
        match self {
            Self::ModifiedProperties => instance
                .modified()
                .map(|name| name_option(MODIFIED_PROPERTIES, name))
                .collect(),
            Self::PutExtensions(extensions) => extensions.options(),
            Self::Whole | Self::Fragment(_) | Self::Merge => Vec::new(),
        }
    }

    /// The property of a fragment, with its value.
    pub(super) fn fragment<'a>(&'a self, instance: &'a Instance) -> Option<(&'a Name, &'a Value)> {
        match self {
            Self::Fragment(name) => Some((name, instance.value(name.as_str())?)),
            _ => None,
        }
    }
}

const MODIFIED_PROPERTIES: &str = "wmiarray:__MIInstanceModifiedPropertiesList";

fn name_option(option: &str, name: &Name) -> WsmanOption {
    WsmanOption::new(option, name.as_str()).with_type("xs:string")
}

impl PutExtensions {
    fn options(&self) -> Vec<WsmanOption> {
        let mut options = vec![WsmanOption::flag("wmi:__PUT_EXTENSIONS")];
        let names = self.properties.iter();
        options.extend(names.map(|name| name_option("wmiarray:__PUT_EXT_PROPERTIES", name)));
        if self.strict_nulls {
            options.push(WsmanOption::flag("wmi:__PUT_EXT_STRICT_NULLS"));
        }
        if self.atomic {
            options.push(WsmanOption::flag("wmi:__PUT_EXT_ATOMIC"));
        }
        options
    }
}
