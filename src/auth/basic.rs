//! Basic login: the user name and the password in one header (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::credentials::Scheme;
use super::{Credentials, CredentialsError, Secret};

/// Returns the value of the `Authorization` header; `None` if the credentials are not for Basic.
///
/// The text is in UTF-8 (RFC 7617 2.1). The value is as secret as the password.
pub(crate) fn authorization(credentials: &Credentials) -> Result<Option<Secret>, CredentialsError> {
    let Scheme::Basic { user, password } = credentials.scheme() else {
        return Ok(None);
    };
    header(user, password).map(Some)
}

/// Returns the header value for a user name and a password.
pub(super) fn header(user: &str, password: &Secret) -> Result<Secret, CredentialsError> {
    let password = password.expose();
    if user.contains(':') {
        return Err(CredentialsError::ColonInUser);
    }
    if user.chars().chain(password.chars()).any(char::is_control) {
        return Err(CredentialsError::ControlCharacter);
    }
    let pair = Zeroizing::new([user, ":", password].concat());
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Ok(Secret::from(["Basic ", encoded.as_str()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(user: &str, password: &str) -> Result<Option<String>, CredentialsError> {
        let value = authorization(&Credentials::basic(user, password))?;
        Ok(value.map(|value| value.expose().to_owned()))
    }

    #[test]
    fn the_examples_of_the_rfc() {
        let expected = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        assert_eq!(basic("Aladdin", "open sesame").unwrap().unwrap(), expected);
        assert_eq!(
            basic("test", "123\u{a3}").unwrap().unwrap(),
            "Basic dGVzdDoxMjPCow=="
        );
    }

    #[test]
    fn a_password_may_hold_a_colon_and_a_user_name_may_not() {
        assert_eq!(basic("a", "b:c").unwrap().unwrap(), "Basic YTpiOmM=");
        assert_eq!(basic("a:b", "c"), Err(CredentialsError::ColonInUser));
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(basic("a\r\nX: y", "c"), Err(CredentialsError::ColonInUser));
        assert_eq!(basic("a\r\n", "c"), Err(CredentialsError::ControlCharacter));
        assert_eq!(basic("a", "c\0"), Err(CredentialsError::ControlCharacter));
    }

    #[test]
    fn sends_no_header_without_credentials() {
        assert!(authorization(&Credentials::none()).unwrap().is_none());
    }

    #[test]
    fn debug_shows_the_user_and_not_the_password() {
        let shown = format!("{:?}", Credentials::basic("ops", "hunter2"));
        assert!(shown.contains("ops"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
