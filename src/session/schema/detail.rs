//! How much of a class a request asks for.

use crate::protocol::WsmanOption;
use crate::session::request::Request;

/// The parts of a class that a request asks for (MS-WSMV 3.1.4.1.38); the server omits the others.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct ClassDetail {
    qualifiers: bool,
    inherited: bool,
    hierarchy: bool,
    origin: bool,
}

/// An operation that reads classes. Sealed: [`GetClass`](crate::request::GetClass) and
/// [`EnumerateClasses`](crate::enumerate::EnumerateClasses).
#[expect(private_bounds, reason = "seals the trait")]
pub trait AsksForClasses: HasDetail {}

/// An operation with a [`ClassDetail`].
pub(in crate::session) trait HasDetail {
    fn detail(&mut self) -> &mut ClassDetail;
}

impl<O: AsksForClasses> Request<O> {
    /// Omits the qualifiers (`IncludeQualifiers`): the class is smaller, and its keys are unknown.
    pub fn without_qualifiers(mut self) -> Self {
        self.operation.detail().qualifiers = false;
        self
    }

    /// Omits inherited members (`IncludeInheritedElements`).
    pub fn without_inherited(mut self) -> Self {
        self.operation.detail().inherited = false;
        self
    }

    /// Omits all superclasses but the direct one (`IncludeInheritanceHierarchy`).
    pub fn without_hierarchy(mut self) -> Self {
        self.operation.detail().hierarchy = false;
        self
    }

    /// Includes the declaring class of each member (`IncludeClassOrigin`).
    pub fn with_class_origin(mut self) -> Self {
        self.operation.detail().origin = true;
        self
    }
}

impl ClassDetail {
    /// The request of Windows' MI client.
    pub(in crate::session) const USUAL: Self = Self {
        qualifiers: true,
        inherited: true,
        hierarchy: true,
        origin: false,
    };

    /// The smallest request.
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
