//! Instance paths as WMI object paths.

use std::fmt::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use super::DEEPEST_REFERENCE;
use crate::cim::{InstancePath, Keys, Name, Namespace, Value, ValueError};

impl FromStr for InstancePath {
    type Err = ValueError;

    /// Parses a WMI object path.
    ///
    /// A quoted key is a string, whatever its type in the class. A host before the namespace
    /// (`\\HV01\…`, `//HV01/…`) is kept as [`InstancePath::host`] and never sent, because the session
    /// sets its own. A dot is this computer.
    ///
    /// ```
    /// use wsman::InstancePath;
    /// use wsman::cim::Value;
    /// let path: InstancePath = r#"\\.\root\cimv2:Win32_Share.Name="C:\\logs",Type=0"#.parse()?;
    /// assert_eq!(path.key("Name"), Some(&Value::from(r"C:\logs")));
    /// assert_eq!(path.key("Type"), Some(&Value::Sint64(0)));
    /// assert!("Win32_OperatingSystem=@".parse::<InstancePath>().is_ok());
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// Fails on a text that is not an object path, a key without a name (`Class="v"`), and a host
    /// without a namespace.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        PathReader::new(text).path()
    }
}

/// Reads a path from its start to its end.
struct PathReader<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> PathReader<'a> {
    fn new(whole: &'a str) -> Self {
        Self { whole, rest: whole }
    }

    fn path(mut self) -> Result<InstancePath, ValueError> {
        let host = self.host()?;
        let namespace = self.namespace()?;
        if host.is_some() && namespace.is_none() {
            return Err(self.not("a path with a namespace after its host"));
        }
        let class = self.name("a path with the name of a class")?;
        let mut path = match self.rest.chars().next() {
            None => InstancePath::new(class),
            Some('=') => self.singleton(class)?,
            Some(_) => self.keys(InstancePath::new(class))?,
        };
        if let Some(namespace) = namespace {
            path.set_namespace(namespace);
        }
        path.set_host(host);
        Ok(path)
    }

    /// Takes `\\host\`; returns no host for a dot, which is this computer.
    fn host(&mut self) -> Result<Option<Arc<str>>, ValueError> {
        let rest = self.rest.strip_prefix(is_slash);
        let Some(rest) = rest.and_then(|rest| rest.strip_prefix(is_slash)) else {
            return Ok(None);
        };
        let Some((host, rest)) = rest.split_once(is_slash).filter(|(host, _)| is_host(host)) else {
            return Err(self.not(r"a path with a host such as \\HV01\root\cimv2:Class"));
        };
        self.rest = rest;
        Ok((host != ".").then(|| Arc::from(host)))
    }

    /// Takes the part before the first colon, unless a key comes before it.
    fn namespace(&mut self) -> Result<Option<Namespace>, ValueError> {
        let mark = self.rest.find([':', '.', '"', '\'']);
        match mark.and_then(|at| self.rest.split_at_checked(at)) {
            Some((namespace, rest)) if rest.starts_with(':') => {
                self.rest = rest;
                self.skip(':');
                Ok(Some(namespace.parse()?))
            }
            _ => Ok(None),
        }
    }

    fn singleton(&mut self, class: Name) -> Result<InstancePath, ValueError> {
        match self.rest {
            "=@" => Ok(InstancePath::singleton(class)),
            _ => Err(self.not("a path whose key has a name, such as Class.Key=\"value\"")),
        }
    }

    fn keys(&mut self, mut path: InstancePath) -> Result<InstancePath, ValueError> {
        let mut separator = '.';
        while !self.rest.is_empty() {
            self.expect(separator)?;
            let name = self.name("a path with a name for each key")?;
            if path.key(name.as_str()).is_some() {
                return Err(self.not("a path with each key once"));
            }
            self.expect('=')?;
            path.set_key(name, self.value()?);
            separator = ',';
        }
        Ok(path)
    }

    fn name(&mut self, wanted: &str) -> Result<Name, ValueError> {
        let name = self.take_while(is_name_char);
        if name.is_empty() {
            return Err(self.not(wanted));
        }
        Ok(Name::new(name))
    }

    fn value(&mut self) -> Result<Value, ValueError> {
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => {
                let bare = self.take_while(|c| c != ',');
                bare_value(bare).ok_or_else(|| {
                    self.not("a path whose keys are quoted, whole numbers, reals, TRUE or FALSE")
                })
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Value, ValueError> {
        self.skip(quote);
        let mut text = String::new();
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some(escaped @ ('\\' | '"' | '\'')) => text.push(escaped),
                    _ => return Err(self.not(r"a path with \\ for each backslash in quotes")),
                },
                end if end == quote => {
                    self.rest = characters.as_str();
                    return Ok(Value::String(text));
                }
                other => text.push(other),
            }
        }
        Err(self.not("a path whose quotes are closed"))
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, character: char) -> Result<(), ValueError> {
        if self.skip(character) {
            Ok(())
        } else {
            Err(self.not("an object path such as Class.Key=\"value\",Other=1"))
        }
    }

    fn not(&self, wanted: &str) -> ValueError {
        ValueError::new(self.whole, wanted)
    }
}

