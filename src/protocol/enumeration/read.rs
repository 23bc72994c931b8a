//! Reads the bodies for the simulator and for tools.

use super::filter::dialect;
use super::text;
use super::{
    AssociationFilter, EnumerateBody, EnumerationMode, Filter, PolymorphismMode, PullBody,
    ReleaseBody, ResultKind,
};
use crate::cim::InstancePath;
use crate::protocol::epr::EndpointReference;
use crate::protocol::header::parse_duration;
use crate::protocol::{DecodeError, SelectorSet};
use crate::xml::{Element, Ns, Reader};

impl EnumerateBody {
    /// Reads the body; the reader is in it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut body = Self::default();
        while let Some(element) = reader.child()? {
            match (reader.ns(&element), element.local_name()) {
                (Ns::Enumeration, "Expires") => body.expires = parse_duration(&text(reader)?),
                (Ns::Wsman, "OptimizeEnumeration") => {
                    body.optimize = true;
                    reader.skip()?;
                }
                (Ns::Wsman, "MaxElements") => body.max_elements = text(reader)?.parse().ok(),
                (Ns::Wsman, "EnumerationMode") => {
                    body.mode = EnumerationMode::of(&text(reader)?);
                }
                (Ns::Wsman | Ns::Enumeration, "Filter") => {
                    body.filter = Some(Filter::read(reader, &element)?);
                }
                (Ns::CimBinding, "PolymorphismMode") => {
                    body.polymorphism = PolymorphismMode::of(&text(reader)?);
                }
                _ => reader.skip()?,
            }
        }
        Ok(body)
    }
}

impl PullBody {
    /// Reads the body; the reader is in it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut body = Self::default();
        while let Some(element) = reader.child()? {
            match (reader.ns(&element), element.local_name()) {
                (Ns::Enumeration, "EnumerationContext") => body.context = text(reader)?,
                (Ns::Enumeration, "MaxTime") => body.max_time = parse_duration(&text(reader)?),
                (Ns::Enumeration, "MaxElements") => body.max_elements = text(reader)?.parse().ok(),
                (Ns::Enumeration, "MaxCharacters") => {
                    body.max_characters = text(reader)?.parse().ok();
                }
                _ => reader.skip()?,
            }
        }
        Ok(body)
    }
}

impl ReleaseBody {
    /// Reads the body; the reader is in it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let PullBody { context, .. } = PullBody::read(reader)?;
        Ok(Self { context })
    }
}

impl EnumerationMode {
    fn of(text: &str) -> Self {
        match text {
            "EnumerateEPR" => EnumerationMode::Paths,
            "EnumerateObjectAndEPR" => EnumerationMode::ObjectsAndPaths,
            _ => EnumerationMode::Objects,
        }
    }
}

impl PolymorphismMode {
    fn of(text: &str) -> Option<Self> {
        let modes = [
            PolymorphismMode::Deep,
            PolymorphismMode::Shallow,
            PolymorphismMode::DeepBasePropertiesOnly,
        ];
        modes.into_iter().find(|mode| mode.text() == text)
    }
}

impl Filter {
    /// Reads a filter; the reader is in its element.
    pub(in crate::protocol) fn read(
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Self, DecodeError> {
        let dialect = reader.attribute(element, Ns::None, "Dialect");
        match dialect.as_deref().unwrap_or_default() {
            dialect::WQL => Ok(Filter::Wql(text(reader)?)),
            dialect::CQL => Ok(Filter::Cql(text(reader)?)),
            dialect::SELECTOR => {
                let mut selectors = SelectorSet::default();
                while let Some(element) = reader.child()? {
                    if reader.is(&element, Ns::Wsman, "SelectorSet") {
                        selectors = SelectorSet::read(reader)?
                    } else {
                        reader.skip()?
                    }
                }
                Ok(Filter::Selectors(selectors))
            }
            dialect::ASSOCIATION => AssociationFilter::read(reader).map(Filter::Association),
            other => {
                let other = other.to_owned();
                reader.skip()?;
                Ok(Filter::Other(other))
            }
        }
    }
}

impl AssociationFilter {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut filter = None;
        while let Some(element) = reader.child()? {
            match (reader.ns(&element), element.local_name()) {
                (Ns::CimBinding, "AssociatedInstances") => {
                    filter = Some(Self::read_parts(reader, ResultKind::AssociatedInstances)?);
                }
                (Ns::CimBinding, "AssociationInstances") => {
                    filter = Some(Self::read_parts(reader, ResultKind::AssociationInstances)?);
                }
                _ => reader.skip()?,
            }
        }
        filter.ok_or(DecodeError::Missing("b:AssociatedInstances"))
    }

    fn read_parts(reader: &mut Reader<'_>, result: ResultKind) -> Result<Self, DecodeError> {
        let mut filter = Self {
            result,
            object: InstancePath::new(""),
            association_class: None,
            role: None,
            result_class: None,
            result_role: None,
        };
        while let Some(element) = reader.child()? {
            let part = match (reader.ns(&element), element.local_name()) {
                (Ns::CimBinding, "Object") => {
                    filter.object = EndpointReference::read(reader)?.into_path();
                    continue;
                }
                (Ns::CimBinding, "AssociationClassName") => &mut filter.association_class,
                (Ns::CimBinding, "Role") => &mut filter.role,
                (Ns::CimBinding, "ResultClassName") => &mut filter.result_class,
                (Ns::CimBinding, "ResultRole") => &mut filter.result_role,
                _ => {
                    reader.skip()?;
                    continue;
                }
            };
            *part = Some(text(reader)?).filter(|text| !text.is_empty());
        }
        Ok(filter)
    }
}
