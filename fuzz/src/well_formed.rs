//! Reads what the library writes with roxmltree.

use roxmltree::{Document, Node};

/// Asserts that a message is well-formed, and that its body holds one element; returns the shape of that
/// element: the names of it and of all below it, without any value.
pub fn body_shape(message: &[u8]) -> Vec<(usize, String)> {
    let text = std::str::from_utf8(message).expect("written as UTF-8");
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "Envelope");
    let body = elements(root).last().expect("a body");
    assert_eq!(body.tag_name().name(), "Body");
    assert_eq!(elements(body).count(), 1, "in the body of {text}");
    let mut shape = Vec::new();
    add(&mut shape, elements(body).next().expect("one element"), 0);
    shape
}

fn add(shape: &mut Vec<(usize, String)>, element: Node<'_, '_>, depth: usize) {
    shape.push((depth, element.tag_name().name().to_owned()));
    elements(element).for_each(|child| add(shape, child, depth + 1));
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}
