//! The namespaces of WS-Management that the codec distinguishes.

/// A namespace by its meaning; several URIs may have the same meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ns {
    /// No namespace, or an undeclared prefix.
    None,
    /// SOAP 1.2
    Soap,
    /// SOAP 1.1, only to name it in an error.
    Soap11,
    /// WS-Addressing (2004/08, and 2005/08 as read)
    Addressing,
    /// WS-Transfer
    Transfer,
    /// WS-Enumeration
    Enumeration,
    /// WS-Eventing
    Eventing,
    /// WS-Management (DSP0226)
    Wsman,
    /// Microsoft's extensions of WS-Management
    MsWsman,
    /// The CIM binding (DSP0227)
    CimBinding,
    /// Common elements of CIM in XML Schema (DSP0230)
    CimCommon,
    /// Microsoft's interactive events (MS-WSMV 2.2.4.47)
    Interactive,
    /// Microsoft's fault detail
    MsFault,
    /// Identify
    Identify,
    /// XML Schema instance: `nil` and `type`
    Xsi,
    /// `xml:lang` and the like
    Xml,
    /// Any other, such as the namespace of a class.
    Other,
}

/// The known URIs. OMI's client binds `xsi` to the URI of XML Schema itself, and OMI's server binds the
/// CIM binding to a URI that ends in `.xml`.
const KNOWN: &[(&str, Ns)] = &[
    (uri::SOAP, Ns::Soap),
    ("http://schemas.xmlsoap.org/soap/envelope/", Ns::Soap11),
    (uri::ADDRESSING, Ns::Addressing),
    ("http://www.w3.org/2005/08/addressing", Ns::Addressing),
    (uri::TRANSFER, Ns::Transfer),
    (uri::ENUMERATION, Ns::Enumeration),
    (uri::EVENTING, Ns::Eventing),
    (uri::WSMAN, Ns::Wsman),
    (uri::MS_WSMAN, Ns::MsWsman),
    (uri::CIM_BINDING, Ns::CimBinding),
    (
        "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xml",
        Ns::CimBinding,
    ),
    (uri::CIM_COMMON, Ns::CimCommon),
    (uri::INTERACTIVE, Ns::Interactive),
    (uri::MS_FAULT, Ns::MsFault),
    (uri::IDENTIFY, Ns::Identify),
    (uri::XSI, Ns::Xsi),
    ("http://www.w3.org/2001/XMLSchema", Ns::Xsi),
    ("http://www.w3.org/XML/1998/namespace", Ns::Xml),
];

impl Ns {
    /// Returns the meaning of a URI.
    pub(crate) fn of(uri: &str) -> Self {
        KNOWN
            .iter()
            .find(|(known, _)| *known == uri)
            .map_or(Ns::Other, |(_, ns)| *ns)
    }
}

/// The URIs used for writing (MS-WSMV 2.2.1).
pub(crate) mod uri {
    pub(crate) const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
    pub(crate) const ADDRESSING: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    pub(crate) const TRANSFER: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer";
    pub(crate) const ENUMERATION: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
    pub(crate) const EVENTING: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing";
    pub(crate) const WSMAN: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
    pub(crate) const MS_WSMAN: &str = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
    pub(crate) const CIM_BINDING: &str = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd";
    pub(crate) const CIM_COMMON: &str = "http://schemas.dmtf.org/wbem/wscim/1/common";
    pub(crate) const INTERACTIVE: &str =
        "http://schemas.microsoft.com/wbem/wsman/1/cim/interactive.xsd";
    pub(crate) const MS_FAULT: &str = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault";
    pub(crate) const IDENTIFY: &str =
        "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";
    pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
}
