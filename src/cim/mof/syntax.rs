//! MOF as it was written, before its names have a meaning.

use super::error::Position;
use crate::cim::{CimType, Name};

/// A part, and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Located<T> {
    pub(super) at: Position,
    pub(super) value: T,
}

/// A production of the text.
#[derive(Debug)]
pub(super) enum Production {
    /// `#pragma namespace`
    Namespace(Located<String>),
    /// `#pragma include`
    Include(Located<String>),
    /// A pragma without a meaning here, such as `locale`.
    OtherPragma,
    Qualifier(QualifierSyntax),
    Class(ClassSyntax),
    Instance(InstanceSyntax),
}

/// The flavors as far as they are written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flavors {
    pub(super) overridable: Option<bool>,
    pub(super) to_subclass: Option<bool>,
    pub(super) translatable: Option<bool>,
}

/// `Qualifier Key : boolean = false, Scope(property), Flavor(DisableOverride);`
#[derive(Debug)]
pub(super) struct QualifierSyntax {
    pub(super) name: Located<Name>,
    pub(super) cim_type: CimType,
    pub(super) array: bool,
    pub(super) default: Option<Initializer>,
    pub(super) flavors: Flavors,
}

/// A qualifier of a class or of a part of it.
#[derive(Clone, Debug)]
pub(super) struct QualifierUse {
    pub(super) name: Located<Name>,
    pub(super) value: Option<Initializer>,
    pub(super) flavors: Flavors,
}

#[derive(Debug)]
pub(super) struct ClassSyntax {
    pub(super) name: Located<Name>,
    pub(super) superclass: Option<Located<Name>>,
    pub(super) qualifiers: Vec<QualifierUse>,
    pub(super) properties: Vec<PropertySyntax>,
    pub(super) methods: Vec<MethodSyntax>,
}

/// The declaration of a property or a parameter.
#[derive(Debug)]
pub(super) struct ElementSyntax {
    pub(super) name: Located<Name>,
    pub(super) qualifiers: Vec<QualifierUse>,
    pub(super) cim_type: CimType,
    /// The class of a reference.
    pub(super) class: Option<Name>,
    pub(super) array: bool,
}

#[derive(Debug)]
pub(super) struct PropertySyntax {
    pub(super) element: ElementSyntax,
    pub(super) default: Option<Initializer>,
}

#[derive(Debug)]
pub(super) struct MethodSyntax {
    pub(super) name: Located<Name>,
    pub(super) qualifiers: Vec<QualifierUse>,
    /// `None` for `void`.
    pub(super) returns: Option<CimType>,
    pub(super) parameters: Vec<ElementSyntax>,
}

/// `instance of Class as $Alias { Name = value; };`
#[derive(Clone, Debug)]
pub(super) struct InstanceSyntax {
    pub(super) class: Located<Name>,
    pub(super) alias: Option<Located<Name>>,
    pub(super) values: Vec<(Located<Name>, Initializer)>,
}

/// A value, or several in braces.
#[derive(Clone, Debug)]
pub(super) enum Initializer {
    One(Located<Literal>),
    Many(Located<Vec<Located<Literal>>>),
}

impl Initializer {
    pub(super) fn at(&self) -> Position {
        match self {
            Self::One(one) => one.at,
            Self::Many(many) => many.at,
        }
    }
}

/// A value as it was written.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    Integer(i128),
    Real(f64),
    Char(u16),
    Text(String),
    Alias(Name),
    /// An embedded instance without quotes, as WMI writes it.
    Instance(Box<InstanceSyntax>),
}

impl Literal {
    /// Returns the literal as an error shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Boolean(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => format!("{number:?}"),
            Self::Char(_) => "a character".to_owned(),
            Self::Text(text) => format!("{:?}", start_of(text)),
            Self::Alias(name) => format!("${name}"),
            Self::Instance(_) => "an instance".to_owned(),
        }
    }
}

/// Returns the start of a text, for an error.
pub(super) fn start_of(text: &str) -> String {
    const MOST: usize = 40;
    let mut start: String = text.chars().take(MOST).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}
