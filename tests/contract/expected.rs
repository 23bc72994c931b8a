//! What the checks expect of each server. One table holds all differences between servers, so that
//! checks do not depend on the server.

use wsman::cim::{WbemStatus as W, WireForm};
use wsman::{Delivery, Error};

/// The text that the checks set in strings.
pub(crate) const TEXT: &str = "for the test";

/// A fault in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// An update, get or delete of a missing instance.
    NoInstance,
    /// A create of an existing instance.
    Exists,
    /// An update or get in a missing class.
    ClassOfUpdate,
    ClassOfCreate,
    ClassOfCreateOrUpdate,
    Namespace,
    /// An update whose selector has another name than the key.
    KeyName,
    /// A create-or-update with a misnamed key in a class whose key the server generates.
    MisnamedKey,
    /// A non-numeric selector, in a class with a numeric key.
    KeyValue,
    /// One of two keys.
    KeyLeftOut,
    /// A text for a `uint32`.
    Type,
    UnknownProperty,
    /// NULL for a property that must have a value.
    Null,
    NullOfCreate,
    /// A value that the provider is known to reject like NULL.
    Refused,
    AbstractClassOfCreate,
    AbstractClassOfPut,
    /// One property by itself.
    Fragment,
    /// An existing class.
    GetClass,
    ClassOfGetClass,
    EnumerateClasses,
    /// A method that the class does not have.
    Method,
    ClassOfMethod,
    UnknownArgument,
    ArgumentType,
    ClassOfEnumerate,
    /// A query in an unknown language.
    Query,
    ClassOfQuery,
    /// A query with a text that has both quotes in it.
    BothQuotes,
    /// A query with `NOT`.
    Negation,
    /// A query for NULL values.
    IsNull,
    /// A query for the instances of a class and of its subclasses.
    IsA,
    /// The associations of a missing instance.
    NoObject,
    /// A query for events of a missing class.
    ClassOfEvents,
}

