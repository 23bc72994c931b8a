//! The challenges in a server's `WWW-Authenticate` header (RFC 9110 11.6.1).

use super::limits::LoginLimits;

/// One challenge: a scheme with a token or with parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    scheme: String,
    /// The token, such as Negotiate's (`token68` of RFC 9110 11.2).
    #[cfg_attr(not(feature = "negotiate"), allow(dead_code))]
    token: Option<String>,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Parses the challenges within the default limits: to name the schemes that a server offers.
    pub(crate) fn read_all<'a>(headers: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        Self::read_within(headers, &LoginLimits::DEFAULT)
    }

    /// Parses the challenges of all headers, in order. One header may hold several; invalid parts
    /// are skipped, and so is a header that is longer than the limit, and what exceeds the limit of
    /// challenges.
    pub(crate) fn read_within<'a>(
        headers: impl IntoIterator<Item = &'a str>,
        limits: &LoginLimits,
    ) -> Vec<Self> {
        let mut found = Vec::new();
        let fits = |header: &&str| header.len() <= limits.header_bytes;
        for header in headers.into_iter().filter(fits) {
            let mut of_header = Scanner(header).challenges(limits.challenges);
            found.append(&mut of_header);
            found.truncate(limits.challenges);
        }
        found
    }

    /// The scheme as the server spells it.
    pub(crate) fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The token in Base64, if the server sent one.
    #[cfg(feature = "negotiate")]
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Whether this is the named scheme, in any case.
    pub(crate) fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// Returns the value of a parameter, without quotes and escapes.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let (_, value) = parameters.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// The part of a header that is not parsed yet.
