//! Reads DER.

#[cfg(feature = "negotiate")]
use super::{INTEGER, context};

/// A sequence of elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Der<'a>(pub(crate) &'a [u8]);

/// One element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// The whole element, with tag and length.
    pub(crate) whole: &'a [u8],
}

impl<'a> Der<'a> {
    pub(crate) fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        // Tags of several bytes are not supported: no format here has them.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (length, rest) = length(rest)?;
        let (content, after) = rest.split_at_checked(length)?;
        let (whole, _) = self.0.split_at_checked(self.0.len() - after.len())?;
        self.0 = after;
        Some(Element {
            tag,
            content,
            whole,
        })
    }

    /// Takes the next element if it has this tag.
    pub(crate) fn next_of(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// Returns the content of the next element if it has this tag.
    pub(crate) fn inside(&mut self, tag: u8) -> Option<Self> {
        Some(Self(self.next_of(tag)?.content))
    }
}

#[cfg(feature = "negotiate")]
impl<'a> Der<'a> {
    /// Returns the content of `[number]` if it is present: one element. Fields come in ascending
    /// order, so lower ones are skipped.
    ///
    /// A malformed field counts as present and empty, so that no reader takes it for an absent one.
    pub(crate) fn field(&mut self, number: u8) -> Option<Self> {
        const MALFORMED: Der<'_> = Der(&[]);
        loop {
            if self.0.is_empty() {
                return None;
            }
            let mut ahead = *self;
            let element = match ahead.next() {
                Some(element) if is_field(element.tag) => element,
                _ => return Some(MALFORMED),
            };
            if element.tag > context(number) {
                return None;
            }
            *self = ahead;
            if element.tag == context(number) {
                let content = Self(element.content);
                return Some(if content.is_one() { content } else { MALFORMED });
            }
        }
    }

    /// Whether this is exactly one element.
    fn is_one(mut self) -> bool {
        self.next().is_some() && self.0.is_empty()
    }

    /// Reads a non-negative integer.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let digits = self.next_of(INTEGER)?.content;
        if digits.first().is_none_or(|first| *first >= 0x80) {
            return None;
        }
        digits.iter().try_fold(0_u64, |number, &digit| {
            number.checked_mul(256)?.checked_add(digit.into())
        })
    }
}

#[cfg(feature = "negotiate")]
impl<'a> Der<'a> {
    /// Reads a signed 32-bit integer.
    pub(crate) fn int32(&mut self) -> Option<i32> {
        let digits = self.next_of(INTEGER)?.content;
        let sign = if *digits.first()? < 0x80 { 0 } else { -1 };
        let number = digits.iter().fold(sign, |number: i32, digit| {
            number.wrapping_shl(8) | i32::from(*digit)
        });
        (digits.len() <= 4).then_some(number)
    }

    /// Returns the content of the only element, if it has this tag and nothing follows it.
    pub(crate) fn only(mut self, tag: u8) -> Option<Self> {
        let inside = self.inside(tag)?;
        self.0.is_empty().then_some(inside)
    }
}

/// Whether a tag is `[number]`, constructed.
#[cfg(feature = "negotiate")]
fn is_field(tag: u8) -> bool {
    tag & 0xE0 == context(0)
}

/// Splits a length from the bytes after it. A length of more than four bytes is rejected.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((first.into(), rest));
    }
    let count = usize::from(first & 0x7F);
    if !(1..=4).contains(&count) {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits.iter().try_fold(0_usize, |length, &digit| {
        length.checked_mul(256)?.checked_add(digit.into())
    })?;
    Some((length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(length(&[5, 1]), Some((5, &[1][..])));
        assert_eq!(length(&[0x82, 1, 2]), Some((258, &[][..])));
        for wrong in [&[][..], &[0x80], &[0x82, 1], &[0x85, 0, 0, 0, 0, 1]] {
            assert_eq!(length(wrong), None, "{wrong:?}");
        }
    }

    #[cfg(feature = "negotiate")]
    #[test]
    fn fields_may_be_left_out() {
        let fields = [0xA0, 3, 2, 1, 5, 0xA2, 4, 2, 2, 1, 0];
        let mut der = Der(&fields);
        assert!(der.field(1).is_none());
        assert_eq!(der.field(2).and_then(|mut field| field.number()), Some(256));
        assert!(der.field(3).is_none());
    }

    /// A reader of an optional field must not take a malformed one for an absent one.
    #[cfg(feature = "negotiate")]
    #[test]
    fn a_malformed_field_is_not_absent() {
        for malformed in [
            // Nothing, two elements, and a truncated one.
            &[0xA1, 0][..],
            &[0xA1, 6, 2, 1, 5, 2, 1, 5],
            &[0xA1, 3, 2, 2, 5],
            // The field itself is truncated, primitive, or of another class.
            &[0xA1, 9, 2, 1, 5],
            &[0xA1],
            &[0x81, 3, 2, 1, 5],
            &[0x61, 3, 2, 1, 5],
        ] {
            let field = Der(malformed).field(1);
            assert!(
                field.is_some_and(|field| field.0.is_empty()),
                "{malformed:x?}"
            );
        }
        assert!(Der(&[0xA2, 3, 2, 1, 5]).field(1).is_none());
        assert!(Der(&[]).field(1).is_none());
    }

    /// Elements are read without recursion, and each length is checked once.
    #[cfg(feature = "negotiate")]
    #[test]
    fn depth_has_no_limit() {
        let mut nested = vec![5, 0];
        for _ in 0..10_000 {
            nested = super::super::written(super::super::SEQUENCE, &[&nested]);
        }
        let mut der = Der(&nested);
        let mut depth = 0;
        while let Some(inside) = der.inside(super::super::SEQUENCE) {
            der = inside;
            depth += 1;
        }
        assert_eq!((depth, der.0), (10_000, &[][..]));
    }
}
