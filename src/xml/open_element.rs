//! The elements that are open at a position.

/// The name of an open element, as a range of the text.
#[derive(Clone, Copy)]
pub(super) struct OpenElement {
    pub(super) start: usize,
    pub(super) name: usize,
    pub(super) row_tag: RowTag,
}

/// The number of a start tag among those that rows repeat, if it is one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowTag(pub(super) usize);

impl RowTag {
    pub(super) const NONE: Self = Self(0);
}

impl OpenElement {
    /// Returns the name with its prefix.
    pub(super) fn name_in(self, text: &str) -> Option<&str> {
        text.get(self.start..self.start + self.name)
    }
}
