//! Resource URIs and actions.

use std::str::FromStr;
use std::sync::Arc;

use crate::cim::{InstancePath, Name, Namespace, ValueError};

/// The class URI prefix of the DMTF, which Windows 2012 and later, OMI and openwsman accept for every
/// class (MS-WSMV 3.1.4.1.1).
pub(crate) const DMTF: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";

/// The class URI prefix of WMI; the namespace follows it.
pub(crate) const WMI: &str = "http://schemas.microsoft.com/wbem/wsman/1/wmi/";

/// All classes, whatever the prefix of their own URIs (DSP0227 6.2).
const ALL_CLASSES: &str = "http://schemas.dmtf.org/wbem/wscim/1/*";

/// The resource URI of all classes in CIM-XML: a selector names the class (MS-WSMV 3.1.4.1.38).
pub(crate) const CIM_XML: &str = "http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*";

/// `wsa:Address` of a response on the same connection.
pub(crate) const ANONYMOUS: &str =
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";

/// The roles of a header for the receiver of the message (SOAP 1.2, 2.2).
pub(crate) const ROLE_NEXT: &str = "http://www.w3.org/2003/05/soap-envelope/role/next";
pub(crate) const ROLE_ULTIMATE_RECEIVER: &str =
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver";

/// The dialect of fragment transfer: XPath 1.0. Servers support the subset "XPath level 1" (DSP0226
/// 7.7; MS-WSMV 3.1.4.1.18).
pub(crate) const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";

/// `wsa:Action` URIs.
pub(crate) mod action {
    pub(crate) const GET: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get";
    pub(crate) const PUT: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put";
    pub(crate) const CREATE: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create";
    pub(crate) const DELETE: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete";
    pub(crate) const ENUMERATE: &str =
        "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate";
    pub(crate) const PULL: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull";
    pub(crate) const RELEASE: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release";
    pub(crate) const SUBSCRIBE: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing/Subscribe";
    pub(crate) const RENEW: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing/Renew";
    pub(crate) const UNSUBSCRIBE: &str =
        "http://schemas.xmlsoap.org/ws/2004/08/eventing/Unsubscribe";
}

/// The part before the class in a resource URI.
///
/// ```
/// use wsman::protocol::ResourceUriPrefix;
/// let vendor: ResourceUriPrefix = "http://intel.com/wbem/wscim/1/amt-schema/1/".parse()?;
/// assert_ne!(vendor, ResourceUriPrefix::Dmtf);
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResourceUriPrefix {
    /// `http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/`, which a Windows MI client sends for every
    /// class, including `Win32_*`.
    #[default]
    Dmtf,
    /// `http://schemas.microsoft.com/wbem/wsman/1/wmi/<namespace>/`, which older Windows requires for
    /// classes outside the DMTF schema. Requires a namespace.
    Wmi,
    /// The prefix of a vendor, ending in a slash.
    Vendor(Arc<str>),
}

impl ResourceUriPrefix {
    /// Returns the prefix of classes in CIM-XML.
    pub(crate) fn cim_xml() -> Self {
        ResourceUriPrefix::Vendor(Arc::from(CIM_XML.trim_end_matches('*')))
    }

    /// Returns the prefix that a path names itself.
    pub(crate) fn of_path(path: &InstancePath) -> Result<Option<Self>, ValueError> {
        path.schema_uri().map(str::parse).transpose()
    }

    /// Returns whether it is the prefix of classes in CIM-XML rather than of instances.
    pub(crate) fn is_cim_xml(&self) -> bool {
        matches!(self, ResourceUriPrefix::Vendor(uri) if CIM_XML.strip_suffix('*') == Some(uri))
    }

    /// Returns the URI of a class.
    pub(crate) fn class_uri(
        &self,
        namespace: Option<&Namespace>,
        class: &str,
    ) -> Result<String, ValueError> {
        check_segment(class, "the name of a class")?;
        match (self, namespace) {
            (ResourceUriPrefix::Dmtf, _) => Ok([DMTF, class].concat()),
            (ResourceUriPrefix::Vendor(prefix), _) => Ok([prefix, class].concat()),
            (ResourceUriPrefix::Wmi, Some(namespace)) => {
                Ok([WMI, namespace.as_str(), "/", class].concat())
            }
            (ResourceUriPrefix::Wmi, None) => Err(no_namespace()),
        }
    }

