//! The modes and flags of a put.

use crate::error::{Error, Failure};

/// Whether [`Session::put_instance`](crate::Session::put_instance) updates an existing instance and
/// creates a missing one: the three modes of `IWbemServices::PutInstance` (MS-WMI 3.1.4.3.12).
///
/// Complete: WMI defines no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PutMode {
    /// Updates the instance, or creates it (`WBEM_FLAG_CREATE_OR_UPDATE`).
    ///
    /// Not atomic, because the protocol has no such operation: the session sends a Put, on not-found a
    /// Create, and a second Put if another client created the instance meanwhile.
    #[default]
    CreateOrUpdate,
    /// Updates the instance; [`Error::NotFound`] if it does not exist (`WBEM_FLAG_UPDATE_ONLY`).
    UpdateOnly,
    /// Creates the instance; [`Error::AlreadyExists`] if it exists (`WBEM_FLAG_CREATE_ONLY`).
    CreateOnly,
}

/// The valid `lFlags` of `IWbemServices::PutInstance`.
///
/// ```
/// use wsman::put::PutFlags;
/// use wsman::PutMode;
/// let flags = PutFlags::from_bits(0x11)?;
/// assert_eq!(flags.mode(), PutMode::UpdateOnly);
/// assert!(flags.returns_immediately());
/// assert!(PutFlags::from_bits(0x3).is_err());
/// # Ok::<(), wsman::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PutFlags(u32);

const UPDATE_ONLY: u32 = 0x1;
const CREATE_ONLY: u32 = 0x2;
const RETURN_IMMEDIATELY: u32 = 0x10;
const USE_AMENDED_QUALIFIERS: u32 = 0x20000;

impl PutFlags {
    /// Reads `lFlags` as WMI does (MS-WMI 2.2.5, 2.2.6, 2.2.13).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if a bit is unknown, or both `WBEM_FLAG_UPDATE_ONLY` and
    /// `WBEM_FLAG_CREATE_ONLY` are set.
    pub fn from_bits(bits: u32) -> Result<Self, Error> {
        let unknown =
            bits & !(UPDATE_ONLY | CREATE_ONLY | RETURN_IMMEDIATELY | USE_AMENDED_QUALIFIERS);
        if unknown != 0 {
            let text = format!("unknown PutInstance flag {unknown:#x}");
            return Err(Error::InvalidParameter(Failure::new(text)));
        }
        if bits & UPDATE_ONLY != 0 && bits & CREATE_ONLY != 0 {
            let text = "WBEM_FLAG_UPDATE_ONLY and WBEM_FLAG_CREATE_ONLY exclude each other";
            return Err(Error::InvalidParameter(Failure::new(text)));
        }
        Ok(Self(bits))
    }

    /// Returns the bits.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Returns the mode that the flags select.
    pub fn mode(self) -> PutMode {
        match self.0 & (UPDATE_ONLY | CREATE_ONLY) {
            UPDATE_ONLY => PutMode::UpdateOnly,
            CREATE_ONLY => PutMode::CreateOnly,
            _ => PutMode::CreateOrUpdate,
        }
    }

    /// Returns whether `WBEM_FLAG_RETURN_IMMEDIATELY` is set, the semisynchronous form. It has no effect
    /// here: use [`Request::start`](crate::Request::start).
    pub fn returns_immediately(self) -> bool {
        self.0 & RETURN_IMMEDIATELY != 0
    }

    /// Returns whether `WBEM_FLAG_USE_AMENDED_QUALIFIERS` is set. It has no effect, because the XML of an
    /// instance contains no qualifiers to amend (DSP0230).
    pub fn uses_amended_qualifiers(self) -> bool {
        self.0 & USE_AMENDED_QUALIFIERS != 0
    }
}
