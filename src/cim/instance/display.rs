//! Instances as people read them.

use std::fmt;

use crate::cim::{Instance, mof};
use crate::shown::Shown;

impl fmt::Display for Instance {
    /// Prints the path, else the class, and a line for each property, as PowerShell's `Format-List`
    /// does. `{:#}` prints MOF: [`Instance::to_mof`].
    ///
    /// Control characters of values are escaped, so that a value stays on its line. A secret is `***`.
    ///
    /// ```
    /// use wsman::Instance;
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with_null("Description");
    /// assert_eq!(share.to_string(), "Win32_Share.Name=\"logs\"\n  Name        : logs\n  Description : NULL");
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return mof::write_instance(f, self);
        }
        match self.path() {
            Some(path) => write!(f, "{}", shown(&path.to_string()))?,
            None => write!(f, "{}", shown(self.class().as_str()))?,
        }
        let names: Vec<String> = self
            .properties()
            .iter()
            .map(|property| shown(property.name().as_str()).to_string())
            .collect();
        let width = names.iter().map(|name| name.chars().count()).max();
        let width = width.unwrap_or_default();
        for (name, property) in names.iter().zip(self) {
            let value = property.printed().to_string();
            write!(f, "\n  {name:width$} : {}", shown(&value))?;
        }
        Ok(())
    }
}

/// Escapes a text and keeps its length.
fn shown(text: &str) -> Shown<'_> {
    Shown::new(text).at_most(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::InstancePath;
    use crate::secret::Secret;

    #[test]
    fn prints_a_line_for_each_property() {
        let share = Instance::new("Win32_Share")
            .with("Name", "logs")
            .with("Tags", vec!["a", "b"])
            .with("Text", "x\nName : y\u{1b}[2J")
            .with("Password", Secret::from("hunter2"))
            .with("Level", 7u8);
        let text = "Win32_Share\n\
                    \x20 Name     : logs\n\
                    \x20 Tags     : {a, b}\n\
                    \x20 Text     : x\\nName : y\\u{1b}[2J\n\
                    \x20 Password : ***\n\
                    \x20 Level    : 7";
        assert_eq!(share.to_string(), text);
        let path = InstancePath::new("Win32_Share").with_key("Name", "logs");
        let first = "Win32_Share.Name=\"logs\"\n  Name     : logs\n";
        assert!(share.with_path(path).to_string().starts_with(first));
        assert_eq!(Instance::new("A").to_string(), "A");
    }
}
