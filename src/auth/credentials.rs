//! Credentials: the user and the login scheme.

use std::fmt;

use thiserror::Error;

use super::Secret;
#[cfg(feature = "gssapi")]
use super::TicketCache;
#[cfg(feature = "negotiate")]
use super::keytab::NoKey;
#[cfg(feature = "negotiate")]
use super::negotiate::Tickets;
use super::provider::{CredentialsProvider, Provider};
#[cfg(feature = "negotiate")]
use super::{KerberosEtype, Keytab};

/// The user that logs in to the server, and the login scheme.
///
/// ```
/// use wsman::auth::Credentials;
///
/// let credentials = Credentials::basic("ops", "hunter2");
/// assert!(!format!("{credentials:?}").contains("hunter2"));
/// ```
///
/// Clones share the Kerberos tickets: their sessions ask the KDC once for the user, and once for each service.
#[derive(Clone)]
pub struct Credentials {
    scheme: Scheme,
    #[cfg(feature = "negotiate")]
    tickets: Tickets,
}

/// The login schemes and their settings.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scheme {
    None,
    Basic {
        user: String,
        password: Secret,
    },
    Digest {
        user: String,
        password: Secret,
        or_basic: bool,
    },
    Certificate,
    Provided(Provider),
    #[cfg(feature = "negotiate")]
    Ntlm {
        user: String,
        password: Secret,
    },
    #[cfg(feature = "gssapi")]
    TicketCache(TicketCache),
    #[cfg(feature = "negotiate")]
    Negotiate {
        user: String,
        password: Secret,
    },
    #[cfg(feature = "negotiate")]
    Password {
        user: String,
        password: Secret,
    },
    #[cfg(feature = "negotiate")]
    Kerberos {
        user: String,
        password: Secret,
    },
    #[cfg(feature = "negotiate")]
    Keytab {
        principal: String,
        keytab: Keytab,
    },
}

impl Credentials {
    pub(super) fn of(scheme: Scheme) -> Self {
        Self {
            scheme,
            #[cfg(feature = "negotiate")]
            tickets: Tickets::default(),
        }
    }

    /// Returns credentials without a login.
    pub fn none() -> Self {
        Self::of(Scheme::None)
    }

