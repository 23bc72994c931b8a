//! Removes secrets and addresses from recordings.

use url::{Host, Url};
use zeroize::Zeroizing;

use super::text::replace;
use crate::auth::Secret;

/// Replaces the server's name and address.
const HOST: &str = "host.example";

/// The texts to remove.
#[derive(Clone, Debug, Default)]
pub(super) struct Scrub {
    texts: Vec<Secret>,
}

impl Scrub {
    pub(super) fn add(&mut self, text: Secret) {
        self.texts.push(text);
    }

    /// Removes the registered texts, the server's address and its machine name from a message.
    pub(super) fn message(&self, message: &[u8], endpoint: Option<&Url>) -> Vec<u8> {
        // The secrets first, since an address may be part of one.
        let mut clean = message.to_owned();
        for form in self.forms() {
            clean = replace(&clean, form.as_bytes(), b"***", |_, _| true);
        }
        clean = hide_machine(&clean);
        match endpoint.and_then(Url::host) {
            Some(host) => hide_host(&clean, &host),
            None => clean,
        }
    }

    /// Does the same for a text.
    pub(super) fn text(&self, text: &str, endpoint: Option<&Url>) -> String {
        String::from_utf8_lossy(&self.message(text.as_bytes(), endpoint)).into_owned()
    }

    /// Returns the forms of each text in a message, the longest first: one may be part of another.
    fn forms(&self) -> Vec<Zeroizing<String>> {
        let mut forms: Vec<_> = self
            .texts
            .iter()
            .flat_map(|text| forms(text.expose()))
            .collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms
    }
}

/// Returns a text as it is, as XML text and as an XML attribute.
fn forms(text: &str) -> [Zeroizing<String>; 3] {
    let content = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let attribute = content.replace('"', "&quot;").replace('\'', "&apos;");
    [text.to_owned(), content, attribute].map(Zeroizing::new)
}

/// Replaces a name with several labels, or an address, wherever it stands alone; replaces a bare
/// name only in a URL, since it may also be a word of the message.
fn hide_host(message: &[u8], host: &Host<&str>) -> Vec<u8> {
    let bare = matches!(host, Host::Domain(name) if !name.contains('.'));
    let host = host.to_string();
    replace(
        message,
        host.as_bytes(),
        HOST.as_bytes(),
        |before, behind| {
            let alone =
                !before.last().is_some_and(is_of_name) && !behind.first().is_some_and(is_of_name);
            alone && (!bare || before.ends_with(b"//"))
        },
    )
}

fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_'
}

/// Replaces the machine name of a WS-Man fault (MS-WSMV 2.2.4.43: `Machine="…"`).
fn hide_machine(message: &[u8]) -> Vec<u8> {
    const START: &[u8] = b" Machine=\"";
    let mut result = Vec::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.windows(START.len()).position(|window| window == START) {
        let (before, after) = rest.split_at(at + START.len());
        result.extend_from_slice(before);
        let name = after.iter().position(|byte| *byte == b'"').unwrap_or(0);
        if name > 0 {
            result.extend_from_slice(HOST.as_bytes());
        }
        rest = after.get(name..).unwrap_or_default();
    }
    result.extend_from_slice(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(texts: &[&str], url: &str, message: &str) -> String {
        let mut scrub = Scrub::default();
        texts.iter().for_each(|text| scrub.add(Secret::from(*text)));
        scrub.text(message, Url::parse(url).ok().as_ref())
    }

    #[test]
    fn removes_the_host_and_keeps_the_port() {
        let hide = |message| clean(&[], "http://Srv.Corp.Local:5985/wsman", message);
        assert_eq!(
            hide("http://srv.corp.local:5985/x"),
            "http://host.example:5985/x"
        );
        assert_eq!(
            hide("SRV.CORP.LOCAL is my-srv.corp.local"),
            "host.example is my-srv.corp.local"
        );
        let hide = |message| clean(&[], "http://10.0.0.5/wsman", message);
        assert_eq!(
            hide("10.0.0.5 110.0.0.5 10.0.0.51"),
            "host.example 110.0.0.5 10.0.0.51"
        );
    }

    #[test]
    fn removes_a_bare_name_only_from_urls() {
        let hidden = clean(
            &[],
            "http://omi/wsman",
            "<omi:A>OMI:MI_Result:6 http://omi/wsman",
        );
        assert_eq!(hidden, "<omi:A>OMI:MI_Result:6 http://host.example/wsman");
    }

    #[test]
    fn removes_the_machine_name_of_a_fault() {
        let fault = r#"<f:WSManFault Code="5" Machine="SRV01"><f:X Machine=""/> Machine="cut"#;
        let hidden = clean(&[], "", fault);
        assert_eq!(hidden, fault.replace("SRV01", "host.example"));
    }

    #[test]
    fn removes_secrets_in_each_form() {
        let hidden = clean(
            &["pa<ss", "pa<ss word", ""],
            "",
            "pa&lt;ss word, pa<ss, Pa&lt;ss",
        );
        assert_eq!(hidden, "***, ***, ***");
    }
}
