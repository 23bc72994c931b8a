//! DER, the distinguished encoding of ASN.1 (X.690): the subset that certificates and logins use.

mod read;
#[cfg(feature = "negotiate")]
mod write;

pub(crate) use read::{Der, Element};
#[cfg(feature = "negotiate")]
pub(crate) use write::{int32, integer, octets, sequence, tagged, written};

pub(crate) const INTEGER: u8 = 0x02;
#[cfg(any(feature = "negotiate", feature = "rustls"))]
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
#[cfg(feature = "negotiate")]
pub(crate) const ENUMERATED: u8 = 0x0A;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
#[cfg(feature = "negotiate")]
pub(crate) const GENERAL_STRING: u8 = 0x1B;
pub(crate) const SEQUENCE: u8 = 0x30;

/// `[number]`, constructed.
pub(crate) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// `[APPLICATION number]`, constructed.
#[cfg(feature = "negotiate")]
pub(crate) const fn application(number: u8) -> u8 {
    0x60 | number
}