/// The server's response to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    /// The server performs it anyway.
    Takes,
    /// The error, and the HRESULT it stands for.
    Refuses(&'static str, W),
    /// The error, which may have another meaning as well.
    Perhaps(&'static str),
    /// The form cannot express it, which is an error before anything is sent.
    NoWords,
    /// One of these: it depends on the provider, or on the layer between server and provider.
    OneOf(&'static [Says]),
}

impl Says {
    pub(crate) fn is_said_by<T>(self, result: &Result<T, Error>) -> bool {
        match (self, result) {
            (OneOf(each), _) => each.iter().any(|says| says.is_said_by(result)),
            (Takes, Ok(_)) => true,
            (Refuses(name, wbem), Err(error)) => {
                (error.name(), error.wbem()) == (name, wbem)
                    && !error.is_ambiguous()
                    && error.delivery() == Delivery::Answered
            }
            (NoWords, Err(error)) => {
                (error.name(), error.delivery()) == ("Value", Delivery::NotSent)
            }
            (Perhaps(name), Err(error)) => error.name() == name && error.is_ambiguous(),
            _ => false,
        }
    }
}

use Says::{NoWords, OneOf, Perhaps, Refuses, Takes};

const NOT_FOUND: Says = Refuses("NotFound", W::NOT_FOUND);
const EXISTS: Says = Refuses("AlreadyExists", W::ALREADY_EXISTS);
const NO_CLASS: Says = Refuses("InvalidClass", W::INVALID_CLASS);
const NO_NAMESPACE: Says = Refuses("InvalidNamespace", W::INVALID_NAMESPACE);
const BAD_PARAMETER: Says = Refuses("InvalidParameter", W::INVALID_PARAMETER);
const BAD_PROPERTY: Says = Refuses("InvalidParameter", W::INVALID_PROPERTY);
const ILLEGAL_NULL: Says = Refuses("IllegalNull", W::ILLEGAL_NULL);
const BAD_TYPE: Says = Refuses("TypeMismatch", W::TYPE_MISMATCH);
const NOT_SUPPORTED: Says = Refuses("NotSupported", W::NOT_SUPPORTED);
const NO_METHOD: Says = Refuses("NotSupported", W::INVALID_METHOD);
const BAD_ARGUMENT: Says = Refuses("InvalidParameter", W::INVALID_METHOD_PARAMETERS);
const BAD_QUERY: Says = Refuses("InvalidParameter", W::INVALID_QUERY);
const FAILED: Says = Refuses("Fault", W::FAILED);
const ELSEWHERE: Says = Refuses("CreatedElsewhere", W::FAILED);
const UNCLEAR: Says = Perhaps("NotFound");
const PERHAPS_CLASS: Says = Perhaps("InvalidClass");
/// openwsman distinguishes a missing class only where it uses CIM-XML with its broker.
const CLASS_OR_UNCLEAR: Says = OneOf(&[UNCLEAR, NO_CLASS, PERHAPS_CLASS]);
/// openwsman gives a Create the same error as while its broker is down, unless it uses CIM-XML.
const CLASS_OR_BROKER: Says = OneOf(&[NO_CLASS, PERHAPS_CLASS]);
/// openwsman knows that a method is unknown only if a method provider reports it.
const NO_METHOD_OR_PROVIDER: Says = OneOf(&[NOT_SUPPORTED, FAILED]);
/// OMI enumerates no classes, and cannot parse the empty name of the root.
const NO_CLASSES: Says = OneOf(&[NO_CLASS, FAILED]);
/// A provider that checks for NULL itself uses its own error.
const REFUSED: Says = OneOf(&[ILLEGAL_NULL, BAD_PARAMETER, BAD_TYPE, FAILED]);

/// Each fault, and the response of Windows, OMI and openwsman. openwsman may give one error for a
/// missing instance, class, namespace and key name, and one error for a Create and for a CIM server
/// that is down. Windows distinguishes only a missing instance.
#[rustfmt::skip]
const ANSWERS: &[(Wrong, Says, Says, Says)] = &[
    (Wrong::NoInstance,            NOT_FOUND,     NOT_FOUND,     UNCLEAR),
    (Wrong::Exists,                EXISTS,        EXISTS,        EXISTS),
    (Wrong::ClassOfUpdate,         UNCLEAR,       NO_CLASS,      CLASS_OR_UNCLEAR),
    (Wrong::ClassOfCreate,         UNCLEAR,       NO_CLASS,      CLASS_OR_BROKER),
    (Wrong::ClassOfCreateOrUpdate, UNCLEAR,       NO_CLASS,      CLASS_OR_BROKER),
    (Wrong::Namespace,             NO_NAMESPACE,  NO_NAMESPACE,  CLASS_OR_UNCLEAR),
    (Wrong::KeyName,               BAD_PARAMETER, BAD_PROPERTY,  UNCLEAR),
    (Wrong::MisnamedKey,           BAD_PARAMETER, BAD_PROPERTY,  ELSEWHERE),
    (Wrong::KeyValue,              BAD_PARAMETER, FAILED,        ELSEWHERE),
    (Wrong::KeyLeftOut,            BAD_PARAMETER, BAD_PROPERTY,  BAD_PARAMETER),
    (Wrong::Type,                  BAD_TYPE,      FAILED,        Takes),
    (Wrong::UnknownProperty,       BAD_PROPERTY,  BAD_PROPERTY,  Takes),
    (Wrong::Null,                  ILLEGAL_NULL,  Takes,         ILLEGAL_NULL),
    (Wrong::NullOfCreate,          ILLEGAL_NULL,  BAD_PARAMETER, ILLEGAL_NULL),
    (Wrong::Refused,               REFUSED,       REFUSED,       REFUSED),
    (Wrong::AbstractClassOfCreate, NO_CLASS,      NO_CLASS,      PERHAPS_CLASS),
    (Wrong::AbstractClassOfPut,    NO_CLASS,      NO_CLASS,      UNCLEAR),
    (Wrong::Fragment,              Takes,         NOT_SUPPORTED, Takes),
    (Wrong::GetClass,              Takes,         Takes,         NO_CLASS),
    (Wrong::ClassOfGetClass,       PERHAPS_CLASS, NO_CLASS,      NO_CLASS),
    (Wrong::EnumerateClasses,      Takes,         NO_CLASSES,    NO_CLASS),
    (Wrong::Method,                NO_METHOD,     FAILED,        NO_METHOD_OR_PROVIDER),
    (Wrong::ClassOfMethod,         UNCLEAR,       NO_CLASS,      NO_CLASS),
    (Wrong::UnknownArgument,       BAD_ARGUMENT,  BAD_PROPERTY,  BAD_PARAMETER),
    (Wrong::ArgumentType,          BAD_TYPE,      FAILED,        BAD_PARAMETER),
    (Wrong::ClassOfEnumerate,      PERHAPS_CLASS, NO_CLASS,      NO_CLASS),
    (Wrong::Query,                 BAD_QUERY,     BAD_QUERY,     BAD_QUERY),
    (Wrong::ClassOfQuery,          BAD_QUERY,     NO_CLASS,      NO_CLASS),
    (Wrong::BothQuotes,            Takes,         Takes,         NoWords),
    (Wrong::Negation,              Takes,         Takes,         NoWords),
    (Wrong::IsNull,                Takes,         Takes,         NoWords),
    (Wrong::IsA,                   Takes,         NoWords,       NoWords),
    (Wrong::NoObject,              NOT_FOUND,     Takes,         Takes),
    (Wrong::ClassOfEvents,         BAD_QUERY,     NOT_FOUND,     NO_CLASS),
];

/// Returns the response of a server.
pub(crate) fn answer(wrong: Wrong, form: WireForm) -> Says {
    let row = ANSWERS.iter().find(|(known, ..)| *known == wrong);
    let (_, windows, omi, openwsman) = row.unwrap_or_else(|| panic!("{wrong:?} has no row"));
    *of(form, [windows, omi, openwsman])
}

/// Returns the column of a server.
fn of<T>(form: WireForm, [windows, omi, openwsman]: [T; 3]) -> T {
    match form {
        WireForm::Windows => windows,
        WireForm::Omi => omi,
        WireForm::Openwsman => openwsman,
        other => panic!("{other:?} has no column"),
    }
}

/// The differences between servers for a correct request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behaviour {
    /// A property that a whole put omits stays unchanged; otherwise it becomes NULL.
    pub(crate) keeps_missing: bool,
    /// The server validates the names of the properties to change, in a list or in
    /// `__PUT_EXT_PROPERTIES`.
    pub(crate) honours_lists: bool,
    /// A NULL in a put is written; otherwise it is ignored.
    pub(crate) writes_null: bool,
    /// The arrays among the arguments of a method arrive in reverse.
    pub(crate) reverses_arrays: bool,
    /// An output parameter that is NULL is omitted.
    pub(crate) leaves_null_out: bool,
    /// The polymorphism mode changes the set of rows.
    pub(crate) heeds_polymorphism: bool,
    /// Whether requested events carry bookmarks that name a position; `None` where the provider
    /// decides.
    pub(crate) sends_bookmarks: Option<bool>,
    /// The possible values of a string after a fragment of another property was put: openwsman passes
    /// its broker an instance with nothing else in it.
    pub(crate) after_fragment: &'static [Option<&'static str>],
}

#[rustfmt::skip]
const WINDOWS: Behaviour = Behaviour {
    keeps_missing: true, honours_lists: true, writes_null: true, reverses_arrays: false, leaves_null_out: false,
    heeds_polymorphism: false, sends_bookmarks: Some(true), after_fragment: &[Some(TEXT)],
};
#[rustfmt::skip]
const OMI: Behaviour = Behaviour {
    keeps_missing: true, honours_lists: false, writes_null: false, reverses_arrays: false, leaves_null_out: false,
    heeds_polymorphism: true, sends_bookmarks: None, after_fragment: &[Some(TEXT)],
};
#[rustfmt::skip]
const OPENWSMAN: Behaviour = Behaviour {
    keeps_missing: false, honours_lists: false, writes_null: true, reverses_arrays: true, leaves_null_out: true,
    heeds_polymorphism: true, sends_bookmarks: Some(false), after_fragment: &[Some(TEXT), None],
};

/// Returns how a server behaves for a correct request.
pub(crate) fn behaviour(form: WireForm) -> Behaviour {
    of(form, [WINDOWS, OMI, OPENWSMAN])
}