    /// Returns the URI for all classes, to which queries and association filters are sent (DSP0227 8.1;
    /// MS-WSMV 3.1.4.1.13).
    pub(crate) fn all_classes_uri(
        &self,
        namespace: Option<&Namespace>,
    ) -> Result<String, ValueError> {
        match (self, namespace) {
            (ResourceUriPrefix::Wmi, Some(namespace)) => {
                Ok([WMI, namespace.as_str(), "/*"].concat())
            }
            (ResourceUriPrefix::Wmi, None) => Err(no_namespace()),
            (classes, _) if classes.is_cim_xml() => Ok(CIM_XML.to_owned()),
            (ResourceUriPrefix::Dmtf | ResourceUriPrefix::Vendor(_), _) => {
                Ok(ALL_CLASSES.to_owned())
            }
        }
    }

    /// Returns the action that invokes a method of a class: the class URI and the method (DSP0230 10.3;
    /// MS-WSMV 3.1.4.1.32).
    pub(crate) fn method_uri(
        &self,
        namespace: Option<&Namespace>,
        class: &str,
        method: &str,
    ) -> Result<String, ValueError> {
        check_segment(method, "the name of a method")?;
        Ok([&self.class_uri(namespace, class)?, "/", method].concat())
    }
}

fn no_namespace() -> ValueError {
    ValueError::missing("a namespace, which a WMI resource URI needs")
}

impl FromStr for ResourceUriPrefix {
    type Err = ValueError;

    /// Parses `dmtf`, `wmi` or a URI; adds a missing trailing slash to a URI.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "dmtf" | DMTF => return Ok(ResourceUriPrefix::Dmtf),
            "wmi" | WMI => return Ok(ResourceUriPrefix::Wmi),
            _ => {}
        }
        let uri =
            text.contains(':') && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        if !uri {
            return Err(ValueError::new(
                text,
                "a resource URI prefix: dmtf, wmi or a URI",
            ));
        }
        let slash = if text.ends_with('/') { "" } else { "/" };
        Ok(ResourceUriPrefix::Vendor(Arc::from([text, slash].concat())))
    }
}

/// Validates the name of a class or a method, which becomes a segment of a URI and the name of an
/// element.
fn check_segment(name: &str, wanted: &str) -> Result<(), ValueError> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || "/\\?#<>\"'&*:.=".contains(c);
    // Nearly every name; each Put validates two.
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if name.is_empty() || (!is_word && name.contains(bad)) {
        return Err(ValueError::new(name, wanted));
    }
    Ok(())
}

/// Returns the part before the class in a class URI.
pub(crate) fn schema_of(uri: &str) -> &str {
    let uri = uri.split(['?', '#']).next().unwrap_or(uri);
    let slash = uri.rfind('/').map(|slash| slash + 1);
    uri.get(..slash.unwrap_or_default()).unwrap_or_default()
}

/// A class URI as read.
#[derive(Debug, PartialEq)]
pub(crate) struct ClassUri {
    pub(crate) class: Name,
    /// The namespace of a WMI URI.
    pub(crate) namespace: Option<Namespace>,
    /// The prefix before the class, if it is a vendor's.
    pub(crate) vendor: Option<String>,
}

impl ClassUri {
    /// Splits a class URI; a query or fragment at its end does not belong to the class.
    pub(crate) fn parse(uri: &str) -> Self {
        let uri = uri.split(['?', '#']).next().unwrap_or(uri);
        let (prefix, class) = match uri.rfind('/') {
            Some(slash) => uri.split_at(slash + 1),
            None => ("", uri),
        };
        let namespace = prefix
            .strip_prefix(WMI)
            .and_then(|namespace| namespace.parse().ok());
        let vendor = (prefix != DMTF && namespace.is_none() && !prefix.is_empty())
            .then(|| prefix.to_owned());
        Self {
            class: Name::new(class),
            namespace,
            vendor,
        }
    }
}
