//! Writes instances in MOF (DSP0004 annex A).

use std::fmt::{self, Write};

use crate::cim::{Instance, InstancePath, Name, Value};
use crate::shown::Shown;

impl Instance {
    /// Returns the instance as an `instance of` declaration in MOF (DSP0004 annex A, annex F.1).
    ///
    /// | value | in MOF |
    /// |---|---|
    /// | untyped text | a string: request the types with `typed()` where they matter |
    /// | datetime | a string in the form of CIM |
    /// | reference | a string with the object path, with slashes in its namespace |
    /// | embedded instance | a string with its MOF |
    /// | octet string | an array of `uint8` that begins with its length in 4 octets (DSP0004 5.6.3.34) |
    /// | char16 | a quoted character, or the number of a control character or half of a pair |
    /// | infinity, NaN, a secret | `NULL`, and a comment: MOF does not have them, or must not show it |
    ///
    /// A name that is not an identifier of MOF has `_` for each character that does not fit, and the
    /// name in a comment. The path is not part of the declaration.
    ///
    /// ```
    /// use wsman::Instance;
    /// let share = Instance::new("Win32_Share").with("Name", "logs").with("Path", r"C:\logs").with("Type", 0u32);
    /// assert_eq!(share.to_mof(), r#"instance of Win32_Share {
    ///   Name = "logs";
    ///   Path = "C:\\logs";
    ///   Type = 0;
    /// };"#);
    /// assert_eq!(format!("{share:#}"), share.to_mof());
    /// ```
    pub fn to_mof(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _written = write_instance(&mut text, self);
        text
    }
}

/// Writes an `instanceDeclaration`.
pub(in crate::cim) fn write_instance(out: &mut dyn Write, instance: &Instance) -> fmt::Result {
    out.write_str("instance of ")?;
    write_name(out, instance.class())?;
    out.write_str(" {\n")?;
    for property in instance {
        out.write_str("  ")?;
        write_name(out, property.name())?;
        out.write_str(" = ")?;
        write_value(out, &property.printed())?;
        out.write_str(";\n")?;
    }
    out.write_str("};")
}

/// Writes an `initializer`.
pub(in crate::cim) fn write_value(out: &mut dyn Write, value: &Value) -> fmt::Result {
    match value {
        Value::Null => out.write_str("NULL"),
        Value::String(text) | Value::Untyped(text) | Value::Lossy(text) => write_string(out, text),
        Value::Secret(_) => out.write_str("NULL /* a secret */"),
        Value::Boolean(flag) => out.write_str(if *flag { "TRUE" } else { "FALSE" }),
        Value::Real32(real) => write_real(out, f64::from(*real), format!("{real:?}")),
        Value::Real64(real) => write_real(out, *real, format!("{real:?}")),
        Value::Char16(unit) => write_char16(out, *unit),
        Value::DateTime(datetime) => write_string(out, &datetime.to_string()),
        Value::Reference(path) => write_string(out, &with_slashes(path)),
        Value::Instance(instance) => write_string(out, &instance.to_mof()),
        Value::Octets(octets) => write_octets(out, octets),
        Value::Array(array) => write_list(out, array, write_value),
        integer => {
            let mut text = String::new();
            integer.push_text(&mut text);
            out.write_str(&text)
        }
    }
}

/// Writes a name; a comment has the characters that an `IDENTIFIER` cannot have.
fn write_name(out: &mut dyn Write, name: &Name) -> fmt::Result {
    let name = name.as_str();
    let fits = |c: char| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii();
    let begins = name.starts_with(|c: char| !c.is_ascii_digit());
    if begins && name.chars().all(fits) {
        return out.write_str(name);
    }
    if !begins {
        out.write_char('_')?;
    }
    for character in name.chars() {
        out.write_char(if fits(character) { character } else { '_' })?;
    }
    let comment = name.replace("*/", "* /");
    write!(out, " /* {} */", Shown::new(&comment))
}

/// Writes a `stringValue`.
fn write_string(out: &mut dyn Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    text.chars().try_for_each(|character| match character {
        '"' => out.write_str("\\\""),
        _ => write_char(out, character),
    })?;
    out.write_char('"')
}

/// Writes a character of a string or a `char16`, as `stringEscapeSequence` if it needs one.
fn write_char(out: &mut dyn Write, character: char) -> fmt::Result {
    match character {
        '\\' => out.write_str("\\\\"),
        '\u{8}' => out.write_str("\\b"),
        '\t' => out.write_str("\\t"),
        '\n' => out.write_str("\\n"),
        '\u{c}' => out.write_str("\\f"),
        '\r' => out.write_str("\\r"),
        // Four digits, so that a digit of the text does not continue them.
        _ if is_control(character) => write!(out, "\\x{:04X}", u32::from(character)),
        _ => out.write_char(character),
    }
}

fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

/// Writes a `charValue`.
fn write_char16(out: &mut dyn Write, unit: u16) -> fmt::Result {
    match char::from_u32(u32::from(unit)) {
        Some('\'') => out.write_str("'\\''"),
        Some(character) if !is_control(character) => {
            out.write_char('\'')?;
            write_char(out, character)?;
            out.write_char('\'')
        }
        _ => write!(out, "{unit}"),
    }
}

/// Writes a `realValue`, which has a point and digits after it.
fn write_real(out: &mut dyn Write, real: f64, shortest: String) -> fmt::Result {
    if !real.is_finite() {
        return write!(out, "NULL /* {shortest} */");
    }
    match shortest.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => write!(out, "{digits}.0e{exponent}"),
        _ => out.write_str(&shortest),
    }
}

/// Writes an octet string, whose first four octets are the length with themselves.
fn write_octets(out: &mut dyn Write, octets: &[u8]) -> fmt::Result {
    let length = u32::try_from(octets.len().saturating_add(4)).unwrap_or(u32::MAX);
    let length = length.to_be_bytes();
    write_list(out, length.iter().chain(octets), |out, octet| {
        write!(out, "0x{octet:02X}")
    })
}

/// Writes an `arrayInitializer`.
fn write_list<T>(
    out: &mut dyn Write,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut dyn Write, T) -> fmt::Result,
) -> fmt::Result {
    out.write_char('{')?;
    for (index, item) in items.into_iter().enumerate() {
        out.write_str(if index == 0 { " " } else { ", " })?;
        write(out, item)?;
    }
    out.write_str(" }")
}

/// Returns an object path with slashes in its namespace (DSP0207), which WMI reads as well.
fn with_slashes(path: &InstancePath) -> String {
    let text = path.to_string();
    let Some(namespace) = path.namespace() else {
        return text;
    };
    let start = path.host().map_or(0, |host| host.len().saturating_add(3));
    let end = start.saturating_add(namespace.as_str().len());
    match (text.get(..end), text.get(end..)) {
        (Some(before), Some(rest)) => before.replace('\\', "/") + rest,
        _ => text,
    }
}
