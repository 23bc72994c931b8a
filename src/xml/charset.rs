//! The supported encodings of documents.

/// A supported encoding of documents. The single-byte ones have their tables here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    /// UTF-16 in the byte order that the document shows.
    Utf16,
    Ascii,
    Latin1,
    Windows1252,
    /// Any other.
    Unknown,
}

impl Charset {
    /// Returns the encoding of a name in a declaration or a `Content-Type`.
    pub(crate) fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Charset::Utf8,
            "utf-16" | "utf-16le" | "utf-16be" => Charset::Utf16,
            "us-ascii" | "ascii" => Charset::Ascii,
            "iso-8859-1" | "iso_8859-1" | "latin1" | "latin-1" => Charset::Latin1,
            "windows-1252" | "cp1252" => Charset::Windows1252,
            _ => Charset::Unknown,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Utf16 => "UTF-16",
            Charset::Ascii => "US-ASCII",
            Charset::Latin1 => "ISO-8859-1",
            Charset::Windows1252 => "windows-1252",
            Charset::Unknown => "an unknown encoding",
        }
    }

    /// Returns the encoding that a `Content-Type` names.
    pub(crate) fn of_content_type(content_type: &str) -> Option<Self> {
        let charset = content_type.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then_some(value)
        })?;
        Some(Self::of(charset.trim().trim_matches(['"', '\''])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_charset_of_a_content_type() {
        for (content_type, charset) in [
            ("application/soap+xml;charset=UTF-8", Some(Charset::Utf8)),
            (
                "application/soap+xml; action=\"a\"; Charset=\"iso-8859-1\"",
                Some(Charset::Latin1),
            ),
            ("text/xml; charset = 'us-ascii'", Some(Charset::Ascii)),
            ("text/xml; charset=koi8-r", Some(Charset::Unknown)),
            ("application/soap+xml", None),
            ("charset=UTF-8", None),
        ] {
            assert_eq!(
                Charset::of_content_type(content_type),
                charset,
                "{content_type}"
            );
        }
    }
}
