//! A request, and the secrets in it.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::record::text::replace;
use crate::transport::WholeRequest;

/// A secret of this length is removed from a message wherever it stands; a shorter one, such as `1`, only
/// where it is the whole text of an element.
const UNMISTAKABLE: usize = 6;

/// Replaces a secret.
const HIDDEN: &[u8] = b"***";

/// A request that is to be recorded.
pub(super) struct Request {
    body: Bytes,
    secrets: Vec<Range<usize>>,
}

impl Request {
    pub(super) fn of(message: &WholeRequest) -> Self {
        Self {
            body: message.body.clone(),
            secrets: message.secrets.clone(),
        }
    }

    /// Returns the request without its secrets.
    pub(super) fn without_secrets(&self) -> Vec<u8> {
        let mut clean = Vec::with_capacity(self.body.len());
        let mut copied = 0;
        for secret in &self.secrets {
            clean.extend_from_slice(self.body.get(copied..secret.start).unwrap_or_default());
            clean.extend_from_slice(HIDDEN);
            copied = secret.end;
        }
        clean.extend_from_slice(self.body.get(copied..).unwrap_or_default());
        clean
    }
}

/// The secrets of the requests so far, which a server may repeat in any answer.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Vec<Zeroizing<Vec<u8>>>>);

/// The limit of secrets that are kept.
const KEPT: usize = 1000;

impl Seen {
    /// Keeps the secrets of a request.
    pub(super) fn add(&self, request: &Request) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in &request.secrets {
            let text = request.body.get(secret.clone()).unwrap_or_default();
            if !text.is_empty() && seen.len() < KEPT && !seen.iter().any(|known| **known == text) {
                seen.push(Zeroizing::new(text.to_vec()));
            }
        }
    }

    /// Returns a message without these secrets.
    pub(super) fn hide(&self, message: &[u8]) -> Vec<u8> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut clean = message.to_owned();
        for text in seen.iter() {
            clean = replace(&clean, text, HIDDEN, |before, behind| {
                text.len() >= UNMISTAKABLE || (before.ends_with(b">") && behind.starts_with(b"<"))
            });
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str, secrets: &[&str]) -> Request {
        let place = |secret: &&str| {
            let start = body.find(secret).unwrap();
            start..start + secret.len()
        };
        Request {
            body: Bytes::copy_from_slice(body.as_bytes()),
            secrets: secrets.iter().map(place).collect(),
        }
    }

    #[test]
    fn removes_the_secrets_and_keeps_the_rest() {
        let request = request("<a>hunter2</a><b>7</b><c>x7</c>", &["hunter2", "7</b>"]);
        assert_eq!(request.without_secrets(), b"<a>***</a><b>***<c>x7</c>");
    }

    #[test]
    fn removes_a_short_secret_only_where_it_is_the_whole_text() {
        let seen = Seen::default();
        seen.add(&request("<a>hunter2</a>", &["hunter2"]));
        seen.add(&request("<a>71</a>", &["71"]));
        assert_eq!(seen.hide(b"<t>not hunter2!</t>"), b"<t>not ***!</t>");
        assert_eq!(
            seen.hide(b"<t>71</t><u id=\"71\">171</u>"),
            b"<t>***</t><u id=\"71\">171</u>"
        );
    }

    #[test]
    fn keeps_a_limited_number_of_secrets_and_each_once() {
        let seen = Seen::default();
        for number in 0..KEPT + 9 {
            let text = format!("secret-{number}");
            seen.add(&request(&text, &[&text]));
            seen.add(&request(&text, &[&text]));
        }
        assert_eq!(seen.0.lock().unwrap().len(), KEPT);
    }
}
