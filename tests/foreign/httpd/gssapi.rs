//! Tests `mod_auth_gssapi`: Kerberos logins, over HTTPS because it does not open sealed messages.

use std::path::Path;
use std::process::Command;

use wsman::simulator::USER;

use super::Httpd;
use crate::authority::Authority;
use crate::programs::Program;
use crate::realm::REALM;

/// httpd that accepts one user of the realm, once for each connection. `more` is added to its
/// authentication directives; `program` is a command that knows the realm.
pub(crate) async fn httpd(
    program: impl Fn(&Path) -> Command,
    authority: &Authority,
    keytab: &Path,
    more: &str,
) -> Httpd {
    let issued = authority.server("localhost", |_| {});
    let program = || program(&Program::Httpd.path());
    let modules = ["ssl", "auth_gssapi", "rewrite"];
    let httpd = Httpd::start_by(program, "https", &modules, |folder| {
        let (chain, key) = (folder.join("chain"), folder.join("key"));
        std::fs::write(&chain, issued.chain).unwrap();
        std::fs::write(&key, issued.key).unwrap();
        // The simulator does not expect the empty messages of a login.
        format!(
            "SSLEngine on
            SSLCertificateFile {}
            SSLCertificateKeyFile {}
            <Location />
                AuthType GSSAPI
                AuthName test
                GssapiConnectionBound On
                GssapiAllowedMech krb5
                GssapiCredStore keytab:{}
                {more}
                Require user {USER}@{REALM}
            </Location>
            RewriteEngine On
            RewriteCond %{{HTTP:Content-Length}} =0
            RewriteRule ^ /nothing [PT]
            ProxyPass /nothing !\n",
            chain.display(),
            key.display(),
            keytab.display(),
        )
    });
    httpd.await
}
