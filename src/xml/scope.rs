//! The namespaces declared at the position of a reader.

use super::Ns;
use super::error::XmlError;

/// Namespace declarations, with those of the innermost element last. It owns their texts, so that a
/// reader can be paused, and resolves each prefix quickly.
#[derive(Clone)]
pub(super) struct Scope {
    texts: String,
    bindings: Vec<Binding>,
    /// The binding last looked up: the next element usually has the same prefix.
    last: usize,
}

#[derive(Clone)]
struct Binding {
    /// The depth of the element that declares it.
    depth: usize,
    /// The offset of the prefix, which the URI follows.
    start: usize,
    prefix: usize,
    uri: usize,
    ns: Ns,
}

/// The capacity for the declarations of an envelope.
const USUAL_TEXTS: usize = 1024;
const USUAL_BINDINGS: usize = 16;

/// Bound to its namespace without a declaration, and to no other (Namespaces in XML 1.0, 3).
const XML: &str = "xml";
const XML_URI: &str = "http://www.w3.org/XML/1998/namespace";

/// The prefix of declarations, bound to a namespace that cannot be declared.
const XMLNS: &str = "xmlns";
const XMLNS_URI: &str = "http://www.w3.org/2000/xmlns/";

impl Scope {
    pub(super) fn new() -> Self {
        Self {
            texts: String::with_capacity(USUAL_TEXTS),
            bindings: Vec::with_capacity(USUAL_BINDINGS),
            last: 0,
        }
    }

    /// Returns the number of declarations. It is limited, because each name is looked up among all.
    pub(super) fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Declares a namespace for an element at this depth.
    pub(super) fn declare(
        &mut self,
        depth: usize,
        prefix: &str,
        uri: &str,
    ) -> Result<(), XmlError> {
        self.check(depth, prefix, uri)?;
        self.bind(depth, prefix, uri, Ns::of(uri));
        Ok(())
    }

    /// Declares a namespace that was found valid.
    pub(super) fn bind(&mut self, depth: usize, prefix: &str, uri: &str, ns: Ns) {
        self.bindings.push(Binding {
            depth,
            start: self.texts.len(),
            prefix: prefix.len(),
            uri: uri.len(),
            ns,
        });
        self.texts.push_str(prefix);
        self.texts.push_str(uri);
    }

    /// Validates a declaration (Namespaces in XML 1.0, 2.2, 3 and 6.3).
    fn check(&self, depth: usize, prefix: &str, uri: &str) -> Result<(), XmlError> {
        let mut own = self.bindings.iter().rev();
        let is_twice = own
            .by_ref()
            .take_while(|binding| binding.depth == depth)
            .any(|binding| self.prefix(binding) == Some(prefix));
        let is_reserved = match prefix {
            XML => uri != XML_URI,
            XMLNS => true,
            _ => matches!(uri, XML_URI | XMLNS_URI),
        };
        if is_twice || is_reserved || (uri.is_empty() && !prefix.is_empty()) {
            let text = format!("the prefix {prefix:?} cannot be declared as {uri:?} here");
            return Err(XmlError::Malformed(text));
        }
        Ok(())
    }

    /// Returns whether a prefix is declared.
    #[inline]
    pub(super) fn knows(&mut self, prefix: &str) -> bool {
        let last = self.bindings.get(self.last);
        last.is_some_and(|last| self.prefix(last) == Some(prefix)) || self.look_up(prefix)
    }

    #[cold]
    fn look_up(&mut self, prefix: &str) -> bool {
        let mut bindings = self.bindings.iter();
        match bindings.rposition(|binding| self.prefix(binding) == Some(prefix)) {
            Some(found) => {
                self.last = found;
                true
            }
            None => prefix == XML,
        }
    }

    /// Removes the declarations of an element at this depth.
    #[inline]
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some(last) = self.bindings.last()
            && last.depth == depth
        {
            self.texts.truncate(last.start);
            self.bindings.pop();
        }
    }

    /// Returns the meaning of a prefix; the empty prefix is the default namespace.
    pub(super) fn ns(&self, prefix: &str) -> Ns {
        match self.find(prefix) {
            _ if prefix == XML => Ns::Xml,
            Some(binding) if binding.uri > 0 => binding.ns,
            _ => Ns::None,
        }
    }

    /// Returns the URI of a prefix.
    pub(super) fn uri(&self, prefix: &str) -> Option<&str> {
        let binding = self.find(prefix).filter(|binding| binding.uri > 0)?;
        let start = binding.start + binding.prefix;
        self.texts.get(start..start + binding.uri)
    }

    fn find(&self, prefix: &str) -> Option<&Binding> {
        let is_prefix = |binding: &&Binding| self.prefix(binding) == Some(prefix);
        self.bindings.iter().rev().find(is_prefix)
    }

    /// Returns the prefix of a binding.
    #[inline]
    fn prefix(&self, binding: &Binding) -> Option<&str> {
        self.texts
            .get(binding.start..binding.start + binding.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::super::uri;
    use super::*;

    #[test]
    fn uses_the_innermost_declaration_until_its_element_ends() {
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
        scope.declare(1, "xml", XML_URI).unwrap();
        assert_eq!(scope.ns("xml"), Ns::Xml);
    }

    #[test]
    fn rejects_forbidden_declarations() {
        let mut scope = Scope::new();
        scope.declare(1, "a", "urn:a").unwrap();
        for (depth, prefix, uri) in [
            (1, "a", "urn:b"),
            (1, "b", ""),
            (1, "xml", "urn:a"),
            (1, "b", XML_URI),
            (1, "", XML_URI),
            (1, "xmlns", XMLNS_URI),
            (1, "b", XMLNS_URI),
        ] {
            assert!(scope.declare(depth, prefix, uri).is_err(), "{prefix} {uri}");
        }
        for (depth, prefix, uri) in [(2, "a", "urn:b"), (2, "", ""), (2, "b", "urn:a")] {
            assert!(scope.declare(depth, prefix, uri).is_ok(), "{prefix} {uri}");
        }
    }

    #[test]
    fn knows_a_prefix_while_its_element_is_open() {
        let mut scope = Scope::new();
        assert!(scope.knows("xml") && !scope.knows("a"));
        scope.declare(1, "a", "urn:a").unwrap();
        scope.declare(2, "b", "urn:b").unwrap();
        assert!(scope.knows("b") && scope.knows("a") && scope.knows("b"));
        scope.leave(2);
        assert!(!scope.knows("b") && scope.knows("a"));
        scope.declare(2, "c", "urn:c").unwrap();
        assert!(!scope.knows("b") && scope.knows("c"));
    }
}
