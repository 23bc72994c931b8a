//! What each server says: one table, so that no check needs to know who answers.

use wsman::WireForm;
use wsman::cim::WbemStatus as W;

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// An update, get or delete of an instance that is not there.
    NoInstance,
    /// A create of one that is.
    Exists,
    /// An update or get in a class that is not there.
    ClassOfUpdate,
    ClassOfCreate,
    ClassOfCreateOrUpdate,
    Namespace,
    /// An update whose selector has another name than the key.
    KeyName,
    /// A create-or-update with a misnamed key in a class whose key the server makes up.
    MisnamedKey,
    /// A selector that is no number, in a class whose key is one.
    KeyValue,
    /// One of two keys.
    KeyLeftOut,
    /// A text for a `uint32`.
    Type,
    UnknownProperty,
    /// NULL for a property that must have a value.
    Null,
    NullOfCreate,
    AbstractClassOfCreate,
    AbstractClassOfPut,
    /// One property by itself.
    Fragment,
    /// A class that is there.
    GetClass,
    ClassOfGetClass,
    EnumerateClasses,
    /// A method that the class does not have.
    Method,
    ClassOfMethod,
    UnknownArgument,
    ArgumentType,
    ClassOfEnumerate,
    /// A query in no language.
    Query,
    ClassOfQuery,
    /// The associations of an instance that is not there.
    NoObject,
    /// A query about events of a class that is not there.
    ClassOfEvents,
}

/// What a server says to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    /// It does it all the same.
    Takes,
    /// The error, and the HRESULT it stands for.
    Refuses(&'static str, W),
    /// The error, which may mean something else as well.
    Perhaps(&'static str),
}

use Says::{Perhaps, Refuses, Takes};

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

/// What is wrong, and what Windows, OMI and openwsman say to it. openwsman says the same to a missing
/// instance, class, namespace and name of a key; Windows tells only a missing instance apart.
#[rustfmt::skip]
const ANSWERS: &[(Wrong, Says, Says, Says)] = &[
    (Wrong::NoInstance,            NOT_FOUND,     NOT_FOUND,     UNCLEAR),
    (Wrong::Exists,                EXISTS,        EXISTS,        EXISTS),
    (Wrong::ClassOfUpdate,         UNCLEAR,       NO_CLASS,      UNCLEAR),
    (Wrong::ClassOfCreate,         UNCLEAR,       NO_CLASS,      NO_CLASS),
    (Wrong::ClassOfCreateOrUpdate, UNCLEAR,       NO_CLASS,      NO_CLASS),
    (Wrong::Namespace,             NO_NAMESPACE,  NO_NAMESPACE,  UNCLEAR),
    (Wrong::KeyName,               BAD_PARAMETER, BAD_PROPERTY,  UNCLEAR),
    (Wrong::MisnamedKey,           BAD_PARAMETER, BAD_PROPERTY,  ELSEWHERE),
    (Wrong::KeyValue,              BAD_PARAMETER, FAILED,        ELSEWHERE),
    (Wrong::KeyLeftOut,            BAD_PARAMETER, BAD_PROPERTY,  BAD_PARAMETER),
    (Wrong::Type,                  BAD_TYPE,      FAILED,        Takes),
    (Wrong::UnknownProperty,       BAD_PROPERTY,  BAD_PROPERTY,  Takes),
    (Wrong::Null,                  ILLEGAL_NULL,  Takes,         ILLEGAL_NULL),
    (Wrong::NullOfCreate,          ILLEGAL_NULL,  BAD_PARAMETER, ILLEGAL_NULL),
    (Wrong::AbstractClassOfCreate, NO_CLASS,      NO_CLASS,      NO_CLASS),
    (Wrong::AbstractClassOfPut,    NO_CLASS,      NO_CLASS,      UNCLEAR),
    (Wrong::Fragment,              Takes,         NOT_SUPPORTED, Takes),
    (Wrong::GetClass,              Takes,         Takes,         NO_CLASS),
    (Wrong::ClassOfGetClass,       UNCLEAR,       NO_CLASS,      NO_CLASS),
    (Wrong::EnumerateClasses,      Takes,         NO_CLASS,      NO_CLASS),
    (Wrong::Method,                NO_METHOD,     FAILED,        NOT_SUPPORTED),
    (Wrong::ClassOfMethod,         UNCLEAR,       NO_CLASS,      NO_CLASS),
    (Wrong::UnknownArgument,       BAD_ARGUMENT,  BAD_PROPERTY,  BAD_PARAMETER),
    (Wrong::ArgumentType,          BAD_TYPE,      FAILED,        BAD_PARAMETER),
    (Wrong::ClassOfEnumerate,      PERHAPS_CLASS, NO_CLASS,      NO_CLASS),
    (Wrong::Query,                 BAD_QUERY,     BAD_QUERY,     BAD_QUERY),
    (Wrong::ClassOfQuery,          BAD_QUERY,     NO_CLASS,      NO_CLASS),
    (Wrong::NoObject,              NOT_FOUND,     Takes,         Takes),
    (Wrong::ClassOfEvents,         BAD_QUERY,     NOT_FOUND,     NO_CLASS),
];

/// What a server says.
pub(crate) fn answer(wrong: Wrong, form: WireForm) -> Says {
    let row = ANSWERS.iter().find(|(known, ..)| *known == wrong);
    let (_, windows, omi, openwsman) = row.unwrap_or_else(|| panic!("{wrong:?} has no row"));
    match form {
        WireForm::Windows => *windows,
        WireForm::Omi => *omi,
        WireForm::Openwsman => *openwsman,
        other => panic!("{other:?} has no column"),
    }
}

/// What servers make of a correct request differently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// A property that a whole put leaves out stays as it is; else it becomes NULL.
    pub(crate) keeps_missing: bool,
    /// The names of the properties to change are looked at, as a list or as `__PUT_EXT_PROPERTIES`.
    pub(crate) honours_lists: bool,
    /// A NULL in a put is written; else it is passed over.
    pub(crate) writes_null: bool,
    /// The arrays among the arguments of a method arrive in reverse.
    pub(crate) reverses_arrays: bool,
    /// An out parameter that is NULL is left out.
    pub(crate) leaves_null_out: bool,
    /// The mode of polymorphism changes which rows there are.
    pub(crate) heeds_polymorphism: bool,
    /// Events come with bookmarks to whoever wants them.
    pub(crate) sends_bookmarks: bool,
}

pub(crate) fn manners(form: WireForm) -> Manners {
    let (keeps_missing, honours_lists, writes_null) = match form {
        WireForm::Omi => (true, false, false),
        WireForm::Openwsman => (false, false, true),
        _ => (true, true, true),
    };
    Manners {
        keeps_missing,
        honours_lists,
        writes_null,
        reverses_arrays: form == WireForm::Openwsman,
        leaves_null_out: form == WireForm::Openwsman,
        heeds_polymorphism: form != WireForm::Windows,
        sends_bookmarks: form != WireForm::Openwsman,
    }
}
