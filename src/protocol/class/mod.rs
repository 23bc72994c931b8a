//! Class declarations on the wire, in CIM-XML (DSP0201).

mod read;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "simulator", test))]
mod write;

pub(crate) use read::read_class;
#[cfg(any(feature = "simulator", test))]
pub(crate) use write::write_class;
