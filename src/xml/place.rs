//! The position of a reader in a document.

use super::character::find_forbidden;
use super::encoding::Origin;
use super::error::XmlError;
use super::limits::Limits;
use super::open_element::{OpenElement, RowTag};
use super::row_tags::RowTags;
use super::scope::Scope;

/// The position of a [`Reader`](super::Reader). It holds only offsets into the text, so that any owner
/// can hold the text.
pub(crate) struct Place {
    /// The bytes read before the reader was paused.
    pub(super) offset: usize,
    /// The elements read.
    pub(super) elements: usize,
    /// The innermost element is a single tag, whose end was not reported yet.
    pub(super) is_empty: bool,
    /// The end of the last text that was read with U+FFFD for invalid text; 0 if there is none.
    pub(super) lossy_end: usize,
    /// Set while text is read that the session sends back, and that may not be lossy.
    pub(super) is_exact: bool,
    looks: Looks,
    pub(super) origin: Origin,
    pub(super) limits: Limits,
    open: Vec<OpenElement>,
    scope: Scope,
    pub(super) row_tags: RowTags,
}

impl Place {
    /// Creates the position before a document.
    pub(super) fn start(text: &str, origin: Origin, limits: Limits) -> Self {
        Self {
            offset: 0,
            elements: 0,
            is_empty: false,
            lossy_end: 0,
            is_exact: false,
            looks: Looks::of(text),
            origin,
            limits,
            open: Vec::new(),
            scope: Scope::new(),
            row_tags: RowTags::default(),
        }
    }

    /// Returns the position before an element that began at `offset`, all of whose ancestors are open
    /// here.
    pub(super) fn again_at(&self, offset: usize) -> Self {
        Self {
            offset,
            elements: 0,
            is_empty: false,
            open: self.open.clone(),
            scope: self.scope.clone(),
            row_tags: RowTags::default(),
            ..*self
        }
    }

    /// Returns the number of open elements.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Returns the namespaces that are declared here.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Returns whether the prefix of an element or attribute is declared.
    #[inline]
    pub(super) fn knows(&mut self, prefix: &str) -> bool {
        prefix.is_empty() || self.scope.knows(prefix)
    }

    /// Returns whether text can be used unchanged: it has no line ends to normalise and no invalid
    /// characters.
    pub(super) fn is_plain(&self) -> bool {
        self.looks == Looks::Plain
    }

    /// Returns whether U+FFFD replaces invalid text.
    pub(super) fn is_lenient(&self) -> bool {
        self.limits.lossy && !self.is_exact
    }

    /// Returns whether the document holds invalid characters.
    pub(super) fn is_damaged(&self) -> bool {
        self.looks == Looks::Damaged
    }

    /// Returns the innermost element, if one is open.
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
        check_room(&self.scope, self.limits)?;
        self.scope.declare(self.open.len(), prefix, uri)
    }

    /// Declares the namespaces of a tag that was found valid in an earlier row. Returns whether it has other
    /// attributes; `None` if it is no such tag.
    #[inline]
    pub(super) fn declare_again(
        &mut self,
        row_tag: RowTag,
        tag: &str,
    ) -> Result<Option<bool>, XmlError> {
        let Some(meaning) = self.row_tags.meaning(row_tag) else {
            return Ok(None);
        };
        let depth = self.open.len();
        for declared in &meaning.declared {
            check_room(&self.scope, self.limits)?;
            if let Some((prefix, uri)) = declared.in_tag(tag) {
                self.scope.bind(depth, prefix, uri, declared.ns);
            }
        }
        Ok(Some(!meaning.attributes.is_empty()))
    }

    /// Closes the innermost element, if one is open.
    #[inline]
    pub(super) fn leave(&mut self) -> Option<OpenElement> {
        self.scope.leave(self.open.len());
        self.open.pop()
    }
}

/// Limits the namespaces that are declared at a time.
fn check_room(scope: &Scope, limits: Limits) -> Result<(), XmlError> {
    if scope.len() >= limits.namespaces {
        return Err(XmlError::TooManyNamespaces(limits.namespaces));
    }
    Ok(())
}

/// The result of a quick scan of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Plain,
    /// It has carriage returns, or `]]>`, which is allowed only at the end of a CDATA section.
    Odd,
    /// It has invalid characters.
    Damaged,
}

impl Looks {
    fn of(text: &str) -> Self {
        // The loop has no early exit, so that many bytes are examined in one step.
        let is_odd = |odd, byte| odd | is_odd(byte);
        if text.bytes().fold(false, is_odd) {
            Self::closer(text)
        } else {
            Looks::Plain
        }
    }

    #[cold]
    fn closer(text: &str) -> Self {
        if find_forbidden(text).is_some() {
            Looks::Damaged
        } else if text.contains('\r') || text.contains("]]>") {
            Looks::Odd
        } else {
            Looks::Plain
        }
    }
}

/// Returns whether a byte needs a closer look. U+FFFE and U+FFFF start with 0xEF in UTF-8.
fn is_odd(byte: u8) -> bool {
    ((byte < b' ') & (byte != b'\n') & (byte != b'\t')) | (byte == b']') | (byte == 0xef)
}