fn is_slash(character: char) -> bool {
    matches!(character, '/' | '\\')
}

/// Accepts a name or an address, with an optional port; rejects a user and password.
fn is_host(text: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || "\"'@=,<>".contains(c);
    !text.is_empty() && !text.contains(bad)
}

/// Accepts letters, digits, the underscore and all characters from U+0080 on (DSP0004 A.1).
fn is_name_char(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric() || is_wide(character)
}

fn is_wide(character: char) -> bool {
    !(character.is_ascii() || character.is_control() || character.is_whitespace())
}

/// Parses an unquoted value: a boolean, an integer, or a real with a point or an exponent.
fn bare_value(text: &str) -> Option<Value> {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Some(Value::Boolean(text.eq_ignore_ascii_case("true")));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if text.contains(['.', 'e', 'E']) {
        let real = text.parse().ok().filter(|real: &f64| real.is_finite());
        return real.map(Value::Real64);
    }
    let integer = text.parse().map(Value::Sint64);
    integer.or_else(|_| text.parse().map(Value::Uint64)).ok()
}

impl fmt::Display for InstancePath {
    /// Prints a WMI object path, with its host if it has one.
    ///
    /// Quotes everything except numbers and booleans. A value that cannot be a key (NULL, an array, an
    /// instance) is printed in angle brackets, so that it is not read back as a key. So is a reference
    /// nested more than three levels deep, because each level doubles its backslashes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_path(f, self, 0)
    }
}

/// Writes a path at this level of nesting.
fn write_path(out: &mut dyn Write, path: &InstancePath, level: usize) -> fmt::Result {
    let namespace = path
        .namespace()
        .map(|name| name.as_str().replace('/', "\\"));
    match (path.host(), namespace) {
        (Some(host), Some(namespace)) => write!(out, r"\\{host}\{namespace}:")?,
        (_, Some(namespace)) => write!(out, "{namespace}:")?,
        (_, None) => {}
    }
    write!(out, "{}", path.class())?;
    match path.keys() {
        Keys::Class => Ok(()),
        Keys::Singleton => out.write_str("=@"),
        Keys::Named(keys) => keys.iter().enumerate().try_for_each(|(index, key)| {
            out.write_char(if index == 0 { '.' } else { ',' })?;
            write!(out, "{}=", key.name)?;
            write_value(out, &key.value, level)
        }),
    }
}

