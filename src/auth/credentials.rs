//! Who logs in, and by which scheme.

use thiserror::Error;

#[cfg(feature = "negotiate")]
use super::Keytab;
use super::Secret;
#[cfg(feature = "gssapi")]
use super::TicketCache;

/// Who logs in to the server, and by which scheme.
///
/// ```
/// use wsman::auth::Credentials;
///
/// let credentials = Credentials::basic("ops", "hunter2");
/// assert!(!format!("{credentials:?}").contains("hunter2"));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials(Scheme);

/// The login schemes and what each of them needs.
#[derive(Clone, Debug)]
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
    /// No login at all.
    pub fn none() -> Self {
        Self(Scheme::None)
    }

    /// A user name and a password, sent with every message (RFC 7617).
    ///
    /// Whoever can read the messages can read the password, so these go over HTTPS, or over plain
    /// HTTP only where that was allowed in words.
    pub fn basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Basic {
            user: user.into(),
            password: password.into(),
        })
    }

    /// A user name and a password that is proven and not sent: Digest (RFC 7616), with MD5, SHA-256 or
    /// SHA-512-256 as the server asks. Intel AMT wants it.
    ///
    /// The password cannot be read on the way, but it can be guessed from what is, and the messages
    /// are in the clear: plain HTTP must be allowed in words for this as for Basic. There `auth-int`,
    /// which protects the messages from being changed, is used if the server offers it.
    ///
    /// The server is asked for its challenge with an empty message, before anything else is sent.
    ///
    /// ```
    /// use wsman::simulator::{DigestScheme, LoginScheme, sample};
    /// use wsman::{Credentials, Session};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = sample().logins([LoginScheme::Digest(DigestScheme::new())]).start().await?;
    /// # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
    /// let session = Session::builder(url)
    ///     .credentials(Credentials::digest(user, password))
    ///     .allow_unencrypted()
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn digest(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Digest {
            user: user.into(),
            password: password.into(),
            or_basic: false,
        })
    }

    /// As [`digest`](Self::digest), and [`basic`](Self::basic) where the server offers Basic and no
    /// Digest, or refuses the Digest that it offers, as openwsman with another login module does.
    ///
    /// Whoever can change what the server says can take its offer of Digest away and read the
    /// password: over plain HTTP this is no better than Basic.
    pub fn digest_or_basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Digest {
            user: user.into(),
            password: password.into(),
            or_basic: true,
        })
    }

    /// The client certificate of the session's [`TlsConfig`](crate::TlsConfig) (the security profile
    /// `https/mutual` of DSP0226), over HTTPS only. The server maps it to a user.
    ///
    /// The server must ask for it while the connection is made. HTTP.sys of Windows asks later, which
    /// TLS 1.3 and rustls do not have, unless its binding was made with `clientcertnegotiation=enable`
    /// (`netsh http add sslcert`).
    ///
    /// ```
    /// use wsman::simulator::sample;
    /// use wsman::{Credentials, Session, TlsConfig};
    /// # #[cfg(feature = "rustls")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "rustls"))] fn main() {}
    /// ```
    pub fn certificate() -> Self {
        Self(Scheme::Certificate)
    }

    /// A user name such as `DOMAIN\user`, `user@domain` or that of a local user, and a password that is
    /// proven and not sent: NTLM (MS-NLMP), inside Negotiate. It is bound to a connection, and over
    /// plain HTTP its keys seal every message, which is what a Windows host wants on port 5985 unless
    /// it was told otherwise.
    ///
    /// NTLM does not prove who the server is: over plain HTTP, somebody in its place cannot read the
    /// password but can try passwords on what was said.
    #[cfg(feature = "negotiate")]
    pub fn ntlm(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Ntlm {
            user: user.into(),
            password: password.into(),
        })
    }

    /// A user name and a password for Kerberos, inside Negotiate: the key distribution centre of the
    /// realm gives a ticket, the server proves who it is, and over plain HTTP the keys that come of it
    /// seal every message. The password leaves this machine in no form.
    ///
    /// The user is `user@REALM`, `REALM\user`, or a name of the default realm of `krb5.conf`. The realm is
    /// written in upper case. `user@domain` is asked for as a name that Windows knows, and then, as MIT
    /// Kerberos has it, as a user of the realm.
    ///
    /// The URL must name the server as its realm does: see
    /// [`ServicePrincipal`](super::ServicePrincipal). Tickets are kept as long as the session.
    ///
    /// ```
    /// use wsman::{Credentials, Session};
    ///
    /// let session = Session::builder("http://host.example:5985/wsman".parse()?)
    ///     .credentials(Credentials::kerberos("ops@EXAMPLE.TEST", "hunter2"))
    ///     .kdc("kdc.example:88")
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "negotiate")]
    pub fn kerberos(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Kerberos {
            user: user.into(),
            password: password.into(),
        })
    }

    /// As [`kerberos`](Self::kerberos), with the keys that a keytab has for a principal such as
    /// `ops@EXAMPLE.TEST` in place of a password.
    #[cfg(feature = "negotiate")]
    pub fn keytab(principal: impl Into<String>, keytab: Keytab) -> Self {
        Self(Scheme::Keytab {
            principal: principal.into(),
            keytab,
        })
    }

    /// Whether the login asks a key distribution centre.
    #[cfg(feature = "negotiate")]
    pub(crate) fn realm_need(&self) -> RealmNeed {
        match self.0 {
            Scheme::Kerberos { .. } | Scheme::Keytab { .. } => RealmNeed::Must,
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(_) => RealmNeed::Must,
            Scheme::Negotiate { .. } | Scheme::Password { .. } => RealmNeed::May,
            _ => RealmNeed::No,
        }
    }

    /// The Kerberos tickets that the system has for its user, as `kinit` leaves them: Kerberos inside
    /// Negotiate, with the system's GSS-API. No password is known here, and the server proves itself, too.
    ///
    /// Like [`ntlm`](Self::ntlm) it is bound to a connection, and over plain HTTP its keys seal every
    /// message. What can be chosen is on [`TicketCache`], which stands for credentials wherever some are
    /// taken.
    ///
    /// ```
    /// use wsman::{Credentials, Session};
    ///
    /// let url = "http://host.example:5985/wsman".parse()?;
    /// let session = Session::builder(url)
    ///     .credentials(Credentials::ticket_cache())
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "gssapi")]
    pub fn ticket_cache() -> TicketCache {
        TicketCache::default()
    }

    /// A user name and a password for the best that the server takes inside Negotiate (RFC 4178):
    /// [`kerberos`](Self::kerberos), or [`ntlm`](Self::ntlm) where there is no Kerberos to be had. Over
    /// plain HTTP the keys of the login seal every message.
    ///
    /// A ticket is asked for where the user has a realm or domain, and the URL the name of a host. Where
    /// there is none, NTLM goes on, and if that is refused, the error says why there was none; but not
    /// where the key distribution centre says that the password is wrong, or the account locked or
    /// disabled.
    ///
    /// ```
    /// use wsman::simulator::{LoginScheme, NtlmScheme, sample};
    /// use wsman::{Credentials, Session};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = sample().logins([LoginScheme::Ntlm(NtlmScheme::new())]).start().await?;
    /// # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
    /// let session = Session::builder(url)
    ///     .credentials(Credentials::negotiate(user, password))
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "negotiate")]
    pub fn negotiate(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Negotiate {
            user: user.into(),
            password: password.into(),
        })
    }

    /// A user name and a password for the strongest scheme that the server takes:
    /// [`negotiate`](Self::negotiate), and only where the server does not know Negotiate,
    /// [`digest_or_basic`](Self::digest_or_basic). What the first message finds is kept.
    ///
    /// Over plain HTTP it is Negotiate alone, which seals every message, unless unencrypted messages are
    /// allowed in words: then whoever can change what the server says can take its offer of Negotiate
    /// away, and read messages and password. A password that Negotiate has refused is not tried again.
    ///
    /// ```
    /// use wsman::simulator::sample;
    /// use wsman::{Credentials, Session};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use wsman::simulator::LoginScheme;
    /// # let simulator = sample().logins([LoginScheme::Basic]).start().await?;
    /// # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
    /// let session = Session::builder(url)
    ///     .credentials(Credentials::password(user, password))
    ///     .allow_unencrypted()
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "negotiate")]
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Password {
            user: user.into(),
            password: password.into(),
        })
    }

    /// Whether the login gives keys to seal messages with.
    pub(crate) fn can_seal(&self) -> bool {
        match self.0 {
            #[cfg(feature = "negotiate")]
            Scheme::Ntlm { .. }
            | Scheme::Negotiate { .. }
            | Scheme::Password { .. }
            | Scheme::Kerberos { .. }
            | Scheme::Keytab { .. } => true,
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(_) => true,
            Scheme::None | Scheme::Basic { .. } | Scheme::Digest { .. } | Scheme::Certificate => {
                false
            }
        }
    }

    /// Whether nobody logs in.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self.0, Scheme::None)
    }

    /// The password, for whoever must keep it out of what is written down.
    #[cfg(feature = "record")]
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match &self.0 {
            Scheme::None | Scheme::Certificate => None,
            Scheme::Basic { password, .. } | Scheme::Digest { password, .. } => Some(password),
            #[cfg(feature = "negotiate")]
            Scheme::Ntlm { password, .. }
            | Scheme::Negotiate { password, .. }
            | Scheme::Password { password, .. }
            | Scheme::Kerberos { password, .. } => Some(password),
            #[cfg(feature = "negotiate")]
            Scheme::Keytab { .. } => None,
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(_) => None,
        }
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.0
    }
}

#[cfg(feature = "gssapi")]
impl From<TicketCache> for Credentials {
    fn from(cache: TicketCache) -> Self {
        Self(Scheme::TicketCache(cache))
    }
}

/// Whether a login asks a key distribution centre.
#[cfg(feature = "negotiate")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RealmNeed {
    Must,
    /// If there is one.
    May,
    No,
}

/// Credentials that their login scheme cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Basic takes everything up to the first colon as the user name (RFC 7617 2).
    #[error("a user name for Basic cannot hold a colon")]
    ColonInUser,
    /// Basic has no place for control characters (RFC 7617 2), nor has a user name of Digest.
    #[error("a user name, or a password for Basic, cannot hold control characters")]
    ControlCharacter,
    /// No user name, or more than one domain in it.
    #[error("invalid user name: expected DOMAIN\\user, user@domain or user")]
    UserName,
    /// A user without a realm, and `krb5.conf` names no default.
    #[error("the user has no realm: write user@REALM, or set default_realm in krb5.conf")]
    NoRealm,
    /// The keytab has no entry of the principal, or none of a kind that is known here.
    #[error("the keytab has no key of that principal with an allowed encryption type")]
    NotInKeytab,
}
