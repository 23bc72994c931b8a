//! Answers other than faults.

use crate::cim::{Class, Instance, InstancePath, Name, Namespace, Property, Value, ValueError};
use crate::protocol::{
    EncodeContext, FragmentBody, Header, ResourceUriPrefix, write_class, write_envelope,
    write_instance, write_output, write_reference,
};
use crate::simulator::dialect::Dialect;
use crate::simulator::dialect::represent::{represent, represent_outputs, without_namespace};
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::method::MethodReply;
use crate::simulator::model::semantics::Found;
use crate::simulator::provider::fragment::Fragment;
use crate::simulator::provider::request::Operation;
use crate::xml::{Writer, uri};

/// The common parts of all answers to one request.
pub(in crate::simulator) struct Frame<'a> {
    pub(in crate::simulator) dialect: Dialect,
    pub(in crate::simulator) operation: Operation,
    pub(in crate::simulator) header: &'a Header,
    pub(in crate::simulator) prefix: &'a ResourceUriPrefix,
    pub(in crate::simulator) namespace: &'a Namespace,
    pub(in crate::simulator) message_id: String,
}

impl Frame<'_> {
    /// Returns a body without content: the answer to a Delete.
    pub(in crate::simulator) fn empty(self) -> Result<Vec<u8>, ValueError> {
        self.write(None, |_| Ok(()))
    }

    /// Returns the instance: the answer to a Get, and to a Put of a complete instance.
    pub(in crate::simulator) fn instance(self, found: &Found) -> Result<Vec<u8>, ValueError> {
        let context = self.context();
        let instance = self.represented(found);
        self.write(None, |w| write_instance(w, &instance, context))
    }

    /// Returns a class: the answer to a GetClass.
    pub(in crate::simulator) fn class(self, class: &Class) -> Result<Vec<u8>, ValueError> {
        self.write(None, |w| write_class(w, class))
    }

    /// Returns the reference to a created instance; OMI omits the namespace.
    pub(in crate::simulator) fn created(self, path: &InstancePath) -> Result<Vec<u8>, ValueError> {
        let path = match self.dialect {
            Dialect::Omi => without_namespace(path),
            _ => path.clone(),
        };
        let context = self.context();
        self.write(None, |w| {
            w.open("x:ResourceCreated", &[("xmlns:x", uri::TRANSFER)])?;
            write_reference(w, &path, context.prefix, context.namespace)?;
            w.close("x:ResourceCreated");
            Ok(())
        })
    }

    /// Returns one property. openwsman sends an empty fragment for an unknown one.
    pub(in crate::simulator) fn fragment(
        self,
        fragment: &Fragment,
        found: &Found,
    ) -> Result<Vec<u8>, RequestFailure> {
        let context = self.context();
        let whole = represent(self.dialect, found, self.is_typed(), true);
        let value = whole.value(fragment.property.as_str());
        let value = match (self.dialect, value) {
            (Dialect::Openwsman, value) => value.cloned(),
            (_, None) => return Err(ProtocolFailure::FragmentPath.into()),
            (_, Some(value)) => Some(element(value, fragment.index)),
        };
        let expression = self.header.fragment.clone();
        let class = &found.schema.name;
        Ok(self.write(expression, |w| match value {
            Some(value) if !fragment.text => {
                let name = &fragment.property;
                let property = Property::read(name.clone(), value);
                FragmentBody::write(w, class.as_str(), name.as_str(), &property, context)
            }
            value => Ok(w.leaf("w:XmlFragment", &[], &text_of(value.as_ref()))?),
        })?)
    }

    /// Returns a row or other instance in this server's form.
    pub(in crate::simulator) fn represented(&self, found: &Found) -> Instance {
        let precise_arrays = self.context().precise_arrays;
        represent(self.dialect, found, self.is_typed(), precise_arrays)
    }

    /// Returns the length of an answer with an empty body.
    pub(in crate::simulator) fn overhead(&self) -> Result<usize, ValueError> {
        Ok(self.write(None, |_| Ok(()))?.len())
    }

    /// Returns the result of a method, in the server's element: OMI names it after the method, in a
    /// namespace that belongs to no class.
    pub(in crate::simulator) fn output(
        self,
        method: &Name,
        reply: &MethodReply,
    ) -> Result<Vec<u8>, ValueError> {
        let context = self.context();
        let outputs =
            represent_outputs(self.dialect, reply, self.is_typed(), context.precise_arrays);
        let method = method.as_str();
        let output = [method, "_OUTPUT"].concat();
        let class_uri = self.header.resource_uri.clone().unwrap_or_default();
        let of_method = ResourceUriPrefix::Dmtf.class_uri(None, method)?;
        let element = match self.dialect {
            Dialect::Omi => (method, of_method.as_str()),
            _ => (output.as_str(), class_uri.as_str()),
        };
        self.write(None, |w| write_output(w, element, &outputs, context))
    }

    /// Returns the action of the answer; OMI repeats the action of a method request.
    pub(in crate::simulator) fn action(&self) -> String {
        let asked = self.header.action.as_deref().unwrap_or_default();
        match (self.dialect, self.operation) {
            (Dialect::Omi, Operation::Invoke) => asked.to_owned(),
            _ => [asked, "Response"].concat(),
        }
    }

    pub(in crate::simulator) fn write(
        &self,
        fragment: Option<String>,
        body: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
    ) -> Result<Vec<u8>, ValueError> {
        let header = Header {
            action: Some(self.action().into()),
            fragment,
            ..Header::default()
        };
        self.write_as(header, body)
    }

    /// Writes the answer with a header of its own.
    pub(in crate::simulator) fn write_as(
        &self,
        header: Header,
        body: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
    ) -> Result<Vec<u8>, ValueError> {
        // Only for a request with an operation identifier (MS-WSMV 3.1.4.1.39).
        let is_robust = self.dialect == Dialect::Windows && self.header.operation_id.is_some();
        let robust = self.header.sequence_id.filter(|_| is_robust);
        let header = Header {
            message_id: Some(self.message_id.clone()),
            relates_to: self.header.message_id.clone(),
            operation_id: robust.and(self.header.operation_id.clone()),
            sequence_id: robust,
            ..header
        };
        write_envelope(|w| header.write_answer(w), body)
    }

    /// Returns the form of the answer: under the class URI of the request, except in OMI, which
    /// supports only that of the DMTF.
    pub(in crate::simulator) fn context(&self) -> EncodeContext<'_> {
        let precise = |option: &crate::protocol::WsmanOption| {
            option.name() == "msftwinrm:UsePreciseArrays" && option.value() == "true"
        };
        EncodeContext {
            form: self.dialect.wire_form(),
            precise_arrays: self.header.options.iter().any(precise),
            prefix: match self.dialect {
                Dialect::Omi => &ResourceUriPrefix::Dmtf,
                _ => self.prefix,
            },
            namespace: Some(self.namespace),
            class: None,
        }
    }

    /// Whether values have types: Windows sends them with the DMTF's class URI, and not with WMI's.
    fn is_typed(&self) -> bool {
        self.dialect == Dialect::Windows && *self.prefix == ResourceUriPrefix::Dmtf
    }
}

