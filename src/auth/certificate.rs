//! Login with a client certificate: the security profile `https/mutual` of DSP0226.

use super::Credentials;
use super::credentials::Scheme;

/// The value of `Authorization` if the certificate of the TLS connection is the login.
pub(crate) const AUTHORIZATION: &str =
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual";

/// Whether the certificate of the TLS connection is the login.
pub(crate) fn is_chosen(credentials: &Credentials) -> bool {
    matches!(credentials.scheme(), Scheme::Certificate)
}
