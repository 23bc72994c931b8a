//! Properties as a class declares them.

use super::qualifier::{self, Qualifier};
use super::secret;
use super::shared::{self, qualified, typed};
use crate::cim::{Array, Char16Text, CimType, Name, Value, ValueError};

/// The declaration of a property.
///
/// ```
/// use wsman::cim::{CimType, PropertyDecl};
/// let tags = PropertyDecl::new("Tags", CimType::String).array().not_null();
/// assert!(tags.array && tags.not_null && !tags.key);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PropertyDecl {
    /// The name.
    pub name: Name,
    /// The type of the property, or of its elements.
    pub cim_type: CimType,
    /// Whether the property is an array.
    pub array: bool,
    /// Whether it is a key (qualifier `Key`).
    pub key: bool,
    /// Whether it must have a value (qualifier `Required`, in WMI `not_null`).
    pub not_null: bool,
    /// Whether the property is read-only: `Write(false)`, or `Read` without `Write`. A property with
    /// neither qualifier counts as writable, because OMI sends neither; DSP0004 would make it
    /// read-only.
    pub read_only: bool,
    /// Whether texts hide its value: `Debug` and `Display` of an instance of known class, errors and
    /// recordings. CIM has no qualifier for that. A property counts as secret if it is write-only
    /// (`Read(false)`), has the true qualifier `Secret`, `Password`, `Sensitive` or `Encrypted`, embeds
    /// an `MSFT_Credential`, or has the name of a secret of the CIM schema, such as `UserPassword`.
    pub secret: bool,
    /// The default value, used when an instance is created without this property; NULL if the class
    /// declares none.
    pub default: Value,
    /// The class of a reference or an embedded instance, if declared.
    pub class: Option<Name>,
    /// The class that declared the property, if the request asked for it (`IncludeClassOrigin`).
    pub origin: Option<Name>,
    /// Whether the property is inherited, as far as the server reports it.
    pub propagated: bool,
    /// The qualifiers, in order. The fields above already hold the meaning of `Key`, `Required`,
    /// `Read`, `Write` and `EmbeddedInstance`.
    pub qualifiers: Vec<Qualifier>,
}

qualified! { PropertyDecl }
typed! { PropertyDecl }

impl PropertyDecl {
    /// Creates a writable property with a single value that may be NULL.
    pub fn new(name: impl Into<Name>, cim_type: CimType) -> Self {
        let name = name.into();
        let secret = secret::is_known(&name, cim_type);
        Self {
            name,
            cim_type,
            array: false,
            key: false,
            not_null: false,
            read_only: false,
            secret,
            default: Value::Null,
            class: None,
            origin: None,
            propagated: false,
            qualifiers: Vec::new(),
        }
    }

    /// Makes it a key.
    #[must_use]
    pub fn key(mut self) -> Self {
        self.key = true;
        self
    }

    /// Rejects NULL as its value.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }

    /// Makes it read-only for clients.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Hides its value in texts, such as that of a password.
    ///
    /// ```
    /// use wsman::Instance;
    /// use wsman::cim::{CimType, Class, PropertyDecl};
    /// let class = Class::new("Acme_Account").with_property(PropertyDecl::new("Pin", CimType::Uint32).secret());
    /// let account = Instance::new("Acme_Account").with("Pin", 4711u32).typed_by(&class);
    /// assert_eq!(account.to_string(), "Acme_Account\n  Pin : ***");
    /// assert!(!format!("{account:?}").contains("4711"));
    /// ```
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Sets the default value, used when an instance is created without this property.
    #[must_use]
    pub fn or_else(mut self, default: impl Into<Value>) -> Self {
        self.default = default.into();
        self
    }