#[derive(Clone)]
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    /// Takes the challenges, and at most as many parameters of each.
    fn challenges(mut self, most: usize) -> Vec<Challenge> {
        let mut found: Vec<Challenge> = Vec::new();
        loop {
            self.take(|c| is_space(c) || c == ',');
            let word = self.take(is_token);
            if word.is_empty() {
                if self.0.is_empty() {
                    return found;
                }
                self.take(|c| c != ',');
                continue;
            }
            // A name with a value is a parameter of the current scheme; a name alone starts the
            // next challenge.
            let is_full = found.len() >= most;
            match (self.value(), found.last_mut()) {
                (Some(value), Some(last)) if last.parameters.len() < most => {
                    last.parameters.push((word.to_owned(), value));
                }
                (Some(_), _) => {}
                (None, _) if is_full => return found,
                (None, _) => {
                    found.push(Challenge {
                        scheme: word.to_owned(),
                        token: self.token68().map(str::to_owned),
                        parameters: Vec::new(),
                    });
                }
            }
        }
    }

    /// Takes an equals sign and the value after it, if an equals sign comes next.
    fn value(&mut self) -> Option<String> {
        let mut ahead = self.clone();
        ahead.take(is_space);
        ahead.0 = ahead.0.strip_prefix('=')?;
        ahead.take(is_space);
        let value = match ahead.0.strip_prefix('"') {
            Some(rest) => {
                ahead.0 = rest;
                ahead.quoted()
            }
            None => ahead.take(|c| !is_space(c) && c != ',').to_owned(),
        };
        *self = ahead;
        Some(value)
    }

    /// Takes the text up to the closing quote, or up to the end if the quote is missing.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        let mut rest = self.0.chars();
        while let Some(c) = rest.next() {
            match c {
                '"' => break,
                '\\' => text.extend(rest.next()),
                _ => text.push(c),
            }
        }
        self.0 = rest.as_str();
        text
    }

    /// Takes a token such as Negotiate's, which ends at a comma or at the end of the header.
    fn token68(&mut self) -> Option<&'a str> {
        let mut ahead = self.clone();
        ahead.take(is_space);
        let from_token = ahead.0;
        ahead.take(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c));
        ahead.take(|c| c == '=');
        let (token, _) = from_token.split_at_checked(from_token.len() - ahead.0.len())?;
        ahead.take(is_space);
        if !ahead.0.is_empty() && !ahead.0.starts_with(',') {
            return None;
        }
        *self = ahead;
        Some(token).filter(|token| !token.is_empty())
    }

    /// Takes characters while they match.
    fn take(&mut self, is_wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !is_wanted(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// Whether a token may hold this character (RFC 9110 5.6.2).
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::auth::damage::{Edit, Specimen};

    const MOST: usize = LoginLimits::DEFAULT.challenges;

    fn shown(headers: &[&str]) -> Vec<String> {
        let one = |challenge: &Challenge| {
            let parameters = challenge.parameters.iter();
            let parameters: Vec<_> = parameters.map(|(n, v)| format!("{n}={v}")).collect();
            let token = challenge.token.as_deref().unwrap_or_default();
            format!("{}({token}{})", challenge.scheme, parameters.join(";"))
        };
        let read = Challenge::read_all(headers.iter().copied());
        read.iter().map(one).collect()
    }

    #[test]
    fn several_offers_in_one_header_and_in_several() {
        let one =
            r#"Negotiate, Basic realm="WSMAN", Digest realm="a, b",qop="auth,auth-int" , nonce=x"#;
        let several = [
            "Negotiate",
            "Basic realm=\"WSMAN\"",
            r#"Digest realm="a, b", qop="auth,auth-int", nonce = "x""#,
        ];
        let expected = [
            "Negotiate()",
            "Basic(realm=WSMAN)",
            "Digest(realm=a, b;qop=auth,auth-int;nonce=x)",
        ];
        assert_eq!(shown(&[one]), expected);
        assert_eq!(shown(&several), expected);
    }

    #[test]
    fn a_token_stands_among_other_offers() {
        assert_eq!(
            shown(&["Negotiate oRQwEqADCgEA==, Kerberos YII/+~, NTLM", "X a=b"]),
            [
                "Negotiate(oRQwEqADCgEA==)",
                "Kerberos(YII/+~)",
                "NTLM()",
                "X(a=b)"
            ]
        );
        assert_eq!(
            shown(&["Basic realm=\"a, b\",negotiate  oRQ= ,Digest realm=x"]),
            ["Basic(realm=a, b)", "negotiate(oRQ=)", "Digest(realm=x)"]
        );
    }

    #[test]
    fn a_header_that_is_too_long_is_ignored() {
        for longest in [LoginLimits::DEFAULT.header_bytes, 100, 100_000] {
            let limits = LoginLimits {
                header_bytes: longest,
                ..LoginLimits::DEFAULT
            };
            let fits = ["Negotiate ", &"A".repeat(longest - 10)].concat();
            let long = [fits.as_str(), "A"].concat();
            let read = Challenge::read_within([long.as_str(), fits.as_str()], &limits);
            let [challenge] = read.as_slice() else {
                panic!("{}", read.len());
            };
            assert_eq!(challenge.token.as_ref().unwrap().len(), longest - 10);
        }
    }

    #[test]
    fn escapes_quotes_and_names_in_any_case() {
        let read = Challenge::read_all([r#"dIgEsT REALM="a\"b\\c", Nonce="\"#]);
        let [challenge] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert!(challenge.is("Digest") && !challenge.is("Basic"));
        assert_eq!(challenge.parameter("realm"), Some("a\"b\\c"));
        assert_eq!(challenge.parameter("nonce"), Some(""));
        assert_eq!(challenge.parameter("opaque"), None);
    }

    #[test]
    fn skips_invalid_challenges() {
        assert_eq!(shown(&["", " , ,", "=\"x\", (y) z"]), Vec::<String>::new());
        assert_eq!(
            shown(&["(a) b, Basic realm=x y"]),
            ["Basic(realm=x)", "y()"]
        );
        // The comma between the parameters is missing.
        assert_eq!(
            shown(&["Digest realm=\"a\" nonce=b="]),
            ["Digest(realm=a;nonce=b=)"]
        );
    }

    #[test]
    fn limits_the_number_of_challenges() {
        let schemes = "a,".repeat(10_000);
        let parameters = ["Digest ".to_owned(), "a=b,".repeat(10_000)].concat();
        for most in [MOST, 1, 5_000] {
            let limits = LoginLimits {
                challenges: most,
                header_bytes: 1 << 20,
                ..LoginLimits::DEFAULT
            };
            let read = Challenge::read_within([schemes.as_str(), "b"], &limits);
            assert_eq!(read.len(), most);
            let read = Challenge::read_within([parameters.as_str()], &limits);
            assert_eq!(read.first().unwrap().parameters.len(), most);
        }
    }

    /// Draws an offer as a server writes it, and as it is read.
    fn offer() -> impl Strategy<Value = (String, String)> {
        let scheme = prop_oneof![
            Just("Negotiate".to_owned()),
            Just("nEGOTIATE".to_owned()),
            "[A-Z][A-Za-z!#$%&'*+.^_|~-]{0,9}",
        ];
        let token = "[A-Za-z0-9._~+/-]{1,40}={0,2}";
        let parameter = ("[a-z]{1,5}", "[a-z0-9]{1,8}", "[ -!#-Z^-~]{0,12}");
        let parameters = proptest::collection::vec((parameter, any::<bool>()), 1..4);
        (
            scheme,
            prop_oneof![
                Just((String::new(), String::new())),
                token.prop_map(|token| (format!(" {token}"), token)),
                parameters.prop_map(|all| {
                    let all = all.into_iter().map(|((name, word, text), is_quoted)| {
                        if is_quoted {
                            (format!("{name}=\"{text}\""), format!("{name}={text}"))
                        } else {
                            (format!("{name}={word}"), format!("{name}={word}"))
                        }
                    });
                    let (written, read): (Vec<_>, Vec<_>) = all.unzip();
                    (format!(" {}", written.join(", ")), read.join(";"))
                }),
            ],
        )
            .prop_map(|(scheme, (written, read))| {
                (format!("{scheme}{written}"), format!("{scheme}({read})"))
            })
    }

    /// Nothing protects a header. Damaged in any way, it hides no other header, and its own challenges
    /// before the damage stay.
    #[test]
    fn a_damaged_header_hides_no_other_one() {
        let header = "Negotiate oRQwEqADCgEA==, Digest realm=\"a, b\", nonce=\"x\", Basic realm=c";
        let specimen = Specimen::new("WWW-Authenticate", header.as_bytes(), &[]).exhaustively();
        specimen.read_all(|edit| {
            let damaged = edit.apply(header.as_bytes());
            let damaged = String::from_utf8_lossy(&damaged);
            let read = shown(&["NTLM", &damaged, "Kerberos YII="]);
            assert_eq!(read.first().unwrap(), "NTLM()", "{damaged}");
            assert_eq!(read.last().unwrap(), "Kerberos(YII=)", "{damaged}");
            let is_behind = matches!(edit, Edit::Flip(at, _) | Edit::Cut(at) if at > 25);
            if is_behind {
                assert!(read[1].starts_with("Negotiate(oRQwEqADCgEA=="), "{damaged}");
            }
        });
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(header in r#"[ -~\t,"=\\é]{0,200}"#) {
            prop_assert!(Challenge::read_all([header.as_str()]).len() <= MOST);
        }

        /// However offers are spread over headers, and whatever separates them.
        #[test]
        fn any_combination_of_offers_comes_back(
            offers in proptest::collection::vec(offer(), 1..12),
            joins in proptest::collection::vec(0_usize..4, 12),
        ) {
            let mut headers = vec![String::new()];
            for ((written, _), join) in offers.iter().zip(&joins) {
                let last = headers.last_mut().unwrap();
                match (last.is_empty(), join) {
                    (true, _) => last.push_str(written),
                    (_, 0) => headers.push(written.clone()),
                    (_, join) => {
                        last.push_str([",", ", ", " ,\t, "][join - 1]);
                        last.push_str(written);
                    }
                }
            }
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let expected: Vec<String> = offers.into_iter().map(|(_, read)| read).collect();
            prop_assert_eq!(shown(&headers), expected, "{:?}", headers);
        }

        #[test]
        fn a_quoted_value_comes_back(value in r#"[ -~é]{0,40}"#) {
            let escaped = value.replace('\\', r"\\").replace('"', "\\\"");
            let header = format!("Digest a=b, realm=\"{escaped}\", c=d");
            let read = Challenge::read_all([header.as_str()]);
            prop_assert_eq!(read.first().unwrap().parameter("realm"), Some(value.as_str()));
            prop_assert_eq!(read.first().unwrap().parameter("c"), Some("d"));
        }
    }
}
