//! The names in a fault: its subcode and its detail. One table maps each name to its variant and back.

use std::fmt;

/// Defines an enum of names, with `Other` for a name that is in no specification. The text of a variant
/// comes first; the texts after a bar are misspelled forms that some server sends.
macro_rules! open_names {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $text:literal $(| $alias:literal)*,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// Any other name. Make a value with `from`, so that a known name becomes its variant.
            Other(String),
        }

        impl $name {
            /// Returns the name as the specification spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(name) => name,
                }
            }

            /// All variants but `Other`.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$variant,)*];
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                match name {
                    $($text $(| $alias)* => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

open_names! {
    /// The local name of a fault's subcode (DSP0226 14.6). The prefix is dropped: the local names are
    /// unique, and some servers send a wrong namespace.
    ///
    /// ```
    /// use wsman::protocol::FaultSubcode;
    /// assert_eq!(FaultSubcode::from("AccessDenied"), FaultSubcode::AccessDenied);
    /// assert_eq!(FaultSubcode::from("DiskOnFire").as_str(), "DiskOnFire");
    /// ```
    FaultSubcode {
        /// The user lacks the permission.
        AccessDenied = "AccessDenied",
        /// The resource does not support the action.
        ActionNotSupported = "ActionNotSupported",
        /// The instance already exists.
        AlreadyExists = "AlreadyExists",
        /// The filter is invalid.
        CannotProcessFilter = "CannotProcessFilter",
        /// Another client is changing the resource.
        Concurrency = "Concurrency",
        /// The server does not support the delivery mode of events.
        DeliveryModeRequestedUnavailable = "DeliveryModeRequestedUnavailable",
        /// The receiver refused the delivery of events.
        DeliveryRefused = "DeliveryRefused",
        /// There is no such resource; on most servers no such instance, class or namespace.
        DestinationUnreachable = "DestinationUnreachable",
        /// A message exceeds a limit of the server.
        EncodingLimit = "EncodingLimit",
        /// The resource is not available at present.
        EndpointUnavailable = "EndpointUnavailable" | "EndpointUnavilable",
        /// The receiver of events is not usable.
        EventDeliverToUnusable = "EventDeliverToUnusable",
        /// The source of events cannot process the Subscribe.
        EventSourceUnableToProcess = "EventSourceUnableToProcess",
        /// The server does not support the dialect of the filter.
        FilterDialectRequestedUnavailable = "FilterDialectRequestedUnavailable",
        /// The server does not support filters.
        FilteringNotSupported = "FilteringNotSupported",
        /// The server cannot filter as requested, or requires a filter.
        FilteringRequestedUnavailable = "FilteringRequestedUnavailable",
        /// The server does not support the dialect of the fragment.
        FragmentDialectNotSupported = "FragmentDialectNotSupported",
        /// The server failed.
        InternalError = "InternalError",
        /// The bookmark is invalid or expired.
        InvalidBookmark = "InvalidBookmark",
        /// The enumeration is unknown or expired.
        InvalidEnumerationContext = "InvalidEnumerationContext",
        /// The time of expiry is invalid.
        InvalidExpirationTime = "InvalidExpirationTime",
        /// The message is invalid (WS-Eventing).
        InvalidMessage = "InvalidMessage",
        /// A header of WS-Addressing is invalid.
        InvalidMessageInformationHeader = "InvalidMessageInformationHeader",
        /// An option is invalid.
        InvalidOptions = "InvalidOptions",
        /// A parameter is invalid.
        InvalidParameter = "InvalidParameter",
        /// The body is not a valid representation of the resource.
        InvalidRepresentation = "InvalidRepresentation",
        /// A selector is invalid.
        InvalidSelectors = "InvalidSelectors",
        /// A header of WS-Addressing is missing.
        MessageInformationHeaderRequired = "MessageInformationHeaderRequired",
        /// The receiver did not acknowledge an event.
        NoAck = "NoAck",
        /// The server does not support the polymorphism mode (DSP0227).
        PolymorphismModeNotSupported = "PolymorphismModeNotSupported",
        /// The operation exceeds a quota of the server.
        QuotaLimit = "QuotaLimit",
        /// The body violates the schema of the resource.
        SchemaValidationError = "SchemaValidationError",
        /// The server stopped waiting.
        TimedOut = "TimedOut",
        /// The subscription cannot be renewed.
        UnableToRenew = "UnableToRenew",
        /// The server does not support this form of expiry.
        UnsupportedExpirationType = "UnsupportedExpirationType",
        /// The server does not support a feature that the message uses.
        UnsupportedFeature = "UnsupportedFeature",
    }
}

open_names! {
    /// The last segment of a fault's `w:FaultDetail`, which specifies its subcode (DSP0226 14.6).
    ///
    /// ```
    /// use wsman::protocol::FaultDetail;
    /// assert_eq!(FaultDetail::from("InvalidResourceURI"), FaultDetail::InvalidResourceUri);
    /// ```
    FaultDetail {
        /// The server does not support acknowledgement.
        Ack = "Ack",
        /// The action does not match the message.
        ActionMismatch = "ActionMismatch",
        /// The server does not support the address of the reply.
        AddressingMode = "AddressingMode",
        /// The selectors name more than one instance.
        AmbiguousSelectors = "AmbiguousSelectors",
        /// The server does not support the mode of authorization.
        AuthorizationMode = "AuthorizationMode",
        /// The server does not support bookmarks.
        Bookmarks = "Bookmarks",
        /// The server does not support the character set.
        CharacterSet = "CharacterSet",
        /// The server does not support delivery retries.
        DeliveryRetries = "DeliveryRetries",
        /// A selector occurs twice.
        DuplicateSelectors = "DuplicateSelectors",
        /// The server does not support the encoding.
        EncodingType = "EncodingType",
        /// The server does not support the enumeration mode.
        EnumerationMode = "EnumerationMode",
        /// The server does not support a time of expiry.
        ExpirationTime = "ExpirationTime",
        /// It has expired.
        Expired = "Expired",
        /// The server requires a filter.
        FilteringRequired = "FilteringRequired",
        /// The format does not match.
        FormatMismatch = "FormatMismatch",
        /// The format of the security token is unknown.
        FormatSecurityToken = "FormatSecurityToken",
        /// The resource does not support fragments.
        FragmentLevelAccess = "FragmentLevelAccess",
        /// The server does not support heartbeats.
        Heartbeats = "Heartbeats",
        /// The address is not secure.
        InsecureAddress = "InsecureAddress",
        /// A selector is missing.
        InsufficientSelectors = "InsufficientSelectors",
        /// It is invalid.
        Invalid = "Invalid",
        /// The fragment is invalid.
        InvalidFragment = "InvalidFragment",
        /// A name is invalid.
        InvalidName = "InvalidName",
        /// The XML namespace of the body is invalid.
        InvalidNamespace = "InvalidNamespace",
        /// The resource URI is invalid; on most servers the class is missing.
        InvalidResourceUri = "InvalidResourceURI",
        /// The time limit is invalid.
        InvalidTimeout = "InvalidTimeout",
        /// A value is invalid.
        InvalidValue = "InvalidValue",
        /// Values of the body are invalid.
        InvalidValues = "InvalidValues",
        /// The server does not support the locale.
        Locale = "Locale",
        /// The server does not support the limit of elements.
        MaxElements = "MaxElements",
        /// The server does not support the policy for large envelopes.
        MaxEnvelopePolicy = "MaxEnvelopePolicy",
        /// The server does not support the limit of the envelope.
        MaxEnvelopeSize = "MaxEnvelopeSize",
        /// The answer is larger than the limit that the client set.
        MaxEnvelopeSizeExceeded = "MaxEnvelopeSizeExceeded",
        /// The server does not support the time limit of a Pull.
        MaxTime = "MaxTime",
        /// The limit that the client set is too small for any answer.
        MinimumEnvelopeLimit = "MinimumEnvelopeLimit",
        /// Values of the body are missing.
        MissingValues = "MissingValues",
        /// It is not supported.
        NotSupported = "NotSupported",
        /// The server does not support time limits.
        OperationTimeout = "OperationTimeout",
        /// There are too many options.
        OptionLimit = "OptionLimit",
        /// The class is missing (MS-WSMV 4.10).
        ResourceNotFound = "ResourceNotFound",
        /// There are too many selectors.
        SelectorLimit = "SelectorLimit",
        /// The answer is larger than the server allows.
        ServiceEnvelopeLimit = "ServiceEnvelopeLimit",
        /// A value is of another type.
        TypeMismatch = "TypeMismatch",
        /// The server sends this when it knows no detail.
        Unknown = "Unknown",
        /// A selector is not a key of the resource.
        UnexpectedSelectors = "UnexpectedSelectors",
        /// The operation succeeded, and its result is too large to send.
        UnreportableSuccess = "UnreportableSuccess",
        /// The address is not usable.
        UnusableAddress = "UnusableAddress",
        /// A URI is too long.
        UriLimitExceeded = "URILimitExceeded",
        /// The server rejects white space.
        Whitespace = "Whitespace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_each_name_to_its_variant_and_back() {
        for subcode in FaultSubcode::ALL {
            assert_eq!(FaultSubcode::from(subcode.as_str()), *subcode);
        }
        for detail in FaultDetail::ALL {
            assert_eq!(FaultDetail::from(detail.as_str()), *detail);
        }
    }

    #[test]
    fn keeps_a_name_that_no_specification_has() {
        for name in ["", "accessdenied", "AccessDenied ", "Störung"] {
            assert_eq!(
                FaultSubcode::from(name),
                FaultSubcode::Other(name.to_owned())
            );
            assert_eq!(FaultSubcode::from(name).to_string(), name);
            assert_eq!(FaultDetail::from(name), FaultDetail::Other(name.to_owned()));
        }
    }

    /// OMI omits a letter of this name.
    #[test]
    fn reads_the_misspelled_name_of_omi() {
        let subcode = FaultSubcode::from("EndpointUnavilable");
        assert_eq!(subcode, FaultSubcode::EndpointUnavailable);
        assert_eq!(subcode.as_str(), "EndpointUnavailable");
    }
}