    fn understand(&mut self) {
        let says = |name| qualifier::says(&self.qualifiers, name);
        let required = says("Required").or(says("Not_Null"));
        let read_only = says("Write").map(|write| !write).or(says("Read"));
        self.key = says("Key").unwrap_or(self.key);
        self.not_null = required.unwrap_or(self.not_null);
        self.read_only = read_only.unwrap_or(self.read_only);
        let write_only = says("Read") == Some(false);
        self.secret |= write_only || secret::is_marked(&self.qualifiers);
        self.understand_embedded();
    }

    /// Converts a value to the declared type. Untyped text is parsed, a number is converted if no
    /// precision is lost, and a single value becomes an array if one is declared. NULL stays NULL.
    ///
    /// For an array of `uint8`, text that is not a number is decoded as base64, as WS-Man writes an
    /// octet string. A string may hold an embedded instance: DSP0004 declares it as a string, and some
    /// servers omit the qualifier.
    ///
    /// ```
    /// use wsman::cim::{CimType, PropertyDecl, Value};
    /// let tags = PropertyDecl::new("Tags", CimType::String).array();
    /// assert_eq!(tags.declared(&Value::Untyped("a".into()))?, Value::from(vec!["a"]));
    /// let level = PropertyDecl::new("Level", CimType::Uint8);
    /// assert!(level.declared(&Value::from(256)).is_err());
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// Fails on a value of another type, and on an array where none is declared. The error names the
    /// property.
    pub fn declared(&self, value: &Value) -> Result<Value, ValueError> {
        let declared = match value {
            Value::Null => Ok(Value::Null),
            Value::Octets(_) if self.array && self.cim_type == CimType::Uint8 => Ok(value.clone()),
            Value::Untyped(text) if self.array && self.cim_type == CimType::Uint8 => self
                .elements(value)
                .or_else(|error| octets(text).ok_or(error)),
            value if self.array => self.elements(value),
            Value::Array(_) | Value::Octets(_) => Err(value.is_not_of(self.cim_type)),
            value => value.typed_as(self.type_for(value)),
        };
        declared.map_err(|error| {
            let error = if self.secret {
                error.of_secret()
            } else {
                error
            };
            error.in_property(&self.name)
        })
    }

    /// Does the same for a value from a server that writes a `char16` in this form.
    pub(crate) fn declared_in(
        &self,
        value: &Value,
        char16_text: Char16Text,
    ) -> Result<Value, ValueError> {
        if self.cim_type != CimType::Char16 || char16_text == Char16Text::Character {
            return self.declared(value);
        }
        let read = |value: &Value| match value {
            Value::Untyped(text) => Value::of_char16(text, char16_text),
            _ => None,
        };
        let read = |value: &Value| read(value).unwrap_or_else(|| value.clone());
        self.declared(&match value {
            Value::Array(array) => {
                Value::Array(Array::of(None, array.into_iter().map(read).collect()))
            }
            single => read(single),
        })
    }

    fn elements(&self, value: &Value) -> Result<Value, ValueError> {
        let cim_type = self.type_for(value);
        let items = value.elements().iter().map(|item| item.typed_as(cim_type));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        Ok(Value::Array(Array::of(Some(cim_type), items)))
    }

    fn type_for(&self, value: &Value) -> CimType {
        match (self.cim_type, value.cim_type()) {
            (CimType::String, Some(CimType::Instance)) => CimType::Instance,
            (own, _) => own,
        }
    }
}

