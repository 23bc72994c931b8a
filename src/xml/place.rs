//! Where a reader is in a document.

use super::scope::Scope;
use super::{Limits, XmlError};

/// Where a [`Reader`](super::Reader) is; of the text it keeps nothing but positions, so that the text
/// can be owned by anybody.
pub(crate) struct Place {
    /// Bytes that were read, when the reader was paused.
    pub(super) offset: usize,
    /// Elements that were read.
    pub(super) elements: usize,
    /// The innermost element is a single tag, whose end was not told yet.
    pub(super) is_empty: bool,
    /// The document has carriage returns, so that line ends are to be normalised.
    has_returns: bool,
    limits: Limits,
    open: Vec<OpenElement>,
    scope: Scope,
}

/// The name of an open element, as a place in the text.
#[derive(Clone, Copy)]
pub(super) struct OpenElement {
    pub(super) start: usize,
    pub(super) name: usize,
}

impl OpenElement {
    /// The name, prefix and all.
    pub(super) fn name_in(self, text: &str) -> Option<&str> {
        text.get(self.start..self.start + self.name)
    }
}

impl Place {
    /// Before a document.
    pub(super) fn start(text: &str, limits: Limits) -> Self {
        Self {
            offset: 0,
            elements: 0,
            is_empty: false,
            has_returns: has_returns(text),
            limits,
            open: Vec::new(),
            scope: Scope::new(),
        }
    }

    /// The same place as it was before an element that began at `offset`, all of whose ancestors are
    /// open here.
    pub(super) fn again_at(&self, offset: usize) -> Self {
        Self {
            offset,
            elements: 0,
            is_empty: false,
            open: self.open.clone(),
            scope: self.scope.clone(),
            ..*self
        }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The namespaces that are declared here.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether line ends may have to be normalised.
    pub(super) fn has_returns(&self) -> bool {
        self.has_returns
    }

    /// The innermost element, if one is open.
    pub(super) fn innermost(&self) -> Option<OpenElement> {
        self.open.last().copied()
    }

    /// Opens an element.
    #[inline]
    pub(super) fn enter(&mut self, element: OpenElement) -> Result<(), XmlError> {
        self.open.push(element);
        self.elements += 1;
        if self.open.len() > self.limits.depth {
            return Err(XmlError::TooDeep(self.limits.depth));
        }
        if self.elements > self.limits.elements {
            return Err(XmlError::TooManyElements(self.limits.elements));
        }
        Ok(())
    }

    /// Declares a namespace for the innermost element, until it is closed.
    pub(super) fn declare(&mut self, prefix: &str, uri: &str) -> Result<(), XmlError> {
        self.scope.declare(self.open.len(), prefix, uri)
    }

    /// Closes the innermost element, if one is open.
    #[inline]
    pub(super) fn leave(&mut self) -> Option<OpenElement> {
        self.scope.leave(self.open.len());
        self.open.pop()
    }
}

/// Whether a text has carriage returns. No jump out of the loop, so that many bytes are looked at in
/// one step.
fn has_returns(text: &str) -> bool {
    text.bytes()
        .fold(false, |found, byte| found | (byte == b'\r'))
}
