//! How much of a class is asked for.

use crate::protocol::WsmanOption;
use crate::session::request::Request;

/// How much of a class a server is to send (MS-WSMV 3.1.4.1.38). What is not asked for is left out.
#[derive(Clone, Copy, Debug)]
pub struct ClassDetail {
    qualifiers: bool,
    inherited: bool,
    hierarchy: bool,
    origin: bool,
}

/// An operation that asks for classes. Sealed: [`GetClass`](crate::GetClass) and
/// [`EnumerateClasses`](crate::EnumerateClasses).
pub trait AsksForClasses {
    #[doc(hidden)]
    fn detail(&mut self) -> &mut ClassDetail;
}

impl<O: AsksForClasses> Request<O> {
    /// Leaves the qualifiers out (`IncludeQualifiers`): smaller, and without keys.
    pub fn without_qualifiers(mut self) -> Self {
        self.operation.detail().qualifiers = false;
        self
    }

    /// Leaves out what is inherited (`IncludeInheritedElements`).
    pub fn without_inherited(mut self) -> Self {
        self.operation.detail().inherited = false;
        self
    }

    /// Leaves out all superclasses but the next (`IncludeInheritanceHierarchy`).
    pub fn without_hierarchy(mut self) -> Self {
        self.operation.detail().hierarchy = false;
        self
    }

    /// Asks which class declared each member (`IncludeClassOrigin`).
    pub fn with_class_origin(mut self) -> Self {
        self.operation.detail().origin = true;
        self
    }
}

impl ClassDetail {
    /// What Windows' MI client asks for.
    pub(in crate::session) const USUAL: Self = Self {
        qualifiers: true,
        inherited: true,
        hierarchy: true,
        origin: false,
    };

    /// The least.
    pub(in crate::session) const BARE: Self = Self {
        qualifiers: false,
        inherited: false,
        hierarchy: false,
        origin: false,
    };

    pub(in crate::session) fn options(self) -> Vec<WsmanOption> {
        let all = [
            (self.hierarchy, "IncludeInheritanceHierarchy"),
            (self.inherited, "IncludeInheritedElements"),
            (self.qualifiers, "IncludeQualifiers"),
            (self.origin, "IncludeClassOrigin"),
        ];
        let asked = all.into_iter().filter(|(asked, _)| *asked);
        asked.map(|(_, name)| WsmanOption::flag(name)).collect()
    }
}