    /// Returns a user name and a password, sent with every message (RFC 7617).
    ///
    /// An attacker who reads the messages also reads the password. Basic therefore requires HTTPS,
    /// or `allow_unencrypted()` over plain HTTP.
    pub fn basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::of(Scheme::Basic {
            user: user.into(),
            password: password.into(),
        })
    }

    /// Returns a user name and a password for Digest (RFC 7616), which proves the password without
    /// sending it. The server chooses MD5, SHA-256 or SHA-512-256. Intel AMT requires Digest.
    ///
    /// An attacker cannot read the password from the messages, but can guess it from them offline.
    /// The messages are unencrypted, so plain HTTP requires `allow_unencrypted()`, as for Basic.
    /// There the client uses `auth-int`, which protects the body from changes, if the server offers
    /// it.
    ///
    /// The client first sends an empty message to get the server's challenge.
    ///
    /// ```
    /// use wsman::simulator::{DigestScheme, LoginScheme, sample};
    /// use wsman::{Credentials, Session};
    ///
    /// # wsman::doc_examples::block_on(async || {
    /// # let simulator = sample().logins([LoginScheme::Digest(DigestScheme::new())]).start().await?;
    /// # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
    /// let session = Session::builder(url)
    ///     .credentials(Credentials::digest(user, password))
    ///     .allow_unencrypted()
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(()) });
    /// ```
    pub fn digest(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::of(Scheme::Digest {
            user: user.into(),
            password: password.into(),
            or_basic: false,
        })
    }

    /// Uses [`digest`](Self::digest), and falls back to [`basic`](Self::basic). The fallback
    /// happens if the server offers Basic and no Digest, or refuses the Digest that it offers, as
    /// openwsman does with another login module. So a wrong password is two failed logins on a server
    /// that offers both, until the server has accepted one by either.
    ///
    /// An attacker who can change the server's answers can remove its offer of Digest and read the
    /// password. Over plain HTTP this is no safer than Basic.
    pub fn digest_or_basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::of(Scheme::Digest {
            user: user.into(),
            password: password.into(),
            or_basic: true,
        })
    }

    /// Logs in with the client certificate of the session's [`TlsConfig`](crate::TlsConfig), over
    /// HTTPS only (the security profile `https/mutual` of DSP0226). The server maps the certificate
    /// to a user.
    ///
    /// The server must request the certificate during the TLS handshake. HTTP.sys of Windows
    /// requests it later by renegotiation, which TLS 1.3 and rustls do not support. Create its
    /// binding with `clientcertnegotiation=enable` (`netsh http add sslcert`).
    ///
    /// ```
    /// use wsman::simulator::sample;
    /// use wsman::{Credentials, Session, TlsConfig};
    /// # #[cfg(feature = "rustls")]
    /// # wsman::doc_examples::block_on(async || {
    /// # let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    /// # let (pem, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    /// # let simulator = sample().tls(&pem, &key).client_authority(&pem).start().await?;
    /// # let (ca, chain) = (&pem, &pem);
    /// let tls = TlsConfig::builder()
    ///     .roots(ca.as_bytes())
    ///     .client_certificate(chain.as_bytes(), key.as_bytes())
    ///     .build()?;
    /// let session = Session::builder(simulator.url())
    ///     .credentials(Credentials::certificate())
    ///     .tls(tls)
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(()) });
    /// ```
    pub fn certificate() -> Self {
        Self::of(Scheme::Certificate)
    }

    /// Returns credentials that a provider gives when the client needs them, because they change: see
    /// [`CredentialsProvider`].
    ///
    /// ```
    /// use wsman::simulator::sample;
    /// use wsman::{Credentials, Session};
    ///
    /// # wsman::doc_examples::block_on(async || {
    /// # let simulator = sample().start().await?;
    /// # let (user, password) = (simulator.user().to_owned(), simulator.password().to_owned());
    /// let vault = move || {
    ///     let credentials = Credentials::basic(&user, password.as_str());
    ///     async { Ok(credentials) }
    /// };
    /// let session = Session::builder(simulator.url())
    ///     .credentials(Credentials::provider(vault))
    ///     .allow_unencrypted()
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(()) });
    /// ```
    pub fn provider(provider: impl CredentialsProvider + 'static) -> Self {
        Self::of(Scheme::Provided(Provider::new(provider)))
    }

    /// Returns a user name and a password for NTLM (MS-NLMP) inside Negotiate, which proves the
    /// password without sending it. The user is `DOMAIN\user`, `user@domain` or a local user. NTLM
    /// is connection-oriented. Over plain HTTP its keys seal every message, which a Windows host
    /// requires on port 5985 by default.
    ///
    /// NTLM does not authenticate the server. Over plain HTTP an attacker who impersonates the
    /// server cannot read the password, but can guess it offline from the exchange.
    #[cfg(feature = "negotiate")]
    pub fn ntlm(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::of(Scheme::Ntlm {
            user: user.into(),
            password: password.into(),
        })
    }

    /// Returns a user name and a password for Kerberos inside Negotiate. The realm's KDC issues a
    /// ticket, and the server proves its identity. Over plain HTTP the session key seals every
    /// message. The password never leaves this machine in any form.
    ///
    /// The user is `user@REALM`, `REALM\user`, or a name of the default realm of `krb5.conf`. The
    /// realm is written in upper case. The client asks for `user@domain` first as a name that
    /// Windows knows (an enterprise name), then as a user of the realm, as MIT Kerberos does.
    ///
    /// The URL must name the server as its realm does: see
    /// [`ServicePrincipal`](super::ServicePrincipal). Clones of the credentials share their tickets.
    ///
    /// ```
    /// use wsman::{Credentials, Session};
    ///
    /// let session = Session::builder("http://host.example:5985/wsman")
    ///     .credentials(Credentials::kerberos("ops@EXAMPLE.TEST", "hunter2"))
    ///     .kdc("kdc.example:88")
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "negotiate")]
    pub fn kerberos(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::of(Scheme::Kerberos {
            user: user.into(),
            password: password.into(),
        })
    }

    /// Returns Kerberos credentials with the keys of a principal such as `ops@EXAMPLE.TEST` from a
    /// keytab, in place of a password. See [`kerberos`](Self::kerberos).
    #[cfg(feature = "negotiate")]
    pub fn keytab(principal: impl Into<String>, keytab: Keytab) -> Self {
        Self::of(Scheme::Keytab {
            principal: principal.into(),
            keytab,
        })
    }

    /// Whether the login needs a KDC.
    #[cfg(feature = "negotiate")]
    pub(crate) fn realm_need(&self) -> RealmNeed {
        match self.scheme {
            Scheme::Kerberos { .. } | Scheme::Keytab { .. } => RealmNeed::Must,
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(_) => RealmNeed::Must,
            Scheme::Negotiate { .. } | Scheme::Password { .. } => RealmNeed::May,
            _ => RealmNeed::No,
        }
    }

    /// Uses the Kerberos tickets of the system's user, as `kinit` stores them, through the system's
    /// GSS-API and Negotiate. The client needs no password, and the server proves its identity.
    ///
    /// Like [`ntlm`](Self::ntlm) the login is connection-oriented, and over plain HTTP its keys
    /// seal every message. [`TicketCache`] has the settings; it converts into credentials.
    ///
    /// ```
    /// use wsman::{Credentials, Session};
    ///
    /// let session = Session::builder("http://host.example:5985/wsman")
    ///     .credentials(Credentials::ticket_cache())
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "gssapi")]
    pub fn ticket_cache() -> TicketCache {
        TicketCache::default()
    }

    /// Returns a user name and a password for the strongest mechanism that the server accepts
    /// inside Negotiate (RFC 4178): [`kerberos`](Self::kerberos), or [`ntlm`](Self::ntlm) if
    /// Kerberos is not available. Over plain HTTP the keys of the login seal every message.
    ///
    /// The client requests a ticket if the user has a realm or domain and the URL has a host name.
    /// Without a ticket it falls back to NTLM; if that is refused, the error also says why there
    /// was no ticket. There is no fallback if the KDC reports a wrong password, or a locked or
    /// disabled account.
    ///
    /// ```
    /// use wsman::simulator::{LoginScheme, NtlmScheme, sample};
    /// use wsman::{Credentials, Session};
    ///
    /// # wsman::doc_examples::block_on(async || {
    /// # let simulator = sample().logins([LoginScheme::Ntlm(NtlmScheme::new())]).start().await?;
    /// # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
    /// let session = Session::builder(url)
    ///     .credentials(Credentials::negotiate(user, password))
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(()) });
    /// ```
    #[cfg(feature = "negotiate")]
    pub fn negotiate(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::of(Scheme::Negotiate {
            user: user.into(),
            password: password.into(),
        })
    }

    /// Returns a user name and a password for the strongest scheme that the server accepts:
    /// [`negotiate`](Self::negotiate), with a fallback to
    /// [`digest_or_basic`](Self::digest_or_basic) only if the server does not offer Negotiate. The
    /// session keeps the scheme that its first message found.
    ///
    /// Over plain HTTP the client uses only Negotiate, which seals every message, unless the
    /// session calls `allow_unencrypted()`. With it, an attacker who can change the server's
    /// answers can remove the offer of Negotiate, and read the messages and the password. A
    /// password that Negotiate refused is not tried again.
    ///
    /// ```
    /// use wsman::simulator::sample;
    /// use wsman::{Credentials, Session};
    ///
    /// # wsman::doc_examples::block_on(async || {
    /// # use wsman::simulator::LoginScheme;
    /// # let simulator = sample().logins([LoginScheme::Basic]).start().await?;
    /// # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
    /// let session = Session::builder(url)
    ///     .credentials(Credentials::password(user, password))
    ///     .allow_unencrypted()
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(()) });
    /// ```
    #[cfg(feature = "negotiate")]
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::of(Scheme::Password {
            user: user.into(),
            password: password.into(),
        })
    }

    /// The name of the account, if the credentials name one.
    pub(crate) fn account_name(&self) -> Option<&str> {
        match &self.scheme {
            Scheme::None | Scheme::Certificate | Scheme::Provided(_) => None,
            Scheme::Basic { user, .. } | Scheme::Digest { user, .. } => Some(user),
            #[cfg(feature = "negotiate")]
            Scheme::Ntlm { user, .. }
            | Scheme::Negotiate { user, .. }
            | Scheme::Password { user, .. }
            | Scheme::Kerberos { user, .. } => Some(user),
            #[cfg(feature = "negotiate")]
            Scheme::Keytab { principal, .. } => Some(principal),
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(cache) => cache.principal.as_deref(),
        }
    }

    /// The provider of the credentials, if they change.
    pub(crate) fn source(&self) -> Option<&Provider> {
        match &self.scheme {
            Scheme::Provided(provider) => Some(provider),
            _ => None,
        }
    }

    /// Whether another login with these credentials would be the same attempt. A ticket cache is
    /// never the same, because its tickets change.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        #[cfg(feature = "gssapi")]
        if let Scheme::TicketCache(_) = self.scheme {
            return false;
        }
        self.scheme == other.scheme
    }

    /// Whether there is no login.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self.scheme, Scheme::None)
    }

    /// The password, for the recorder, which must keep it out of its files.
    #[cfg(feature = "record")]
    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.account().map(|(_, password)| password)
    }

    /// The user and the password, if the login has one.
    pub(crate) fn account(&self) -> Option<(&str, &Secret)> {
        match &self.scheme {
            Scheme::None | Scheme::Certificate | Scheme::Provided(_) => None,
            Scheme::Basic { user, password } | Scheme::Digest { user, password, .. } => {
                Some((user, password))
            }
            #[cfg(feature = "negotiate")]
            Scheme::Ntlm { user, password }
            | Scheme::Negotiate { user, password }
            | Scheme::Password { user, password }
            | Scheme::Kerberos { user, password } => Some((user, password)),
            #[cfg(feature = "negotiate")]
            Scheme::Keytab { .. } => None,
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(_) => None,
        }
    }

    /// The tickets of these credentials and their clones.
    #[cfg(feature = "negotiate")]
    pub(super) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    /// Returns the equal ones of those known, which share their tickets; adds new ones.
    pub(crate) fn shared(self, known: &mut Vec<Self>) -> Self {
        if let Some(known) = known.iter().find(|known| known.repeats(&self)) {
            return known.clone();
        }
        known.push(self.clone());
        self
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.scheme
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Credentials").field(&self.scheme).finish()
    }
}

