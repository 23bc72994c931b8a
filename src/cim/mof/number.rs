//! The numbers of MOF (DSP0004 annex A: `integerValue`, `realValue`).

/// A number as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i128),
    Real(f64),
}

/// Reads a number; `None` if the text is none, or an integer is too large.
pub(super) fn read(text: &str) -> Option<Number> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.contains('.') && !is_hexadecimal(digits) {
        return real(is_negative, digits).map(Number::Real);
    }
    let (radix, digits) = radix(digits)?;
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()?;
    Some(Number::Integer(if is_negative { -number } else { number }))
}

fn is_hexadecimal(digits: &str) -> bool {
    digits.starts_with("0x") || digits.starts_with("0X")
}

/// Returns the base of an integer, and its digits.
fn radix(digits: &str) -> Option<(u32, &str)> {
    if is_hexadecimal(digits) {
        return Some((16, digits.get(2..)?));
    }
    if let Some(binary) = digits.strip_suffix(['b', 'B']) {
        return Some((2, binary));
    }
    Some(match digits.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => (8, octal),
        _ => (10, digits),
    })
}

/// Reads a real number, which has a point and digits after it.
fn real(is_negative: bool, text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_exponent = |text: &str| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && is_number(digits)
    };
    let is_valid = is_number(whole)
        && !fraction.is_empty()
        && is_number(fraction)
        && exponent.is_none_or(is_exponent);
    let number: f64 = text.parse().ok().filter(|_| is_valid)?;
    let number = if is_negative { -number } else { number };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        for (text, number) in [
            ("0", 0),
            ("-0", 0),
            ("+17", 17),
            ("-17", -17),
            ("0x1B", 27),
            ("-0XfF", -255),
            ("017", 15),
            ("-010", -8),
            ("101b", 5),
            ("-1B", -1),
            ("0b", 0),
            ("18446744073709551615", i128::from(u64::MAX)),
        ] {
            assert_eq!(read(text), Some(Number::Integer(number)), "{text}");
        }
        for (text, number) in [
            ("1.5", 1.5),
            (".5", 0.5),
            ("-0.5e-3", -0.0005),
            ("+2.0E+2", 200.0),
        ] {
            assert_eq!(read(text), Some(Number::Real(number)), "{text}");
        }
    }

    #[test]
    fn rejects_what_is_no_number() {
        for text in [
            "",
            "+",
            "-",
            ".",
            "1.",
            "1e5",
            "08",
            "12b",
            "0x",
            "0xg",
            "1.5e",
            "1.5.5",
            "1_000",
            "--1",
            "1.0e999",
            "999999999999999999999999999999999999999999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
