//! Judges the MOF of instances by the grammar of DSP0004 annex A, read independently of the writer.

use proptest::prelude::*;
use wsman::cim::{Array, CimType, DateTime, Instance, InstancePath, Value};

use super::{datetime, instance, nasty_text, path};

/// An `initializer` as the grammar reads it.
#[derive(Clone, Debug, PartialEq)]
enum Initializer {
    Null,
    Boolean(bool),
    Integer(i128),
    Real(f64),
    Character(char),
    Text(String),
    List(Vec<Initializer>),
}

/// Reads tokens from the front of a text; panics where the grammar does not go on.
struct Grammar<'a>(&'a str);

impl Grammar<'_> {
    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            self.0 = self.0.trim_start();
            match self.0.strip_prefix("/*") {
                Some(comment) => self.0 = comment.split_once("*/").unwrap().1,
                None => return,
            }
        }
    }

    fn takes(&mut self, token: &str) -> bool {
        self.skip();
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) {
        assert!(self.takes(token), "{token} expected at {:?}", self.0);
    }

    fn while_is(&mut self, fits: impl Fn(char) -> bool) -> String {
        let end = self.0.find(|c| !fits(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken.to_owned()
    }

    fn identifier(&mut self) -> String {
        self.skip();
        let is_next = |c: char| c == '_' || c.is_ascii_alphanumeric() || c >= '\u{80}';
        let name = self.while_is(is_next);
        let first = name.chars().next();
        assert!(first.is_some_and(|c| !c.is_ascii_digit()), "{:?}", self.0);
        name
    }

    /// `INSTANCE OF className "{" *( propertyName "=" initializer ";" ) "}" ";"`
    fn instance(&mut self) -> (String, Vec<(String, Initializer)>) {
        self.expect("instance");
        self.expect("of");
        let class = self.identifier();
        self.expect("{");
        let mut properties = Vec::new();
        while !self.takes("}") {
            let name = self.identifier();
            self.expect("=");
            properties.push((name, self.initializer()));
            self.expect(";");
        }
        self.expect(";");
        (class, properties)
    }

    fn initializer(&mut self) -> Initializer {
        if !self.takes("{") {
            return self.constant();
        }
        let mut items = Vec::new();
        while !self.takes("}") {
            if !items.is_empty() {
                self.expect(",");
            }
            items.push(self.constant());
        }
        Initializer::List(items)
    }

    fn constant(&mut self) -> Initializer {
        self.skip();
        match self.0.chars().next().unwrap() {
            '"' => Initializer::Text(self.quoted('"')),
            '\'' => {
                let text = self.quoted('\'');
                let mut characters = text.chars();
                let only = characters.next().unwrap();
                assert_eq!(characters.next(), None, "a char16 is one character");
                Initializer::Character(only)
            }
            'A'..='Z' => match self.identifier().as_str() {
                "NULL" => Initializer::Null,
                "TRUE" => Initializer::Boolean(true),
                "FALSE" => Initializer::Boolean(false),
                other => panic!("{other} is not a constant"),
            },
            _ => self.number(),
        }
    }

    /// A quoted text, whose escapes are those of `stringEscapeSequence`.
    fn quoted(&mut self, quote: char) -> String {
        self.0 = self.0.strip_prefix(quote).unwrap();
        let mut text = String::new();
        loop {
            let mut characters = self.0.chars();
            let character = characters.next().unwrap();
            self.0 = characters.as_str();
            match character {
                '\\' => text.push(self.escape()),
                end if end == quote => return text,
                control if control.is_control() => panic!("{control:?} is not escaped"),
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> char {
        let mut characters = self.0.chars();
        let escaped = characters.next().unwrap();
        self.0 = characters.as_str();
        match escaped {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            '"' | '\'' | '\\' => escaped,
            'x' | 'X' => {
                let digits = self.0.chars().take(4).take_while(char::is_ascii_hexdigit);
                let (digits, rest) = self.0.split_at(digits.count());
                self.0 = rest;
                char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap()
            }
            other => panic!("\\{other} is not an escape"),
        }
    }

    /// `decimalValue`, `hexValue` or `realValue`.
    fn number(&mut self) -> Initializer {
        if let Some(rest) = self.0.strip_prefix("0x") {
            self.0 = rest;
            let digits = self.while_is(|c| c.is_ascii_hexdigit());
            return Initializer::Integer(i128::from_str_radix(&digits, 16).unwrap());
        }
        let sign = self.while_is(|c| c == '-' || c == '+');
        assert!(sign.len() <= 1, "{sign}");
        let whole = self.while_is(|c| c.is_ascii_digit());
        let Some(rest) = self.0.strip_prefix('.') else {
            assert!(whole == "0" || !whole.starts_with('0'), "{whole} is octal");
            return Initializer::Integer(format!("{sign}{whole}").parse().unwrap());
        };
        self.0 = rest;
        let fraction = self.while_is(|c| c.is_ascii_digit());
        assert!(!fraction.is_empty(), "a real has digits after its point");
        let mut exponent = String::new();
        if let Some(rest) = self.0.strip_prefix(['e', 'E']) {
            self.0 = rest;
            let sign = self.while_is(|c| c == '-' || c == '+');
            let digits = self.while_is(|c| c.is_ascii_digit());
            assert!(sign.len() <= 1 && !digits.is_empty());
            exponent = format!("e{sign}{digits}");
        }
        let text = format!("{sign}{whole}.{fraction}{exponent}");
        Initializer::Real(text.parse().unwrap())
    }
}

/// Reads a whole `instanceDeclaration`.
fn read(text: &str) -> (String, Vec<(String, Initializer)>) {
    let mut grammar = Grammar(text);
    let instance = grammar.instance();
    grammar.skip();
    assert_eq!(grammar.0, "");
    instance
}

/// Returns what MOF says for a value.
fn expected(value: &Value) -> Initializer {
    match value {
        Value::Null => Initializer::Null,
        Value::Boolean(flag) => Initializer::Boolean(*flag),
        Value::Real32(_) | Value::Real64(_) => {
            let real: f64 = match value {
                Value::Real32(real) => real.to_string().parse().unwrap(),
                other => other.to().unwrap(),
            };
            if real.is_finite() {
                Initializer::Real(real)
            } else {
                Initializer::Null
            }
        }
        Value::Char16(unit) => match char::from_u32(u32::from(*unit)) {
            Some(c) if !c.is_control() && !"\u{2028}\u{2029}\u{fffe}\u{ffff}".contains(c) => {
                Initializer::Character(c)
            }
            _ => Initializer::Integer(i128::from(*unit)),
        },
        Value::Array(array) => Initializer::List(array.into_iter().map(expected).collect()),
        Value::Octets(octets) => {
            let length = u32::try_from(octets.len()).unwrap() + 4;
            let all = length.to_be_bytes().into_iter().chain(octets.clone());
            Initializer::List(all.map(|o| Initializer::Integer(o.into())).collect())
        }
        Value::Instance(instance) => Initializer::Text(instance.to_mof()),
        Value::DateTime(datetime) => Initializer::Text(datetime.to_string()),
        Value::Reference(path) => Initializer::Text(path.to_string()),
        text if text.as_str().is_some() => Initializer::Text(text.as_str().unwrap().to_owned()),
        integer => Initializer::Integer(integer.to_string().parse().unwrap()),
    }
}

#[test]
fn every_kind_of_value_follows_the_grammar() {
    let fan = Instance::new("CIM_Fan")
        .with("DeviceID", "Fan \"1\"")
        .with("Note", "a\\b\n");
    let path: InstancePath = r#"\\HV01\root\cimv2:CIM_Fan.DeviceID="C:\\1""#.parse().unwrap();
    let time: DateTime = "20240229123456.789012+000".parse().unwrap();
    let nullable = Array::from_values(vec![Value::from(1u8), Value::Null]).unwrap();
    let made = Instance::new("Acme_All")
        .with("Nothing", Value::Null)
        .with("Untyped", Value::Untyped("07".into()))
        .with(
            "Text",
            "tab\t \"quoted\" C:\\x \u{1}1 \u{8}\u{c}\r\n é🦀 it's",
        )
        .with("Yes", true)
        .with("Low", i64::MIN)
        .with("High", u64::MAX)
        .with("Real", 1e16f64)
        .with("Small", -1.5e-7f32)
        .with("NotANumber", f64::NAN)
        .with("Infinite", f32::NEG_INFINITY)
        .with("Letter", Value::Char16(u16::from(b'A')))
        .with("Quote", Value::Char16(u16::from(b'\'')))
        .with("Backslash", Value::Char16(u16::from(b'\\')))
        .with("DoubleQuote", Value::Char16(u16::from(b'"')))
        .with("Bell", Value::Char16(7))
        .with("Half", Value::Char16(0xd800))
        .with("Time", time)
        .with("Fan", path)
        .with("Embedded", fan.clone())
        .with("Octets", Value::octets([0x11, 0x22]))
        .with("Tags", vec!["a", "b\""])
        .with("Fans", vec![fan.clone()])
        .with("Some", nullable)
        .with("None", Array::new(CimType::Uint32));
    let mof = made.to_mof();
    assert_eq!(format!("{made:#}"), mof);
    let (class, properties) = read(&mof);
    assert_eq!(class, "Acme_All");
    for ((name, read), property) in properties.iter().zip(&made) {
        assert_eq!(property.name(), name.as_str());
        let expected = match property.name().as_str() {
            "Fan" => Initializer::Text(r#"//HV01/root/cimv2:CIM_Fan.DeviceID="C:\\1""#.into()),
            _ => expected(property.value()),
        };
        assert_eq!(*read, expected, "{name}");
    }
    assert_eq!(properties.len(), made.properties().len());
    for line in [
        r#"  Text = "tab\t \"quoted\" C:\\x \x00011 \b\f\r\n é🦀 it's";"#,
        "  Real = 1.0e16;",
        "  Small = -1.5e-7;",
        "  NotANumber = NULL /* NaN */;",
        "  Quote = '\\'';",
        "  Half = 55296;",
        "  Octets = { 0x00, 0x00, 0x00, 0x06, 0x11, 0x22 };",
        "  Some = { 1, NULL };",
        r#"  Embedded = "instance of CIM_Fan {\n  DeviceID = \"Fan \\\"1\\\"\";\n  Note = \"a\\\\b\\n\";\n};";"#,
    ] {
        assert!(mof.lines().any(|own| own == line), "{line}\n{mof}");
    }
    let embedded = properties.iter().find(|(name, _)| name == "Embedded");
    let Some((_, Initializer::Text(embedded))) = embedded else {
        panic!("{embedded:?}")
    };
    assert_eq!(read(embedded).0, "CIM_Fan");
    assert_eq!(*embedded, fan.to_mof());
}

#[test]
fn names_that_mof_cannot_have_stay_in_comments() {
    let odd = Instance::new("").with("a-b */ }; x", 1u8).with("7th", 2u8);
    let (class, properties) = read(&odd.to_mof());
    assert_eq!(class, "_");
    let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a_b_______x", "_7th"]);
    assert!(odd.to_mof().contains("/* 7th */"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mof_says_what_the_instance_says(
        inner in instance(),
        path in path(),
        time in datetime(),
        text in nasty_text(),
        name in any::<String>(),
    ) {
        let made = inner
            .clone()
            .with("Part", inner)
            .with("Peer", path)
            .with("Time", time)
            .with("Text", text);
        let (class, properties) = read(&made.to_mof());
        prop_assert_eq!(made.class(), &class.as_str());
        prop_assert_eq!(properties.len(), made.properties().len());
        for ((name, read), property) in properties.iter().zip(&made) {
            prop_assert_eq!(property.name(), &name.as_str());
            let expected = match property.value() {
                Value::Reference(path) => {
                    let text = path.to_string();
                    let namespace = path.namespace().map_or(0, |own| own.as_str().len());
                    Initializer::Text(text[..namespace].replace('\\', "/") + &text[namespace..])
                }
                other => expected(other),
            };
            prop_assert_eq!(read, &expected);
        }
        // Names of any text stay inside the declaration.
        let (_, properties) = read(&Instance::new(&*name).with(&*name, 1u8).to_mof());
        prop_assert_eq!(properties.len(), 1);
    }
}
