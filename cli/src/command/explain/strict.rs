//! Checks with an independent parser that the output contains all texts of a message.

use roxmltree::{Document, Node, NodeType};

use super::said::{Said, read_json};

/// Attributes without information, by namespace and name.
const SILENT: [(&str, &str); 3] = [
    ("http://www.w3.org/2003/05/soap-envelope", "mustUnderstand"),
    (
        "http://schemas.xmlsoap.org/soap/envelope/",
        "mustUnderstand",
    ),
    (
        "http://www.w3.org/2001/XMLSchema-instance",
        "schemaLocation",
    ),
];

const NIL: (&str, &str) = ("http://www.w3.org/2001/XMLSchema-instance", "nil");

/// Returns the texts and attribute values that occur more often in the document than in the JSON of
/// its line.
///
/// # Errors
/// Fails if the document or the line cannot be read; the text says why.
pub(super) fn missing(document: &str, line: &str) -> Result<Vec<String>, String> {
    let document = Document::parse(document).map_err(|error| error.to_string())?;
    let mut line = read_json(line).map_err(|error| error.to_string())?;
    // These keys of the line are not part of the message.
    for ours in ["file", "kind", "class", "problem"] {
        line.as_object_mut()
            .and_then(|entries| entries.remove(ours));
    }
    let mut said = Said::by(&line);
    let mut missing = Vec::new();
    let elements = document.root_element().descendants();
    for element in elements.filter(Node::is_element) {
        for attribute in element.attributes() {
            let name = (attribute.namespace().unwrap_or_default(), attribute.name());
            let is_nil = name == NIL && matches!(attribute.value().trim(), "true" | "1");
            let is_said = SILENT.contains(&name)
                || (is_nil && said.take_null())
                || said.take(attribute.value());
            if !is_said {
                missing.push(format!("{}=\"{}\"", attribute.name(), attribute.value()));
            }
        }
        let unsaid = texts(element).into_iter();
        missing.extend(unsaid.filter(|text| !text.trim().is_empty() && !said.take(text)));
    }
    Ok(missing)
}

/// Returns the texts directly in an element. A comment does not split a text.
fn texts(element: Node<'_, '_>) -> Vec<String> {
    let mut texts = vec![String::new()];
    for node in element.children() {
        match (node.node_type(), texts.last_mut()) {
            (NodeType::Element, _) => texts.push(String::new()),
            (NodeType::Text, Some(last)) => last.push_str(node.text().unwrap_or_default()),
            _ => {}
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='no' b='1'>\
        <c>one<!-- no --> &amp; two</c><c>one &amp; two</c><d i:nil='true'/> <e>3</e> </a>";

    #[test]
    fn requires_every_occurrence_of_a_text() {
        for (line, expected) in [
            (
                r##"{"b":1,"c":["one & two",{"#text":" one & two "}],"d":null,"e":3}"##,
                [].as_slice(),
            ),
            (
                r##"{"b":"1","c":"one & two","d":null,"e":"3"}"##,
                &["one & two"],
            ),
            (
                r##"{"c":["one & two","one & two"],"@i:nil":"true","e":33}"##,
                &["b=\"1\"", "3"],
            ),
            (
                r##"{"file":"3","class":"1","x":["one & two","one & two",null]}"##,
                &["b=\"1\"", "3"],
            ),
            (
                r##"{"x":["one & two","one & two",1,3]}"##,
                &["nil=\"true\""],
            ),
        ] {
            assert_eq!(missing(MESSAGE, line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn fails_on_an_unreadable_document_or_line() {
        assert!(missing("<a>", "{}").is_err());
        assert!(missing("<a/>", "{").is_err());
    }
}
