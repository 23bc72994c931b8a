//! Raw XML that the value of a property cannot express.

use std::sync::Arc;

use crate::cim::{Instance, Name, Property, Value};

impl Instance {
    /// Returns the raw XML of the elements of a property where its value is incomplete: mixed content,
    /// of which the value holds only the text, and attributes that carry data. For an element with
    /// child elements and such attributes, returns the start tag. Its prefixes may be declared by outer
    /// elements.
    ///
    /// Empty for nearly every property, and after the property was set.
    ///
    /// ```
    /// let bytes = br#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>
    ///   <p:Lamp xmlns:p="urn:Lamp"><p:Note>made <p:b>here</p:b></p:Note></p:Lamp></s:Body></s:Envelope>"#;
    /// let lamp = &wsman::protocol::Message::read(bytes)?.instances[0];
    /// assert_eq!(lamp.value("Note").and_then(|value| value.as_str()), Some("made here"));
    /// assert!(lamp.raw_xml("Note").eq(["<p:Note>made <p:b>here</p:b></p:Note>"]));
    /// # Ok::<(), wsman::protocol::DecodeError>(())
    /// ```
    pub fn raw_xml(&self, name: &str) -> impl Iterator<Item = &str> {
        self.raw_elements()
            .filter(move |(known, _)| **known == *name)
            .map(|(_, raw)| raw)
    }

    /// Returns the name and raw XML of every property that has raw XML.
    pub fn raw_elements(&self) -> impl Iterator<Item = (&Name, &str)> {
        let raw = self.raw.iter().flat_map(|raw| &raw.properties);
        raw.map(|(name, raw)| (name, raw.as_str()))
    }

    /// Returns the raw XML of the instance itself where its properties are incomplete. That is the
    /// whole element if text stands between the properties, or its start tag if it has attributes that
    /// carry data.
    pub fn own_raw_xml(&self) -> Option<&str> {
        self.raw.as_deref().and_then(|raw| raw.own.as_deref())
    }

    /// Returns the element of the instance as received, if the request or the session asked for it
    /// ([`Request::keep_xml`](crate::Request::keep_xml)), or if it is an event of an event log. Its
    /// prefixes may be declared by outer elements. Setting properties later does not change it.
    pub fn xml(&self) -> Option<&str> {
        self.raw.as_deref().and_then(|raw| raw.element.as_deref())
    }

    /// Keeps the element as it was received.
    pub(crate) fn keep_xml(&mut self, xml: &str) {
        self.raw.get_or_insert_default().element = Some(Arc::from(xml));
    }

    /// Returns the instance without the unmodified properties that cannot be sent back as the server
    /// sent them.
    pub(crate) fn without_altered(mut self) -> Self {
        let is_lost = |property: &Property| !property.is_modified() && !can_be_sent_back(property);
        if self.properties().iter().any(is_lost) {
            self.properties_mut().retain(|property| !is_lost(property));
        }
        self
    }

    pub(crate) fn has_raw_xml(&self) -> bool {
        let raw = self.raw.as_deref();
        raw.is_some_and(|raw| raw.own.is_some() || !raw.properties.is_empty())
    }

    /// Keeps the raw XML of elements of properties.
    pub(crate) fn keep_raw_elements(&mut self, elements: Vec<(Name, String)>) {
        if !elements.is_empty() {
            self.raw.get_or_insert_default().properties = elements;
        }
    }

    /// Keeps the raw XML of the instance itself.
    pub(crate) fn keep_own_raw_xml(&mut self, raw: String) {
        self.raw.get_or_insert_default().own = Some(raw);
    }

    /// Drops the raw XML of a property that was set.
    pub(super) fn forget_raw_xml(&mut self, name: &Name) {
        if let Some(raw) = &mut self.raw {
            raw.properties.retain(|(known, _)| known != name);
        }
    }
}

/// Returns whether a property, and all that its value holds, is what the server sent.
fn can_be_sent_back(property: &Property) -> bool {
    !property.is_altered() && is_whole(property.value())
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Lossy(_) => false,
        Value::Instance(instance) => instance.properties().iter().all(can_be_sent_back),
        Value::Array(array) => array.as_slice().iter().all(is_whole),
        Value::Reference(path) => path.keys().named().iter().all(|key| is_whole(&key.value)),
        _ => true,
    }
}

impl Property {
    /// Returns whether the value is only a part of what the server sent, such as the text of mixed
    /// content. Such a value cannot be sent back unchanged: writing the whole instance fails until the
    /// property is set or removed.
    pub fn is_altered(&self) -> bool {
        self.altered
    }

    pub(crate) fn set_altered(&mut self) {
        self.altered = true;
    }
}
