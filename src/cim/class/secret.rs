//! Which properties and parameters hold a secret.
//!
//! DSP0004 and MI have no qualifier for a secret. So every sign counts that a class may give, because a
//! value that is hidden needlessly costs less than a password in a log.

use super::Qualifier;
use super::qualifier::says;
use super::shared::find;
use crate::cim::{CimType, Name};

/// Boolean qualifiers that vendors define for their secrets.
const QUALIFIERS: &[&str] = &["Secret", "Password", "Sensitive", "Encrypted"];

/// The class in which PowerShell DSC embeds a user name and a password.
const CREDENTIAL: &str = "MSFT_Credential";

/// The names of the properties and parameters of the CIM schema whose description says that they hold a
/// password or a key, such as `CIM_Account.UserPassword`.
const NAMES: &[&str] = &[
    "CurrentPasswords",
    "PACPassword",
    "Password",
    "PrivateKey",
    "ProtectedAccessCredential",
    "PSKPassPhrase",
    "Secret",
    "UserPassword",
];

/// Returns whether the name is that of a secret of the CIM schema. A number of that name is another thing,
/// such as the state of a password.
pub(super) fn is_known(name: &Name, cim_type: CimType) -> bool {
    let may_be = matches!(cim_type, CimType::String | CimType::Uint8);
    may_be && NAMES.iter().any(|known| *name == **known)
}

/// Returns whether a qualifier marks a secret.
pub(super) fn is_marked(qualifiers: &[Qualifier]) -> bool {
    let embedded = find(qualifiers, "EmbeddedInstance").and_then(|class| class.value.as_str());
    embedded.is_some_and(|class| class.eq_ignore_ascii_case(CREDENTIAL))
        || QUALIFIERS
            .iter()
            .any(|name| says(qualifiers, name) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::{ParameterDecl, PropertyDecl};

    #[test]
    fn knows_each_sign_of_a_secret() {
        let string = || PropertyDecl::new("P", CimType::String);
        let embedded = Qualifier::new("EmbeddedInstance", "msft_credential");
        for (qualifier, is_secret) in [
            (Qualifier::flag("secret"), true),
            (Qualifier::flag("PASSWORD"), true),
            (Qualifier::flag("Sensitive"), true),
            (Qualifier::flag("Encrypted"), true),
            (Qualifier::new("Read", false), true),
            (embedded.clone(), true),
            (Qualifier::new("Secret", false), false),
            (Qualifier::new("Password", "none"), false),
            (Qualifier::flag("Read"), false),
            (Qualifier::flag("Write"), false),
            (Qualifier::new("EmbeddedInstance", "Demo_Part"), false),
        ] {
            let marked = string().qualified(qualifier.clone()).secret;
            assert_eq!(marked, is_secret, "{qualifier:?}");
        }
        assert!(
            ParameterDecl::input("P", CimType::String)
                .qualified(embedded)
                .secret
        );
        let replaced = string().qualified(Qualifier::new("Read", false));
        let replaced = replaced.qualified(Qualifier::flag("Read"));
        assert!(replaced.secret && replaced.read_only, "{replaced:?}");
        assert!(!string().secret && string().secret().secret);
    }

    #[test]
    fn knows_the_names_of_the_schema() {
        for name in NAMES {
            assert!(PropertyDecl::new(*name, CimType::String).secret, "{name}");
            assert!(ParameterDecl::input(*name, CimType::Uint8).secret, "{name}");
            assert!(!PropertyDecl::new(*name, CimType::Uint16).secret, "{name}");
        }
        assert!(
            PropertyDecl::new("USERPASSWORD", CimType::String)
                .array()
                .secret
        );
        assert!(!PropertyDecl::new("PasswordRequired", CimType::String).secret);
    }
}
