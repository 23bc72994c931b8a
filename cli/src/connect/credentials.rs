//! The credentials that the options name.

use std::path::Path;

use wsman::Credentials;
use wsman::auth::{Keytab, ServicePrincipal};

use super::{password, read_file};
use crate::args::{LoginArgs, Scheme, TransportArgs};
use crate::failure::Failure;

/// Returns the credentials. Without a user, a keytab or a certificate there is no login.
pub(crate) fn credentials(
    login: &LoginArgs,
    transport: &TransportArgs,
) -> Result<Credentials, Failure> {
    match scheme(login, transport)? {
        Scheme::None => Ok(Credentials::none()),
        Scheme::Certificate if transport.cert.is_some() => Ok(Credentials::certificate()),
        Scheme::Certificate => Err(Failure::Usage(
            "--auth certificate requires --cert and --cert-key".into(),
        )),
        Scheme::Tickets => tickets(login),
        Scheme::Credssp => Err(Failure::Usage(
            "--auth credssp is not supported yet; use negotiate".into(),
        )),
        scheme => match &login.keytab {
            Some(path) => of_keytab(login, path, scheme),
            None => of_password(login, scheme),
        },
    }
}

/// Returns whether the caller chose a login.
pub(crate) fn is_chosen(login: &LoginArgs, transport: &TransportArgs) -> bool {
    !login.auth.is_empty()
        || login.user.is_some()
        || login.keytab.is_some()
        || transport.cert.is_some()
}

fn scheme(login: &LoginArgs, transport: &TransportArgs) -> Result<Scheme, Failure> {
    match login.auth.as_slice() {
        [one] => Ok(*one),
        [] if login.user.is_some() || login.keytab.is_some() => Ok(Scheme::Negotiate),
        [] if transport.cert.is_some() => Ok(Scheme::Certificate),
        [] => Ok(Scheme::None),
        _ => Err(Failure::Usage("--auth takes one scheme here".into())),
    }
}

fn of_password(login: &LoginArgs, scheme: Scheme) -> Result<Credentials, Failure> {
    let Some(user) = &login.user else {
        return Err(Failure::Usage(
            "the login requires --user, or --auth none".into(),
        ));
    };
    let password = password::read(login, user)?;
    let password = password.as_str();
    Ok(match scheme {
        Scheme::Kerberos => Credentials::kerberos(user, password),
        Scheme::Ntlm => Credentials::ntlm(user, password),
        Scheme::Digest => Credentials::digest(user, password),
        Scheme::Basic => Credentials::basic(user, password),
        _ => Credentials::negotiate(user, password),
    })
}

fn of_keytab(login: &LoginArgs, path: &Path, scheme: Scheme) -> Result<Credentials, Failure> {
    if !matches!(scheme, Scheme::Negotiate | Scheme::Kerberos) {
        return Err(Failure::Usage(
            "--keytab requires --auth kerberos or negotiate".into(),
        ));
    }
    let bytes = read_file("--keytab", path)?;
    let keytab = Keytab::read(&bytes).map_err(|error| Failure::usage("--keytab", &error))?;
    let first = || keytab.principals().into_iter().next();
    let principal = login.user.clone().or_else(first).ok_or_else(|| {
        Failure::Usage("--keytab has no keys: name another file or --user".into())
    })?;
    Ok(Credentials::keytab(principal, keytab))
}

#[cfg(feature = "gssapi")]
fn tickets(login: &LoginArgs) -> Result<Credentials, Failure> {
    let cache = Credentials::ticket_cache();
    Ok(match &login.user {
        Some(user) => cache.principal(user).into(),
        None => cache.into(),
    })
}

#[cfg(not(feature = "gssapi"))]
fn tickets(_: &LoginArgs) -> Result<Credentials, Failure> {
    Err(Failure::Usage(
        "--auth tickets is not built in: build wsman-cli with the feature gssapi, or use --keytab"
            .into(),
    ))
}

/// Reads the name of a service: `CLASS/HOST`, or the host alone.
pub(crate) fn service_principal(name: &str) -> ServicePrincipal {
    let service = ServicePrincipal::new();
    match name.split_once('/') {
        Some((class, host)) => service.class(class).host(host),
        None => service.host(name),
    }
}
