//! WS-Enumeration: returns rows page by page (DSP0226 8, MS-WSMV 3.1.4.8 to 3.1.4.10).

mod filter;
mod page;
#[cfg(feature = "simulator")]
mod read;

use std::time::Duration;

pub(crate) use filter::{AssociationFilter, Filter, FilterContext, ResultKind};
pub(crate) use page::Page;
pub(crate) use page::Row;

use super::DecodeError;
use super::header::duration_text;
use crate::cim::ValueError;
use crate::xml::{Reader, Writer, trim, uri};

/// How an enumeration treats subclasses: which of their rows it returns, and with which properties
/// (DSP0227 7.5).
///
/// Windows ignores it and always uses [`Deep`](PolymorphismMode::Deep) (MS-WSMV 3.1.4.1.27); OMI and
/// openwsman support it.
///
/// Exhaustive: DSP0227 defines no other mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolymorphismMode {
    /// Instances of the class and of its subclasses, with all their properties.
    Deep,
    /// Instances of the class itself only (`MI_OPERATIONFLAGS_POLYMORPHISM_SHALLOW`).
    Shallow,
    /// Instances of the class and of its subclasses, with the properties of the class
    /// (`MI_OPERATIONFLAGS_POLYMORPHISM_DEEP_BASE_PROPS_ONLY`).
    DeepBasePropertiesOnly,
}

/// The content of a row of an enumeration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum EnumerationMode {
    /// An instance.
    #[default]
    Objects,
    /// The path of an instance.
    Paths,
    /// Both.
    ObjectsAndPaths,
}

/// The body of an Enumerate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EnumerateBody {
    /// Whether the response may already hold rows (`w:OptimizeEnumeration`).
    pub(crate) optimize: bool,
    pub(crate) max_elements: Option<u32>,
    pub(crate) mode: EnumerationMode,
    pub(crate) polymorphism: Option<PolymorphismMode>,
    pub(crate) expires: Option<Duration>,
    pub(crate) filter: Option<Filter>,
}

/// The body of a Pull.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PullBody {
    pub(crate) context: String,
    pub(crate) max_elements: Option<u32>,
    /// The limit on the characters of all rows together.
    pub(crate) max_characters: Option<u32>,
    pub(crate) max_time: Option<Duration>,
}

/// The body of a Release.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ReleaseBody {
    pub(crate) context: String,
}

const ENUMERATION: (&str, &str) = ("xmlns:n", uri::ENUMERATION);

impl EnumerateBody {
    /// Writes the body, with its parts in the order of a Windows client.
    pub(crate) fn write(
        &self,
        w: &mut Writer,
        context: FilterContext<'_>,
    ) -> Result<(), ValueError> {
        w.open("n:Enumerate", &[ENUMERATION, ("xmlns:b", uri::CIM_BINDING)])?;
        if let Some(expires) = self.expires {
            w.leaf("n:Expires", &[], &duration_text(expires))?;
        }
        if self.optimize {
            w.empty("w:OptimizeEnumeration", &[])?;
        }
        number(
            w,
            "w:MaxElements",
            self.max_elements.filter(|_| self.optimize),
        )?;
        if let Some(mode) = self.mode.text() {
            w.leaf("w:EnumerationMode", &[], mode)?;
        }
        if let Some(filter) = &self.filter {
            filter.write(w, context)?;
        }
        if let Some(mode) = self.polymorphism {
            w.leaf("b:PolymorphismMode", &[], mode.text())?;
        }
        w.close("n:Enumerate");
        Ok(())
    }
}

impl PullBody {
    /// Writes the body.
    pub(crate) fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("n:Pull", &[ENUMERATION])?;
        w.leaf("n:EnumerationContext", &[], &self.context)?;
        if let Some(time) = self.max_time {
            w.leaf("n:MaxTime", &[], &duration_text(time))?;
        }
        number(w, "n:MaxElements", self.max_elements)?;
        number(w, "n:MaxCharacters", self.max_characters)?;
        w.close("n:Pull");
        Ok(())
    }
}

impl ReleaseBody {
    /// Writes the body.
    pub(crate) fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("n:Release", &[ENUMERATION])?;
        w.leaf("n:EnumerationContext", &[], &self.context)?;
        w.close("n:Release");
        Ok(())
    }
}

impl EnumerationMode {
    /// Returns the mode on the wire; none for objects alone, which is the default of a server.
    fn text(self) -> Option<&'static str> {
        match self {
            EnumerationMode::Objects => None,
            EnumerationMode::Paths => Some("EnumerateEPR"),
            EnumerationMode::ObjectsAndPaths => Some("EnumerateObjectAndEPR"),
        }
    }
}

impl PolymorphismMode {
    fn text(self) -> &'static str {
        match self {
            PolymorphismMode::Deep => "IncludeSubClassProperties",
            PolymorphismMode::Shallow => "None",
            PolymorphismMode::DeepBasePropertiesOnly => "ExcludeSubClassProperties",
        }
    }
}

fn number(w: &mut Writer, name: &str, number: Option<u32>) -> Result<(), ValueError> {
    number.map_or(Ok(()), |n| Ok(w.leaf(name, &[], &n.to_string())?))
}

/// Reads the trimmed text of an element.
pub(super) fn text(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    Ok(trim(&reader.text()?).to_owned())
}
