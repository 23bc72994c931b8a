//! The Kerberos settings of a session.

use std::path::PathBuf;

use super::SessionBuilder;
use crate::auth::{KerberosEtype, ServicePrincipal};

impl SessionBuilder {
    /// Adds a key distribution centre of the user's realm, as `host:port` or `host`, for
    /// [`Credentials::kerberos`](crate::Credentials::kerberos). Several are asked in order: the next one
    /// a second after the last, beside it, or at once if that one failed. The session remembers the one
    /// that answered.
    ///
    /// Defaults to the KDCs in `krb5.conf`. If it names none, the name of the realm is used as a host
    /// name, as in Windows domains. With the feature `dns-srv` the DNS is asked before that, unless
    /// `dns_lookup_kdc` of `krb5.conf` is false. A request that fits one packet (`udp_preference_limit` of `krb5.conf`)
    /// goes over UDP first, and over TCP a second later.
    ///
    /// The time limit of a request is the connect timeout, and at most half of the time that the operation
    /// has left.
    pub fn kdc(mut self, address: impl Into<String>) -> Self {
        self.http = self.http.kdc(address);
        self
    }

    /// Sets the path of `krb5.conf`. Defaults to `KRB5_CONFIG`, else to the usual place of the system.
    /// [`build`](Self::build) reads the file, and only for Kerberos. It reads what MIT Kerberos reads, and
    /// fails for a file that MIT Kerberos refuses: `default_realm`, `dns_lookup_kdc`, `udp_preference_limit`,
    /// `permitted_enctypes`, `kdc` and `primary_kdc` of the realms, and `[domain_realm]`.
    pub fn krb5_conf(mut self, path: impl Into<PathBuf>) -> Self {
        self.http = self.http.krb5_conf(path);
        self
    }

    /// Sets the service principal name of the server. Defaults to `HTTP` and the host of the URL.
    pub fn service_principal(mut self, service: ServicePrincipal) -> Self {
        self.http = self.http.service_principal(service);
        self
    }

    /// Sets the encryption types of Kerberos that a login may use, best first. Defaults to
    /// [`KerberosEtype::DEFAULT`], in the order and within the limits of `permitted_enctypes` in
    /// `krb5.conf`. RC4 (RFC 4757) is weak, and used only if it is listed here.
    ///
    /// ```
    /// use wsman::auth::KerberosEtype;
    /// use wsman::{Credentials, Session};
    ///
    /// let etypes = KerberosEtype::DEFAULT.into_iter().chain([KerberosEtype::Rc4Hmac]);
    /// let session = Session::builder("http://old.example:5985/wsman")
    ///     .credentials(Credentials::kerberos("ops@EXAMPLE.TEST", "hunter2"))
    ///     .kerberos_etypes(etypes)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kerberos_etypes(mut self, etypes: impl IntoIterator<Item = KerberosEtype>) -> Self {
        self.http = self.http.kerberos_etypes(etypes);
        self
    }
}