/// Whether a login needs a KDC.
#[cfg(feature = "negotiate")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RealmNeed {
    Must,
    /// Uses a KDC if there is one.
    May,
    No,
}

/// Credentials that are invalid for their login scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Basic takes everything up to the first colon as the user name (RFC 7617 2).
    #[error("a user name for Basic cannot contain a colon")]
    ColonInUser,
    /// Control characters are invalid in Basic (RFC 7617 2), and in a user name of Digest.
    #[error("a user name, or a password for Basic, cannot contain control characters")]
    ControlCharacter,
    /// The user name is empty, or has more than one domain.
    #[error("invalid user name: expected DOMAIN\\user, user@domain or user")]
    UserName,
    /// The user name has no realm, and `krb5.conf` names no default realm.
    #[error("the user has no realm: write user@REALM, or set default_realm in krb5.conf")]
    NoRealm,
    /// The keytab has no key of the principal.
    #[error("the keytab has no key of that principal: check its name and its realm (klist -k)")]
    NotInKeytab,
    /// The newest keys of the principal in the keytab have encryption types that the session does
    /// not allow. This is the strongest of them.
    #[cfg(feature = "negotiate")]
    #[error(
        "the newest key of that principal in the keytab is of type {0}, which this session does not allow: name it with kerberos_etypes, or write a keytab with AES keys"
    )]
    KeyTypeNotAllowed(KerberosEtype),
    /// The newest keys of the principal in the keytab have encryption types that are not supported,
    /// such as DES; the number of one of them (RFC 3961 8).
    #[cfg(feature = "negotiate")]
    #[error(
        "the newest key of that principal in the keytab is of the encryption type {0}, which is not supported: write a keytab with AES keys"
    )]
    KeyTypeNotSupported(i32),
}

#[cfg(feature = "negotiate")]
impl From<NoKey> for CredentialsError {
    fn from(why: NoKey) -> Self {
        match why {
            NoKey::NoPrincipal => Self::NotInKeytab,
            NoKey::NotAllowed(etype) => Self::KeyTypeNotAllowed(etype),
            NoKey::NotSupported(number) => Self::KeyTypeNotSupported(number),
        }
    }
}
