//! An array of values of one type.

use crate::cim::{CimType, Value, ValueError};

/// An array: every element is of one type, or all are untyped text.
///
/// Elements may be NULL in CIM (DSP0004 5.2.2). WS-Man cannot send a NULL element (MS-WSMV 3.1.4.1.26),
/// so writing such an array fails.
///
/// ```
/// use wsman::cim::{Array, CimType, Value};
/// let tags = Value::from(vec!["a", "b"]);
/// assert_eq!(tags.elements().len(), 2);
/// let none = Array::new(CimType::Uint32);
/// assert_eq!(none.element_type(), Some(CimType::Uint32));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Array {
    element_type: Option<CimType>,
    items: Vec<Value>,
}

impl Array {
    /// Creates an empty array of a type.
    pub fn new(element_type: CimType) -> Self {
        Self {
            element_type: Some(element_type),
            items: Vec::new(),
        }
    }

    /// Creates an empty array of untyped text.
    pub fn untyped() -> Self {
        Self::default()
    }

    /// Creates an array of the type of its first element that is not NULL.
    ///
    /// # Errors
    /// Fails on an element that is an array, or of another type than the first.
    pub fn from_values(items: Vec<Value>) -> Result<Self, ValueError> {
        let element_type = items
            .iter()
            .find(|item| !item.is_null())
            .and_then(Value::cim_type);
        let mut array = Self {
            element_type,
            items: Vec::with_capacity(items.len()),
        };
        items.into_iter().try_for_each(|item| array.push(item))?;
        Ok(array)
    }

    /// Adds an element at the end.
    ///
    /// # Errors
    /// Fails on an element that is itself an array, or of another type.
    pub fn push(&mut self, item: Value) -> Result<(), ValueError> {
        let fits = item.is_null() || (!item.is_array() && item.cim_type() == self.element_type);
        if !fits {
            let wanted = match self.element_type {
                Some(cim_type) => format!("an element of an array of {cim_type}"),
                None => "an element of an array of untyped text".to_owned(),
            };
            return Err(item.is_not(wanted));
        }
        self.items.push(item);
        Ok(())
    }

    /// Returns the type of the elements; `None` for untyped text.
    pub fn element_type(&self) -> Option<CimType> {
        self.element_type
    }

    /// Returns the elements.
    pub fn as_slice(&self) -> &[Value] {
        &self.items
    }

    /// Returns the elements, owned.
    pub fn into_vec(self) -> Vec<Value> {
        self.items
    }

    /// Returns the number of elements.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns whether the array is empty.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Creates an array from elements that are known to be of `element_type`.
    pub(crate) fn of(element_type: Option<CimType>, items: Vec<Value>) -> Self {
        Self {
            element_type,
            items,
        }
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requires_elements_of_one_type_or_null() {
        let array = Array::from_values(vec![Value::Null, Value::Uint8(1), Value::Uint8(2)]);
        let mut array = array.unwrap();
        assert_eq!(
            (array.element_type(), array.len()),
            (Some(CimType::Uint8), 3)
        );
        assert!(array.push(Value::Uint16(3)).is_err());
        assert!(array.push(Value::octets([3])).is_err());
        assert!(array.push(Value::from(vec![3u8])).is_err());
        assert_eq!(array.len(), 3);
    }
}