/// Returns an element of an array, or the whole value.
fn element(value: &Value, index: Option<usize>) -> Value {
    match index.and_then(|index| index.checked_sub(1)) {
        Some(index) => value.elements().get(index).cloned().unwrap_or_default(),
        None => value.clone(),
    }
}

/// Returns the text of a value; empty for NULL, and the first element of an array.
fn text_of(value: Option<&Value>) -> String {
    let first = value.and_then(|value| value.elements().first());
    first.and_then(Value::key_text).unwrap_or_default()
}

/// Returns the answer to an Identify. OMI puts its element into the namespace of SOAP; Windows
/// hides its version from a client without a login.
pub(in crate::simulator) fn identify(
    dialect: Dialect,
    logged_in: bool,
) -> Result<Vec<u8>, RequestFailure> {
    let (element, vendor, version) = match dialect {
        Dialect::Windows if logged_in => {
            let version = "OS: 10.0.20348 SP: 0.0 Stack: 3.0";
            ("wsmid:IdentifyResponse", "Microsoft Corporation", version)
        }
        Dialect::Windows => {
            let version = "OS: 0.0.0 SP: 0.0 Stack: 3.0";
            ("wsmid:IdentifyResponse", "Microsoft Corporation", version)
        }
        Dialect::Omi => (
            "s:IdentifyResponse",
            "Open Management Infrastructure",
            "1.9.1-0",
        ),
        Dialect::Openwsman => ("wsmid:IdentifyResponse", "Openwsman Project", "2.8"),
    };
    let mut w = Writer::with_capacity(1024);
    w.open(
        "s:Envelope",
        &[("xmlns:s", uri::SOAP), ("xmlns:wsmid", uri::IDENTIFY)],
    )
    .map_err(ValueError::from)?;
    write_identity(&mut w, dialect, element, vendor, version)?;
    w.close("s:Envelope");
    Ok(w.finish())
}

fn write_identity(
    w: &mut Writer,
    dialect: Dialect,
    element: &str,
    vendor: &str,
    version: &str,
) -> Result<(), ValueError> {
    w.empty("s:Header", &[])?;
    w.open("s:Body", &[])?;
    w.open(element, &[])?;
    w.leaf("wsmid:ProtocolVersion", &[], uri::WSMAN)?;
    w.leaf("wsmid:ProductVendor", &[], vendor)?;
    w.leaf("wsmid:ProductVersion", &[], version)?;
    if dialect != Dialect::Openwsman {
        let profile = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/basic";
        w.open("wsmid:SecurityProfiles", &[])?;
        w.leaf("wsmid:SecurityProfileName", &[], profile)?;
        w.close("wsmid:SecurityProfiles");
    }
    w.close(element);
    w.close("s:Body");
    Ok(())
}
