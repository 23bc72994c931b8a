//! Reads the body of any message.

use super::MessageKind;
use crate::cim::{Class, Instance, InstancePath, Name};
use crate::protocol::class::read_class;
use crate::protocol::enumeration::text;
use crate::protocol::epr::EndpointReference;
use crate::protocol::fragment::Picked;
use crate::protocol::item::Item;
use crate::protocol::{Body, DecodeError, Fault, Header, Identity, read_identify};
use crate::xml::{Element, Ns};

/// The content of a body.
#[derive(Default)]
pub(super) struct Content {
    pub(super) instances: Vec<Instance>,
    pub(super) instance_offsets: Vec<usize>,
    pub(super) texts: Vec<(Name, String)>,
    pub(super) paths: Vec<InstancePath>,
    pub(super) path_offsets: Vec<usize>,
    pub(super) classes: Vec<Class>,
    pub(super) enumeration_context: Option<String>,
    pub(super) end_of_sequence: bool,
    pub(super) fault: Option<Box<Fault>>,
    pub(super) identity: Option<Identity>,
    is_identify: bool,
}

impl Content {
    pub(super) fn kind(&self, header: &Header) -> MessageKind {
        let is_answer = header.relates_to.is_some()
            || header
                .action
                .as_deref()
                .is_some_and(|action| action.ends_with("Response"));
        match () {
            () if self.fault.is_some() => MessageKind::Fault,
            () if self.is_identify => MessageKind::Identify,
            () if is_answer => MessageKind::Response,
            () if header.action.is_some() => MessageKind::Request,
            () => MessageKind::Unknown,
        }
    }

    /// Reads the children of a body; SOAP allows any number.
    pub(super) fn read(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(element) = body.reader.child()? {
            self.read_child(body, &element)?;
        }
        Ok(())
    }

    fn read_child(
        &mut self,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        match (body.reader.ns(element), element.local_name()) {
            (Ns::Soap, "Fault") => {
                let fault = Fault::read(body)?;
                self.fault.get_or_insert_with(|| Box::new(fault));
            }
            (_, "IdentifyResponse") => {
                self.is_identify = true;
                self.identity = Some(read_identify(body, Some(element))?);
            }
            (Ns::Identify, "Identify") => {
                self.is_identify = true;
                body.reader.skip()?;
            }
            (Ns::Transfer, "ResourceCreated") => self.read_path(body)?,
            (Ns::Enumeration, "EnumerateResponse" | "PullResponse") => self.read_page(body)?,
            _ => self.read_item(body, element)?,
        }
        Ok(())
    }

    /// Reads a response with rows or events. openwsman puts an event directly into it. The elements
    /// around the rows match in any namespace, as in a session.
    fn read_page(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(child) = body.reader.child()? {
            match child.local_name() {
                "EnumerationContext" => {
                    let context = text(body.reader)?;
                    self.enumeration_context = Some(context).filter(|text| !text.is_empty());
                }
                "EndOfSequence" => {
                    self.end_of_sequence = true;
                    body.reader.skip()?;
                }
                "Items" => self.read_items(body)?,
                _ => self.read_item(body, &child)?,
            }
        }
        Ok(())
    }

    /// Reads an instance, a class or a path, or an element that holds some.
    fn read_item(
        &mut self,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        match (body.reader.ns(element), element.local_name()) {
            (Ns::Enumeration | Ns::Wsman, "Items") | (Ns::Wsman, "Events" | "Event") => {
                self.read_items(body)?;
            }
            (Ns::Wsman, "Item") => self.read_pair(body)?,
            (Ns::Addressing, "EndpointReference") => self.read_path(body)?,
            (Ns::Wsman, "XmlFragment") => {
                let offset = body.reader.element_offset();
                match body.picked(None)? {
                    Picked::Nothing => {}
                    Picked::Properties(picked) => self.push(picked, offset),
                    Picked::Text(text) => self.texts.push((Name::new("XmlFragment"), text)),
                }
            }
            (Ns::None, "CLASS") => self.classes.push(read_class(body.reader, element)?),
            (Ns::Other | Ns::None, name) => {
                let offset = body.reader.element_offset();
                match body.instances.item(body.reader, element)? {
                    Item::Instance(instance) => self.push(instance, offset),
                    Item::Text(text) => self.texts.push((Name::new(name), text)),
                }
            }
            _ => body.reader.skip()?,
        }
        Ok(())
    }

    fn read_items(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        loop {
            body.reader.begin_row();
            let Some(child) = body.reader.child()? else {
                return Ok(());
            };
            self.read_item(body, &child)?;
        }
    }

    /// Reads an instance and its path, side by side (DSP0226 8.7).
    fn read_pair(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        let (instances, paths) = (self.instances.len(), self.paths.len());
        while let Some(child) = body.reader.child()? {
            self.read_item(body, &child)?;
        }
        let own = self.instances.get_mut(instances..).unwrap_or_default();
        if let ([instance], Some([path])) = (own, self.paths.get(paths..)) {
            instance.set_path(path.clone());
        }
        Ok(())
    }

    fn read_path(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        self.path_offsets.push(body.reader.element_offset());
        let reference = EndpointReference::read(body.reader)?;
        self.paths.push(reference.into_path());
        Ok(())
    }

    fn push(&mut self, instance: Instance, offset: usize) {
        self.instances.push(instance);
        self.instance_offsets.push(offset);
    }
}
