//! How a session is logged in.

use std::time::SystemTime;

/// The login of a session, as the server accepted it last.
///
/// ```
/// # wsman::doc_examples::block_on(async || {
/// # let simulator = wsman::simulator::sample().start().await?;
/// let session = wsman::Session::builder(simulator.url())
///     .credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
///     .allow_unencrypted()
///     .build()?;
/// assert!(session.login().is_none());
/// session.identify().await?;
/// let login = session.login().unwrap();
/// assert_eq!(login.scheme, "Basic");
/// assert_eq!(login.account.as_deref(), Some(simulator.user()));
/// assert!(!login.sealed);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginState {
    /// The scheme: `Basic`, `Digest`, `Certificate`, `NTLM` or `Kerberos`. Later logins of the session
    /// can have another one ([`Session::login`](crate::Session::login)).
    pub scheme: &'static str,
    /// The account, as the credentials name it; `None` if they name none, as with a client
    /// certificate.
    pub account: Option<String>,
    /// Whether the keys of the login seal the messages (MS-WSMV 2.2.9.1).
    pub sealed: bool,
    /// The end of the Kerberos ticket for the server, if one is kept.
    pub tickets_end: Option<SystemTime>,
}

impl LoginState {
    pub(crate) fn new(scheme: &'static str, account: Option<String>) -> Self {
        Self {
            scheme,
            account,
            sealed: false,
            tickets_end: None,
        }
    }
}
