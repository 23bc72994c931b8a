//! Runs the checks with Kerberos tickets, alone and as the choice of Negotiate.

use libtest_mimic::{Failed, Trial};
use wsman::Credentials;
use wsman::auth::ServicePrincipal;
use wsman::simulator::{Dialect, KerberosScheme, LoginScheme, PASSWORD, Realm, USER, sample};

use crate::target::Target;
use crate::{CheckFn, OF_ANY_SERVER, OF_THE_SAMPLE, block_on, settings, while_ticking};

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for &(name, check) in OF_ANY_SERVER.iter().chain(OF_THE_SAMPLE) {
        // openwsman closes each connection after one response, which ends the login.
        for dialect in [Dialect::Windows, Dialect::Omi] {
            let driver = format!("{dialect:?}_kerberos").to_lowercase();
            let test = move || run(dialect, kerberos(), name, check);
            trials.push(Trial::test(format!("{driver}::{name}"), test));
        }
    }
    for &(name, check) in OF_ANY_SERVER {
        let test = move || run(Dialect::Windows, negotiate(), name, check);
        let name = format!("windows_negotiate_kerberos::{name}");
        trials.push(Trial::test(name, test));
    }
    trials
}

fn user() -> String {
    format!("{USER}@{REALM}")
}

fn kerberos() -> Credentials {
    Credentials::kerberos(user(), PASSWORD)
}

fn negotiate() -> Credentials {
    Credentials::negotiate(user(), PASSWORD)
}

fn run(
    dialect: Dialect,
    credentials: Credentials,
    name: &str,
    check: CheckFn,
) -> Result<(), Failed> {
    block_on(async {
        let realm = Realm::new(REALM).user(USER, PASSWORD).service(SERVICE);
        let kdc = realm.start().await?;
        let scheme = KerberosScheme::new(&format!("{SERVICE}@{REALM}"), &kdc.keytab())?;
        let scheme = match dialect {
            Dialect::Omi => scheme.untabbed(),
            _ => scheme,
        };
        let simulator = sample()
            .dialect(dialect)
            .logins([LoginScheme::Kerberos(scheme)]);
        let simulator = simulator.start().await?;
        let session = settings(&simulator)
            .credentials(credentials)
            .kdc(kdc.address())
            .service_principal(ServicePrincipal::new().host("localhost"))
            .build()?;
        let target = Target::of_sample(dialect.wire_form(), name);
        let outcome = while_ticking(&simulator, check(&session, &target)).await;
        outcome.map_err(|unable| Failed::from(unable.0))
    })
}
