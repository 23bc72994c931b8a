//! The table of windows-1252.

use super::character::NOT_TEXT;

/// The characters of windows-1252 where ISO-8859-1 has control characters; U+FFFF for unassigned bytes.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', NOT_TEXT, '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', NOT_TEXT, '\u{17d}', NOT_TEXT,
    NOT_TEXT, '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', NOT_TEXT, '\u{17e}', '\u{178}',
];

/// Returns the character of a byte; `None` for the five unassigned bytes.
pub(super) fn character(byte: u8) -> Option<char> {
    let special = byte.checked_sub(0x80).map(usize::from);
    match special.and_then(|index| WINDOWS_1252.get(index)) {
        Some(&NOT_TEXT) => None,
        Some(character) => Some(*character),
        None => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differs_from_latin_1_only_in_the_control_characters() {
        for byte in 0..=u8::MAX {
            let read = character(byte);
            match byte {
                0x81 | 0x8d | 0x8f | 0x90 | 0x9d => assert_eq!(read, None, "{byte:#x}"),
                0x80..=0x9f => assert!(read.is_some_and(|c| c > '\u{ff}'), "{byte:#x}"),
                _ => assert_eq!(read, Some(char::from(byte))),
            }
        }
        let text: String = b"\x80\x85\x91\x99\x9f"
            .iter()
            .filter_map(|byte| character(*byte))
            .collect();
        assert_eq!(text, "€…‘™Ÿ");
    }
}
