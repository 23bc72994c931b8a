//! A parsed request.

use crate::cim::{Instance, Name, Namespace, Value};
use crate::protocol::read_envelope;
use crate::protocol::{
    Body, ClassUri, DecodeError, EnumerateBody, FragmentBody, Header, InteractiveResponse,
    PullBody, ReleaseBody, RenewBody, ResourceUriPrefix, SubscribeBody, WireForm, action,
};
use crate::xml::{Element, Limits, Ns, Reader, decode};

/// A request: its header and its body.
pub(in crate::simulator) struct Request {
    pub(in crate::simulator) header: Header,
    pub(in crate::simulator) body: RequestBody,
}

/// The body of a request.
#[derive(Debug)]
pub(in crate::simulator) enum RequestBody {
    Empty,
    Identify,
    /// An instance, and the namespace of its element.
    Instance(Instance, Option<String>),
    /// The value of one property.
    Fragment(Value),
    /// A class in CIM-XML.
    Class,
    Enumerate(EnumerateBody),
    Pull(PullBody),
    Release(ReleaseBody),
    /// The client's answer to a prompt.
    Response(InteractiveResponse),
    Subscribe(SubscribeBody),
    Renew(RenewBody),
    /// Anything else.
    Other,
}

/// The operation of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Operation {
    Get,
    Put,
    Create,
    Delete,
    Enumerate,
    Pull,
    Release,
    Subscribe,
    Renew,
    Unsubscribe,
    Invoke,
}

/// The class of a resource URI.
#[derive(Debug)]
pub(in crate::simulator) struct Resource {
    pub(in crate::simulator) class: Name,
    pub(in crate::simulator) prefix: ResourceUriPrefix,
    /// The namespace of a WMI URI.
    pub(in crate::simulator) namespace: Option<Namespace>,
}

impl Request {
    pub(in crate::simulator) fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::read_in(bytes, WireForm::default())
    }

    /// Parses a request for a server with this form of values.
    pub(in crate::simulator) fn read_in(bytes: &[u8], form: WireForm) -> Result<Self, DecodeError> {
        let (header, body) = read_envelope(bytes, Limits::default(), |body, first, header| {
            body.instances.read_char16_as(form.char16_text());
            read_body(body, first, header)
        })?;
        Ok(Self {
            header,
            body: body.unwrap_or(RequestBody::Other),
        })
    }
}

fn read_body(
    body: &mut Body<'_, '_>,
    first: Option<&Element<'_>>,
    _: &Header,
) -> Result<RequestBody, DecodeError> {
    let Some(element) = first else {
        return Ok(RequestBody::Empty);
    };
    match (body.reader.ns(element), element.local_name()) {
        (Ns::Identify, "Identify") => {
            body.reader.skip()?;
            Ok(RequestBody::Identify)
        }
        (Ns::Wsman, "XmlFragment") => match body.fragment(first)? {
            FragmentBody::Value(value) => Ok(RequestBody::Fragment(value)),
            FragmentBody::Whole(_) => Ok(RequestBody::Other),
        },
        (Ns::Enumeration, "Enumerate") => {
            EnumerateBody::read(body.reader).map(RequestBody::Enumerate)
        }
        (Ns::Enumeration, "Pull") => PullBody::read(body.reader).map(RequestBody::Pull),
        (Ns::Enumeration, "Release") => ReleaseBody::read(body.reader).map(RequestBody::Release),
        (Ns::Interactive, "InteractiveResponse") => {
            InteractiveResponse::read(body).map(RequestBody::Response)
        }
        (Ns::Eventing, "Subscribe") => SubscribeBody::read(body.reader).map(RequestBody::Subscribe),
        (Ns::Eventing, "Renew") => RenewBody::read(body.reader).map(RequestBody::Renew),
        (Ns::None, "CLASS") => {
            body.reader.skip()?;
            Ok(RequestBody::Class)
        }
        (Ns::Other | Ns::None, _) => {
            let uri = body.reader.ns_uri(element).map(str::to_owned);
            body.instance(first)
                .map(|instance| RequestBody::Instance(instance, uri))
        }
        _ => {
            body.reader.skip()?;
            Ok(RequestBody::Other)
        }
    }
}

