//! Instance paths as WMI object paths.

use std::fmt::{self, Write};
use std::str::FromStr;

use crate::cim::{InstancePath, Key, Keys, Name, Namespace, Value, ValueError};

impl FromStr for InstancePath {
    type Err = ValueError;

    /// Reads a WMI object path.
    ///
    /// A quoted key is a string, whatever type the class gives it. This computer may be named (`.`),
    /// no other: the host is the session's.
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
    /// A text that is no object path, a key without a name (`Class="v"`), or another computer.
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
        self.computer()?;
        let namespace = self.namespace()?;
        let class = self.name("a path with the name of a class")?;
        let mut path = match self.rest.chars().next() {
            None => InstancePath::new(class),
            Some('=') => self.singleton(class)?,
            Some(_) => self.keys(InstancePath::new(class))?,
        };
        if let Some(namespace) = namespace {
            path.set_namespace(namespace);
        }
        Ok(path)
    }

    /// Skips `\\.\`, and refuses every other computer.
    fn computer(&mut self) -> Result<(), ValueError> {
        let Some(rest) = self.rest.strip_prefix(is_slash) else {
            return Ok(());
        };
        let Some(rest) = rest.strip_prefix(is_slash) else {
            return Ok(());
        };
        let Some(rest) = rest
            .strip_prefix('.')
            .and_then(|r| r.strip_prefix(is_slash))
        else {
            return Err(self.not("a path without a computer name"));
        };
        self.rest = rest;
        Ok(())
    }

    /// What is before the first colon, unless a key comes before it.
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
        match self.skip(character) {
            true => Ok(()),
            false => Err(self.not("an object path such as Class.Key=\"value\",Other=1")),
        }
    }

    fn not(&self, wanted: &str) -> ValueError {
        ValueError::new(self.whole, wanted)
    }
}

fn is_slash(character: char) -> bool {
    matches!(character, '/' | '\\')
}

/// DSP0004 A.1: letters, digits, the underscore and everything from U+0080 on.
fn is_name_char(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric() || is_wide(character)
}

fn is_wide(character: char) -> bool {
    !(character.is_ascii() || character.is_control() || character.is_whitespace())
}

/// A value without quotes: a boolean, an integer, or a real that has a point or an exponent.
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
    /// Prints a WMI object path.
    ///
    /// Numbers and booleans have no quotes, everything else does. What cannot be a key (NULL, an
    /// array, an instance) is printed in angle brackets, so that it is not read back as a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = self.namespace() {
            write!(f, "{}:", namespace.as_str().replace('/', "\\"))?;
        }
        write!(f, "{}", self.class())?;
        match self.keys() {
            Keys::Class => Ok(()),
            Keys::Singleton => f.write_str("=@"),
            Keys::Named(keys) => keys.iter().enumerate().try_for_each(|(index, key)| {
                f.write_char(if index == 0 { '.' } else { ',' })?;
                write_key(f, key)
            }),
        }
    }
}

fn write_key(f: &mut fmt::Formatter<'_>, key: &Key) -> fmt::Result {
    write!(f, "{}=", key.name)?;
    match &key.value {
        Value::Boolean(true) => f.write_str("TRUE"),
        Value::Boolean(false) => f.write_str("FALSE"),
        Value::Real32(real) if !real.is_finite() => write_quoted(f, &key.value),
        Value::Real64(real) if !real.is_finite() => write_quoted(f, &key.value),
        value => {
            let mut number = String::new();
            match value.push_text(&mut number) {
                true => f.write_str(&number),
                false => write_quoted(f, value),
            }
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    let text = match value {
        Value::Reference(path) => Some(path.to_string()),
        value => value.key_text(),
    };
    let Some(text) = text else {
        return write!(f, "<{}>", value.describe());
    };
    f.write_char('"')?;
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<InstancePath, ValueError> {
        text.parse()
    }

    #[test]
    fn object_paths_are_read_and_printed() {
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
    fn other_spellings_are_read() {
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
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("", "class"),
            (".K=1", "class"),
            (r"root\cimv2:", "class"),
            (r#"A="v""#, "has a name"),
            ("A=@1", "has a name"),
            (r"\\host\root:A", "computer"),
            ("//host/root:A.K=1", "computer"),
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
    fn keys_of_every_type_print_as_what_reads_the_same() {
        let inner = InstancePath::new("B").with_key("K", r#"a"\"#);
        let path = InstancePath::new("A")
            .with_key("A", 0.1f32)
            .with_key("B", f64::INFINITY)
            .with_key("C", Value::Char16(0xd800))
            .with_key("D", Value::Untyped("TRUE".into()))
            .with_key("E", inner);
        let text = r#"A.A=0.1,B="INF",C="55296",D="TRUE",E="B.K=\"a\\\"\\\\\"""#;
        assert_eq!(path.to_string(), text);
        assert_eq!(read(text).unwrap(), path);
    }

    #[test]
    fn what_is_no_key_is_not_read_back() {
        let path = InstancePath::new("A").with_key("K", Value::Null);
        assert_eq!(path.to_string(), "A.K=<NULL>");
        assert!(read("A.K=<NULL>").is_err());
    }
}
