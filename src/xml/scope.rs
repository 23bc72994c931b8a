//! The namespaces that are declared where a reader is.

use super::{Ns, XmlError};

/// Declarations of namespaces, those of the innermost element last. It keeps their texts, so that a
/// reader can be put away, and says at once what each means.
#[derive(Clone)]
pub(super) struct Scope {
    texts: String,
    bindings: Vec<Binding>,
}

#[derive(Clone)]
struct Binding {
    /// How deep the element is that declares it.
    depth: usize,
    /// Where the prefix begins, which the URI follows.
    start: usize,
    prefix: usize,
    uri: usize,
    ns: Ns,
}

/// Room for what an envelope declares.
const USUAL_TEXTS: usize = 1024;
const USUAL_BINDINGS: usize = 16;

/// Each name is looked up among all of them, so there may not be any number.
const MOST: usize = 128;

/// Bound to its namespace without a declaration, and to no other (Namespaces in XML 1.0, 3).
const XML: &str = "xml";

impl Scope {
    pub(super) fn new() -> Self {
        Self {
            texts: String::with_capacity(USUAL_TEXTS),
            bindings: Vec::with_capacity(USUAL_BINDINGS),
        }
    }

    /// Declares a namespace for an element that is so deep.
    pub(super) fn declare(
        &mut self,
        depth: usize,
        prefix: &str,
        uri: &str,
    ) -> Result<(), XmlError> {
        if self.bindings.len() == MOST {
            let text = format!("more than {MOST} namespaces declared at a time");
            return Err(XmlError::Malformed(text));
        }
        self.bindings.push(Binding {
            depth,
            start: self.texts.len(),
            prefix: prefix.len(),
            uri: uri.len(),
            ns: Ns::of(uri),
        });
        self.texts.push_str(prefix);
        self.texts.push_str(uri);
        Ok(())
    }

    /// Forgets what an element that was so deep declared.
    #[inline]
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some(last) = self.bindings.last()
            && last.depth == depth
        {
            self.texts.truncate(last.start);
            self.bindings.pop();
        }
    }

    /// What a prefix means; the empty one is that of names without one.
    pub(super) fn ns(&self, prefix: &str) -> Ns {
        match self.find(prefix) {
            _ if prefix == XML => Ns::Xml,
            Some(binding) if binding.uri > 0 => binding.ns,
            _ => Ns::None,
        }
    }

    /// The URI of a prefix.
    pub(super) fn uri(&self, prefix: &str) -> Option<&str> {
        let binding = self.find(prefix).filter(|binding| binding.uri > 0)?;
        let start = binding.start + binding.prefix;
        self.texts.get(start..start + binding.uri)
    }

    fn find(&self, prefix: &str) -> Option<&Binding> {
        let is_prefix = |binding: &&Binding| {
            let end = binding.start + binding.prefix;
            self.texts.get(binding.start..end) == Some(prefix)
        };
        self.bindings.iter().rev().find(is_prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::super::uri;
    use super::*;

    #[test]
    fn the_innermost_declaration_counts_until_its_element_ends() {
        let mut scope = Scope::new();
        scope.declare(1, "", uri::SOAP).unwrap();
        scope.declare(1, "a", uri::ADDRESSING).unwrap();
        scope.declare(3, "a", "urn:other").unwrap();
        scope.declare(3, "", "").unwrap();
        assert_eq!((scope.ns("a"), scope.ns("")), (Ns::Other, Ns::None));
        assert_eq!((scope.uri("a"), scope.uri("")), (Some("urn:other"), None));
        scope.leave(4);
        assert_eq!(scope.ns("a"), Ns::Other);
        scope.leave(3);
        assert_eq!((scope.ns("a"), scope.ns("")), (Ns::Addressing, Ns::Soap));
        assert_eq!(scope.uri("a"), Some(uri::ADDRESSING));
        scope.leave(1);
        assert_eq!((scope.ns("a"), scope.uri("a")), (Ns::None, None));
    }

    #[test]
    fn the_prefix_xml_means_xml() {
        let mut scope = Scope::new();
        assert_eq!(scope.ns("xml"), Ns::Xml);
        scope.declare(1, "xml", uri::SOAP).unwrap();
        assert_eq!(scope.ns("xml"), Ns::Xml);
    }

    #[test]
    fn there_may_not_be_any_number_at_a_time() {
        let mut scope = Scope::new();
        for _ in 0..MOST {
            scope.declare(2, "a", "urn:a").unwrap();
        }
        assert!(scope.declare(2, "b", "urn:b").is_err());
        scope.leave(2);
        assert!(scope.declare(2, "b", "urn:b").is_ok());
    }
}
