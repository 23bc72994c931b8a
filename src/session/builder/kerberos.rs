//! What Kerberos needs to know.

use std::path::PathBuf;

use super::SessionBuilder;
use crate::auth::{KerberosEtype, ServicePrincipal};

impl SessionBuilder {
    /// A key distribution centre of the user's realm, as `host:port` or `host`, for
    /// [`Credentials::kerberos`]; more than one are asked in their order. Without one, `krb5.conf` says
    /// where they are, and if it does not, the realm's name is taken for that of a host, as those of
    /// Windows domains are.
    pub fn kdc(mut self, address: impl Into<String>) -> Self {
        self.http = self.http.kdc(address);
        self
    }

    /// Where `krb5.conf` is, instead of where `KRB5_CONFIG` says or in its usual place. It is read by
    /// [`build`](Self::build), and only for Kerberos.
    pub fn krb5_conf(mut self, path: impl Into<PathBuf>) -> Self {
        self.http = self.http.krb5_conf(path);
        self
    }

    /// The name that the server has in its realm, if it is not `HTTP` and the host of the URL.
    pub fn service_principal(mut self, service: ServicePrincipal) -> Self {
        self.http = self.http.service_principal(service);
        self
    }

    /// Sets the encryption types of Kerberos that a login may use, best first. Defaults to
    /// [`KerberosEtype::DEFAULT`]: RC4 (RFC 4757) is weak, and used only if it is named here.
    ///
    /// ```
    /// use wsman::auth::KerberosEtype;
    /// use wsman::{Credentials, Session};
    ///
    /// let etypes = KerberosEtype::DEFAULT.into_iter().chain([KerberosEtype::Rc4Hmac]);
    /// let session = Session::builder("http://old.example:5985/wsman".parse()?)
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
