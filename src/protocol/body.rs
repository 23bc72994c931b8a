//! The body of a message while it is read.

use super::InstanceReader;
use crate::xml::Reader;

/// The body of a message while it is read: the reader and the state that rows share.
pub(crate) struct Body<'r, 'i> {
    pub(crate) reader: &'r mut Reader<'i>,
    pub(crate) instances: &'r mut InstanceReader,
}

impl<'r, 'i> Body<'r, 'i> {
    /// Creates the body at the position of a reader.
    pub(super) fn of(reader: &'r mut Reader<'i>, instances: &'r mut InstanceReader) -> Self {
        Self { reader, instances }
    }
}
