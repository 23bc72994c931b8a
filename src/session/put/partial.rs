//! Partial updates.

use super::PutMode;
use crate::cim::{Instance, Name, Property};
use crate::error::{Error, Failure};
use crate::protocol::WsmanOption;

/// Which part of an instance a put changes.
///
/// | | Windows | OMI | openwsman |
/// |---|---|---|---|
/// | `Whole` | depends on the provider | changes the properties sent | omitted properties become NULL |
/// | `ModifiedProperties` | honoured, according to captures | list ignored | list ignored |
/// | `PutExtensions` | depends on the provider; most refuse | ignored | ignored |
/// | `Fragment` | honoured by its specification | [`Error::NotSupported`] | the others become NULL unless the provider keeps them |
/// | `Merge` | works everywhere | works everywhere | works everywhere |
///
/// "Ignored" means that the server treats the body as a whole put.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum PartialUpdate {
    /// Sends the whole instance.
    #[default]
    Whole,
    /// Sends the whole instance and the names of the modified properties: those set since the instance
    /// was read or made. The MI client of Windows does so for `MI_Session_ModifyInstance`
    /// (`__MIInstanceModifiedPropertiesList`, known only from captures).
    ModifiedProperties,
    /// Sends the `__PUT_EXT_*` values of WMI's context object (MS-WMI 2.2.13; MS-WSMV 3.1.4.1.10).
    PutExtensions(PutExtensions),
    /// Sends one property as a WS-Management fragment (`XPath level 1`, DSP0226 7.7). openwsman passes
    /// the provider an instance with only this property, and sfcb's own provider sets the others to NULL.
    Fragment(Name),
    /// Reads the instance, changes the properties that were set, and puts the whole. This is portable but
    /// not atomic, because another client may change the instance meanwhile.
    Merge,
}

/// The values of WMI's context object for a partial update.
///
/// `__PUT_EXTENSIONS` itself is always sent, because the other values without it are
/// `WBEM_E_INVALID_CONTEXT`.
///
/// ```
/// use wsman::put::PutExtensions;
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

    /// Writes NULL properties of the instance, instead of leaving them unchanged
    /// (`__PUT_EXT_STRICT_NULLS`).
    pub fn strict_nulls(mut self) -> Self {
        self.strict_nulls = true;
        self
    }

    /// Changes all properties or none (`__PUT_EXT_ATOMIC`).
    pub fn atomic(mut self) -> Self {
        self.atomic = true;
        self
    }
}

impl PartialUpdate {
    /// Rejects an invalid update: a part of an instance that does not exist yet, or a property that the
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
                return refused("no property of the instance is modified");
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
                "the value of {name} is only a part of the XML that the server sent: set it first"
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

    /// Returns the options of a Put or, for the modified-properties list, of a Create.
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

    /// Returns the property of a fragment, with its name as the caller writes it.
    pub(super) fn fragment<'a>(
        &'a self,
        instance: &'a Instance,
    ) -> Option<(&'a Name, &'a Property)> {
        match self {
            Self::Fragment(name) => Some((name, instance.property(name.as_str())?)),
            _ => None,
        }
    }
}

const MODIFIED_PROPERTIES: &str = "wmiarray:__MIInstanceModifiedPropertiesList";

fn name_option(option: &str, name: &Name) -> WsmanOption {
    WsmanOption::new(option, name.as_str()).with_type("xs:string")
}

impl PutExtensions {
    /// Returns whether the put writes this property.
    pub(super) fn writes(&self, property: &Property) -> bool {
        let is_listed = self.properties.iter().any(|name| name == property.name());
        is_listed && (self.strict_nulls || !property.value().is_null())
    }

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