/// Decodes base64 text. An empty text returns `None`.
fn octets(text: &str) -> Option<Value> {
    let is_empty = text.trim_ascii().is_empty();
    Value::of_base64(text).filter(|_| !is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::Instance;

    #[test]
    fn read_without_write_is_read_only() {
        let of = |qualifiers: &[Qualifier]| {
            let property = PropertyDecl::new("P", CimType::String);
            let property = qualifiers
                .iter()
                .cloned()
                .fold(property, PropertyDecl::qualified);
            property.read_only
        };
        let (read, write) = (Qualifier::flag("read"), Qualifier::flag("write"));
        assert!(!of(&[]) && !of(&[Qualifier::flag("Key")]));
        assert!(of(std::slice::from_ref(&read)) && of(&[Qualifier::new("Write", false)]));
        assert!(!of(&[write.clone(), read.clone()]) && !of(&[read, write]));
    }

    #[test]
    fn converts_values_to_the_declared_type() {
        let untyped = |text: &str| Value::Untyped(text.into());
        let single = PropertyDecl::new("P", CimType::Uint16);
        assert_eq!(single.declared(&untyped("5")), Ok(Value::Uint16(5)));
        assert_eq!(single.declared(&Value::from(5u8)), Ok(Value::Uint16(5)));
        assert_eq!(single.declared(&Value::Null), Ok(Value::Null));
        let error = single.declared(&Value::from(vec![5u16])).unwrap_err();
        assert_eq!(error.property(), Some("P"));
        let array = single.clone().array();
        assert_eq!(array.declared(&untyped("5")), Ok(Value::from(vec![5u16])));
        assert!(array.declared(&Value::from("five")).is_err());
        assert!(array.declared(&Value::octets([5])).is_err());
        let octets = PropertyDecl::new("P", CimType::Uint8).array();
        assert_eq!(octets.declared(&Value::octets([5])), Ok(Value::octets([5])));
    }

    #[test]
    fn decodes_base64_only_for_declared_octets() {
        let untyped = |text: &str| Value::Untyped(text.into());
        let octets = PropertyDecl::new("P", CimType::Uint8).array();
        for text in ["AQIDBA==", "AQID\nBA=="] {
            let read = octets.declared(&untyped(text));
            assert_eq!(read, Ok(Value::octets([1, 2, 3, 4])), "{text:?}");
        }
        assert_eq!(
            octets.declared(&untyped("100")),
            Ok(Value::from(vec![100u8]))
        );
        assert!(octets.declared(&untyped("AQIDBA=")).is_err());
        let single = PropertyDecl::new("P", CimType::Uint8);
        assert!(single.declared(&untyped("AQIDBA==")).is_err());
        let numbers = PropertyDecl::new("P", CimType::Uint16).array();
        assert!(numbers.declared(&untyped("AQIDBA==")).is_err());
    }

    #[test]
    fn reads_char16_as_a_number_from_omi() {
        let untyped = |text: &str| Value::Untyped(text.into());
        let letter = PropertyDecl::new("P", CimType::Char16);
        let in_form = |text: &str, form| letter.declared_in(&untyped(text), form);
        for digit in 0u16..10 {
            let text = digit.to_string();
            let number = in_form(&text, Char16Text::Number);
            assert_eq!(number, Ok(Value::Char16(digit)));
            let character = in_form(&text, Char16Text::Character);
            assert_eq!(character, Ok(Value::Char16(digit + u16::from(b'0'))));
        }
        assert_eq!(in_form("65", Char16Text::Number), Ok(Value::Char16(65)));
        assert_eq!(in_form("A", Char16Text::Number), Ok(Value::Char16(65)));
        assert_eq!(in_form("05", Char16Text::Number), Ok(Value::Char16(5)));
        let letters = letter.array();
        let read = Array::from_values(vec![untyped("1"), untyped("66")]).unwrap();
        let read = letters.declared_in(&Value::Array(read), Char16Text::Number);
        let items = read.unwrap().elements().to_vec();
        assert_eq!(items, [Value::Char16(1), Value::Char16(66)]);
        let single = letters.declared_in(&untyped("7"), Char16Text::Number);
        assert_eq!(single.unwrap().elements(), [Value::Char16(7)]);
    }

    #[test]
    fn keeps_an_instance_in_a_string_property() {
        let part = Value::Instance(Box::new(Instance::new("Demo_Part")));
        let string = PropertyDecl::new("Part", CimType::String);
        assert_eq!(string.declared(&part), Ok(part.clone()));
        let parts = string.array().declared(&part).unwrap();
        assert_eq!(parts.elements(), [part]);
    }
}