fn write_value(out: &mut dyn Write, value: &Value, level: usize) -> fmt::Result {
    match value {
        Value::Boolean(true) => out.write_str("TRUE"),
        Value::Boolean(false) => out.write_str("FALSE"),
        Value::Secret(_) => write!(out, "<{}>", value.describe()),
        Value::Reference(path) if level == DEEPEST_REFERENCE => {
            write!(out, "<a reference to {}>", path.class())
        }
        Value::Reference(path) => {
            let mut text = String::new();
            write_path(&mut text, path, level + 1)?;
            write_quoted(out, &text)
        }
        value => {
            let mut number = String::new();
            if value.push_text(&mut number) && value.is_finite() {
                out.write_str(&number)
            } else {
                match value.key_text() {
                    Some(text) => write_quoted(out, &text),
                    None => write!(out, "<{}>", value.describe()),
                }
            }
        }
    }
}

fn write_quoted(out: &mut dyn Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.write_char('\\')?;
        }
        out.write_char(character)?;
    }
    out.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<InstancePath, ValueError> {
        text.parse()
    }

    #[test]
    fn parses_and_prints_object_paths() {
        for text in [
            "A",
            "A=@",
            r"root\cimv2:A",
            r#"root\cimv2:A.K="a:b.c,d=e\"\\ ",N=-3"#,
            "A.B=TRUE,C=FALSE,D=18446744073709551615,E=1.5,F=1e16",
            r#"Ä_9.K="""#,
            r#"A.R="B.K=\"v\"""#,
        ] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn parses_other_spellings() {
        let path = read(r#"root\cimv2:A.K="v'",L="w""#).unwrap();
        for text in [
            r#"//./root/cimv2:A.K="v'",L="w""#,
            r#"\\.\root\cimv2:A.K="v\'",L='w'"#,
            r#"/root/cimv2:a.l='w',k='v\''"#,
        ] {
            assert_eq!(read(text).unwrap(), path, "{text}");
        }
        let bare = read("A.B=true,C=+007").unwrap();
        assert_eq!(bare.key("B"), Some(&Value::Boolean(true)));
        assert_eq!(bare.key("C"), Some(&Value::Sint64(7)));
    }

    #[test]
    fn errors_name_the_invalid_part() {
        for (text, why) in [
            ("", "class"),
            (".K=1", "class"),
            (r"root\cimv2:", "class"),
            (r#"A="v""#, "has a name"),
            ("A=@1", "has a name"),
            (r"\\host", "with a host"),
            ("//", "with a host"),
            ("///root:A", "with a host"),
            ("//a b/root:A", "with a host"),
            ("//user:pw@host/root:A", "with a host"),
            (r"\\host\A.K=1", "namespace after its host"),
            (r"\\host\root:", "class"),
            ("A.=1", "name for each key"),
            ("A.", "name for each key"),
            ("A.K=1,", "name for each key"),
            ("A.K", "object path"),
            (r#"A.K="v"x"#, "object path"),
            ("A.K=1,k=2", "once"),
            (r#"A.K="C:\logs""#, "backslash"),
            (r#"A.K="v"#, "closed"),
            (r#"A.K="v\""#, "closed"),
            ("A.K=v", "quoted"),
            ("A.K=", "quoted"),
            ("A.K=inf", "quoted"),
            ("A.K=1e999", "quoted"),
            ("A.K=18446744073709551616", "quoted"),
            ("ro*ot:A", "namespace"),
        ] {
            match read(text) {
                Ok(path) => panic!("{text} was read as {path:?}"),
                Err(error) => assert!(error.wanted().contains(why), "{error}"),
            }
        }
    }

    #[test]
    fn a_path_keeps_its_host_and_is_compared_without_it() {
        let here = read(r#"root\v2:A.K="a\\b""#).unwrap();
        for (text, host) in [
            (r#"\\HV01\root\v2:A.K="a\\b""#, Some("HV01")),
            (
                r#"//hv01.example.com:5985/root/v2:A.K="a\\b""#,
                Some("hv01.example.com:5985"),
            ),
            (r#"//[fe80::1]/root/v2:A.K="a\\b""#, Some("[fe80::1]")),
            (r#"\\.\root\v2:A.K="a\\b""#, None),
        ] {
            let path = read(text).unwrap();
            assert_eq!((path.host(), &path), (host, &here), "{text}");
            assert!(path.same_instance(&here));
            let again = read(&path.to_string()).unwrap();
            assert_eq!((again.host(), &again), (host, &path), "{text}");
        }
        let only = read(r"\\HV01\root\cimv2:Win32_OperatingSystem=@").unwrap();
        assert_eq!((only.host(), only.keys()), (Some("HV01"), &Keys::Singleton));
        assert_eq!(
            only.to_string(),
            r"\\HV01\root\cimv2:Win32_OperatingSystem=@"
        );
    }

    /// The `__PATH` of an association as WMI writes it.
    #[test]
    fn keeps_the_host_of_a_reference_key() {
        let text = r#"\\HV01\root\cimv2:A.R="\\\\HV01\\root\\cimv2:B.K=\"v\"",S="B.K=\"w\"""#;
        let path = read(text).unwrap();
        assert_eq!(path.to_string(), text);
        let inner: InstancePath = path.key("R").unwrap().as_str().unwrap().parse().unwrap();
        assert_eq!(
            (inner.host(), inner.key("K")),
            (Some("HV01"), Some(&Value::from("v")))
        );
    }

    fn nested(levels: usize, innermost: &str) -> InstancePath {
        let start = InstancePath::new("A").with_key("K", innermost);
        (0..levels).fold(start, |path, _| InstancePath::new("A").with_key("K", path))
    }

    #[test]
    fn nested_references_round_trip() {
        let text = nested(2, "v").to_string();
        assert_eq!(text, r#"A.K="A.K=\"A.K=\\\"v\\\"\"""#);
        let path = nested(DEEPEST_REFERENCE, r#"a"\b"#);
        assert!(read(&path.to_string()).unwrap().same_instance(&path));
    }

    #[test]
    fn printing_is_linear_in_a_deep_and_a_wide_path() {
        for levels in 0..200 {
            let path = nested(levels, &"\\".repeat(100));
            let longest = 16 * (100 + 16 * levels);
            assert!(path.to_string().len() <= longest, "{levels}");
            assert!(format!("{path:?}").len() <= 16 * longest, "{levels}");
            let json = serde_json::to_string(&path).unwrap();
            assert!(json.len() <= 2 * longest, "{levels}");
        }
        let deep = nested(DEEPEST_REFERENCE + 1, "v").to_string();
        assert!(deep.contains("<a reference to A>"), "{deep}");
        let wide = (0..1000).fold(InstancePath::new("W"), |path, number| {
            path.with_key(format!("K{number}"), nested(30, "v"))
        });
        assert!(wide.to_string().len() < 1000 * 200);
    }

    #[test]
    fn keys_of_every_type_round_trip() {
        let inner = InstancePath::new("B").with_key("K", r#"a"\"#);
        let path = InstancePath::new("A")
            .with_key("A", 0.1f32)
            .with_key("B", f64::INFINITY)
            .with_key("C", Value::Char16(0xd800))
            .with_key("D", Value::Untyped("TRUE".into()))
            .with_key("E", inner);
        let text = r#"A.A=0.1,B="INF",C="55296",D="TRUE",E="B.K=\"a\\\"\\\\\"""#;
        assert_eq!(path.to_string(), text);
        let read = read(text).unwrap();
        assert!(read.same_instance(&path));
        // The text of a reference is a string, until the class or the caller says otherwise.
        assert_eq!(read.key("E"), Some(&Value::from(r#"B.K="a\"\\""#)));
        let text = read.key("E").cloned().unwrap_or_default();
        assert_eq!(read, path.with_key("E", text));
    }

    #[test]
    fn rejects_printed_values_that_cannot_be_keys() {
        let path = InstancePath::new("A").with_key("K", Value::Null);
        assert_eq!(path.to_string(), "A.K=<NULL>");
        assert!(read("A.K=<NULL>").is_err());
    }
}
