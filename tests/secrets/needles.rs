//! The secrets to search for, in every form in which they may be printed.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD as BASE64, URL_SAFE_NO_PAD as URL_BASE64};

/// A secret, and a name for it that does not show it.
pub(crate) struct Secret {
    name: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Secret {
    pub(crate) fn new(name: impl Into<String>, bytes: &[u8]) -> Self {
        let name = name.into();
        assert!(bytes.len() >= 8, "{name} is too short to look for");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
        let lines: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = vec![
            ("raw", bytes.to_vec()),
            ("in lower hex", hex.clone().into_bytes()),
            ("in upper hex", hex.to_uppercase().into_bytes()),
            ("in spaced hex", lines.join(" ").into_bytes()),
            ("as a list", list.join(", ").into_bytes()),
        ];
        // Base64 of a text that holds the secret shows it in one of three ways.
        for before in 0..3 {
            forms.push((
                "in Base64",
                inside(&BASE64.encode(padded(bytes, before)), before),
            ));
            forms.push((
                "in Base64 of URLs",
                inside(&URL_BASE64.encode(padded(bytes, before)), before),
            ));
        }
        Self { name, forms }
    }

    /// A password, in plain text and as Windows writes it.
    pub(crate) fn password(text: &str) -> [Self; 2] {
        [
            Self::new("the password", text.as_bytes()),
            Self::new("the password in UTF-16", &utf16(text)),
        ]
    }

    /// Returns the form in which it was found, if it was.
    pub(crate) fn found_in(&self, text: &[u8]) -> Option<String> {
        let found = |form: &[u8]| memchr::memmem::find(text, form);
        let (form, place) = self
            .forms
            .iter()
            .find_map(|(name, form)| Some((name, found(form)?)))?;
        Some(format!("{} {form} at {place}", self.name))
    }
}

pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn padded(bytes: &[u8], before: usize) -> Vec<u8> {
    [&vec![0; before][..], bytes].concat()
}

/// Returns the characters that depend on the secret alone.
fn inside(encoded: &str, before: usize) -> Vec<u8> {
    let start = (before * 8).div_ceil(6);
    let encoded = encoded.as_bytes();
    encoded[start..encoded.len() - 1].to_vec()
}

#[test]
fn finds_every_form() {
    let secret = Secret::new("it", b"correct-horse");
    for text in [
        "correct-horse".to_owned(),
        "636f72726563742d686f727365".to_owned(),
        "636F72726563742D686F727365".to_owned(),
        "63 6f 72 72 65 63 74 2d 68 6f 72 73 65".to_owned(),
        format!("{:?}", b"correct-horse"),
        BASE64.encode("correct-horse"),
        BASE64.encode("u:correct-horse;"),
        BASE64.encode("me:correct-horse"),
        BASE64.encode("you:correct-horse"),
    ] {
        let text = format!("before {text} after");
        assert!(secret.found_in(text.as_bytes()).is_some(), "{text}");
    }
    assert_eq!(secret.found_in(b"correct-mouse"), None);
}
