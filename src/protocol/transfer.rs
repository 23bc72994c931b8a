//! WS-Transfer: the responses to Get, Put, Create and Delete (DSP0226 7).

use super::epr::EndpointReference;
use super::{Body, DecodeError, FragmentBody};
use crate::cim::{Instance, InstancePath};
use crate::xml::{Element, Ns};

/// The result of a Create.
#[derive(Debug)]
pub(crate) struct Created {
    /// Its path, if the server sent it.
    pub(crate) path: Option<InstancePath>,
}

impl Body<'_, '_> {
    /// Reads the instance of a GetResponse.
    pub(crate) fn instance(
        &mut self,
        first: Option<&Element<'_>>,
    ) -> Result<Instance, DecodeError> {
        match first {
            Some(element) if !self.is_protocol(element) => {
                self.instances.instance(self.reader, element)
            }
            Some(element) => Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => Err(DecodeError::Missing("instance")),
        }
    }

    /// Reads the instance of a PutResponse, which may be empty (DSP0226 7.5) or, after a fragment
    /// transfer, hold only the fragment.
    pub(crate) fn put(
        &mut self,
        first: Option<&Element<'_>>,
    ) -> Result<Option<Instance>, DecodeError> {
        match first {
            Some(element) if !self.is_protocol(element) => {
                self.instances.instance(self.reader, element).map(Some)
            }
            Some(element) if self.reader.is(element, Ns::Wsman, "XmlFragment") => Ok(None),
            Some(element) => Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => Ok(None),
        }
    }

    /// Reads the reference of a CreateResponse.
    pub(crate) fn created(&mut self, first: Option<&Element<'_>>) -> Result<Created, DecodeError> {
        match first {
            Some(element) if self.reader.is(element, Ns::Transfer, "ResourceCreated") => {
                let reference = EndpointReference::read(self.reader)?;
                Ok(Created {
                    path: reference
                        .resource_uri
                        .is_some()
                        .then(|| reference.into_path()),
                })
            }
            Some(element) => Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => Ok(Created { path: None }),
        }
    }

    /// Reads the empty body of a DeleteResponse.
    pub(crate) fn nothing(&mut self, first: Option<&Element<'_>>) -> Result<(), DecodeError> {
        match first {
            Some(element) => Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => Ok(()),
        }
    }

    /// Reads the fragment of a GetResponse.
    pub(crate) fn fragment(
        &mut self,
        first: Option<&Element<'_>>,
    ) -> Result<FragmentBody, DecodeError> {
        match first {
            Some(element) if self.reader.is(element, Ns::Wsman, "XmlFragment") => {
                FragmentBody::read(self, element)
            }
            // OMI ignores a FragmentTransfer and returns the whole instance.
            Some(_) => self.instance(first).map(FragmentBody::Whole),
            None => Err(DecodeError::Missing("w:XmlFragment")),
        }
    }

    /// Returns whether an element belongs to the protocol rather than to a class.
    pub(super) fn is_protocol(&self, element: &Element<'_>) -> bool {
        !matches!(self.reader.ns(element), Ns::Other | Ns::None)
    }
}
