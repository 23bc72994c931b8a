//! The patterns of `LIKE`.

/// A pattern: `%` matches any text, `_` one character, `[a-f]` one of these, `[^a-f]` any other.
/// Letters match without case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    /// Matches as sfcb does: with case, and never an empty text.
    is_exact: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    AnyText,
    AnyCharacter,
    One(char),
    Set {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Pattern {
    /// Parses a pattern. An unclosed bracket is literal.
    pub(super) fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            pieces.push(match c {
                '%' => Piece::AnyText,
                '_' => Piece::AnyCharacter,
                '[' => match rest.as_str().split_once(']') {
                    Some((set, after)) => {
                        rest = after.chars();
                        Piece::set(set)
                    }
                    None => Piece::One('['),
                },
                c => Piece::One(folded(c)),
            });
        }
        Self {
            pieces,
            is_exact: false,
        }
    }

    /// Parses a pattern as sfcb does: a `%` at the start or the end matches any text, all else is
    /// literal.
    pub(super) fn parse_ends(text: &str) -> Self {
        let after = text.strip_prefix('%');
        let middle = after.unwrap_or(text);
        let before = middle.strip_suffix('%');
        let any = |there: Option<&str>| there.map(|_| Piece::AnyText);
        let literal = before.unwrap_or(middle).chars().map(Piece::One);
        Self {
            pieces: any(after)
                .into_iter()
                .chain(literal)
                .chain(any(before))
                .collect(),
            is_exact: true,
        }
    }

    /// Whether a text matches. Only the last `%` backtracks, so the time is bounded by the product
    /// of both lengths.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = match self.is_exact {
            true if text.is_empty() => return false,
            true => text.chars().collect(),
            false => text.chars().map(folded).collect(),
        };
        let (mut piece, mut at) = (0, 0);
        let mut retry = None;
        loop {
            match (self.pieces.get(piece), text.get(at)) {
                (None, None) => return true,
                (Some(Piece::AnyText), _) => {
                    piece += 1;
                    retry = Some((piece, at));
                    continue;
                }
                (Some(one), Some(c)) if one.takes(*c) => {
                    piece += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            match retry {
                Some((after, from)) if from < text.len() => {
                    (piece, at) = (after, from + 1);
                    retry = Some((after, from + 1));
                }
                _ => return false,
            }
        }
    }
}

impl Piece {
    /// Parses the content of brackets; a range is `a-f` or, as WMI also accepts, `a=f`.
    fn set(text: &str) -> Self {
        let (text, negated) = match text.strip_prefix('^') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let characters: Vec<char> = text.chars().map(folded).collect();
        let mut ranges = Vec::new();
        let mut rest = characters.as_slice();
        while let Some((first, after)) = rest.split_first() {
            rest = match after {
                ['-' | '=', last, after @ ..] => {
                    ranges.push((*first, *last));
                    after
                }
                after => {
                    ranges.push((*first, *first));
                    after
                }
            };
        }
        Piece::Set { ranges, negated }
    }

    fn takes(&self, c: char) -> bool {
        match self {
            Piece::AnyText => false,
            Piece::AnyCharacter => true,
            Piece::One(one) => *one == c,
            Piece::Set { ranges, negated } => {
                ranges
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&c))
                    != *negated
            }
        }
    }
}

/// Folds the case of a character, if the result is one character.
fn folded(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}
