//! The flags of NTLM messages (MS-NLMP 2.2.2.5).

pub(crate) const UNICODE: u32 = 0x0000_0001;
pub(crate) const REQUEST_TARGET: u32 = 0x0000_0004;
pub(crate) const SIGN: u32 = 0x0000_0010;
pub(crate) const SEAL: u32 = 0x0000_0020;
pub(crate) const NTLM: u32 = 0x0000_0200;
pub(crate) const ALWAYS_SIGN: u32 = 0x0000_8000;
#[cfg(feature = "simulator")]
pub(crate) const TARGET_IS_SERVER: u32 = 0x0002_0000;
pub(crate) const EXTENDED_SESSION_SECURITY: u32 = 0x0008_0000;
pub(crate) const TARGET_INFO: u32 = 0x0080_0000;
pub(crate) const VERSION: u32 = 0x0200_0000;
pub(crate) const KEY_128: u32 = 0x2000_0000;
pub(crate) const KEY_EXCHANGE: u32 = 0x4000_0000;
pub(crate) const KEY_56: u32 = 0x8000_0000;

/// Whether the client sends its own session key (MS-NLMP 3.1.5.1.2).
pub(crate) fn exchange_keys(flags: u32) -> bool {
    flags & KEY_EXCHANGE != 0 && flags & (SIGN | SEAL) != 0
}