impl Request {
    /// Returns the operation of its action.
    pub(in crate::simulator) fn operation(&self) -> Option<Operation> {
        Some(match self.header.action.as_deref()? {
            action::GET => Operation::Get,
            action::PUT => Operation::Put,
            action::CREATE => Operation::Create,
            action::DELETE => Operation::Delete,
            action::ENUMERATE => Operation::Enumerate,
            action::PULL => Operation::Pull,
            action::RELEASE => Operation::Release,
            action::SUBSCRIBE => Operation::Subscribe,
            action::RENEW => Operation::Renew,
            action::UNSUBSCRIBE => Operation::Unsubscribe,
            _ => return self.method().map(|_| Operation::Invoke),
        })
    }

    /// Returns the method of its action: the segment after the class URI.
    pub(in crate::simulator) fn method(&self) -> Option<&str> {
        let class_uri = self.header.resource_uri.as_deref()?;
        let rest = self.header.action.as_deref()?.strip_prefix(class_uri)?;
        let method = rest.strip_prefix('/')?;
        (!method.is_empty() && !method.contains('/')).then_some(method)
    }
}

impl Operation {
    pub(in crate::simulator) fn writes(self) -> bool {
        use Operation::{Create, Delete, Invoke, Put};
        matches!(self, Put | Create | Delete | Invoke)
    }
}

/// The prefix of the `*` in the URI of all classes (DSP0227 7.4).
const ALL_CLASSES: &str = "http://schemas.dmtf.org/wbem/wscim/1/";

impl Resource {
    /// Whether the resource URI is that of all classes in CIM-XML.
    pub(in crate::simulator) fn is_all_classes(&self) -> bool {
        self.prefix.is_cim_xml() && self.class == "*"
    }

    pub(in crate::simulator) fn parse(uri: &str) -> Self {
        let uri = ClassUri::parse(uri);
        let prefix = match uri.vendor {
            Some(vendor) if vendor == ALL_CLASSES => ResourceUriPrefix::Dmtf,
            Some(vendor) => ResourceUriPrefix::Vendor(vendor.into()),
            None if uri.namespace.is_some() => ResourceUriPrefix::Wmi,
            None => ResourceUriPrefix::Dmtf,
        };
        Self {
            class: uri.class,
            prefix,
            namespace: uri.namespace,
        }
    }
}

/// Whether a date has its own element, `cim:Datetime` or `cim:Interval`, which OMI takes for an
/// unknown property.
pub(in crate::simulator) fn has_date_elements(bytes: &[u8]) -> bool {
    let date = |reader: &mut Reader<'_>, element: &Element<'_>| {
        let name = element.local_name();
        let is_date = matches!(name, "Datetime" | "Date" | "Time" | "Interval");
        (is_date && reader.ns(element) == Ns::CimCommon).then_some(())
    };
    first(bytes, date).is_some()
}

/// Returns the number of parts of an Enumerate's association filter, including empty ones.
pub(in crate::simulator) fn association_parts(bytes: &[u8]) -> usize {
    let parts = |reader: &mut Reader<'_>, element: &Element<'_>| {
        let name = element.local_name();
        let is_filter = matches!(name, "AssociatedInstances" | "AssociationInstances");
        if !is_filter || reader.ns(element) != Ns::CimBinding {
            return None;
        }
        let mut parts = 0;
        while reader.child().ok()?.is_some() {
            reader.skip().ok()?;
            parts += 1;
        }
        Some(parts)
    };
    first(bytes, parts).unwrap_or(0)
}

/// Returns the first result of `visit` over the elements of a message.
fn first<T>(
    bytes: &[u8],
    mut visit: impl FnMut(&mut Reader<'_>, &Element<'_>) -> Option<T>,
) -> Option<T> {
    let document = decode(bytes, None).ok()?;
    let mut reader = Reader::of(&document, Limits::default()).ok()?;
    let mut depth = 0_usize;
    loop {
        match reader.child().ok()? {
            Some(element) => {
                if let Some(found) = visit(&mut reader, &element) {
                    return Some(found);
                }
                depth += 1;
            }
            None if depth > 1 => depth -= 1,
            None => return None,
        }
    }
}
