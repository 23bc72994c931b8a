//! `NAME=VALUE` for options and context values.

use std::str::FromStr;

/// A name and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Pair {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("expected NAME=VALUE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_first_equals_sign() {
        let pair: Pair = "A=b=c".parse().unwrap();
        assert_eq!((pair.name.as_str(), pair.value.as_str()), ("A", "b=c"));
        assert!("A".parse::<Pair>().is_err() && "=b".parse::<Pair>().is_err());
    }
}
