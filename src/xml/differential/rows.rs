//! Compares rows that are read with what is known of the row before them.

use proptest::prelude::*;

use super::{messages, read, theirs};
use crate::xml::uri::XSI;

/// The depths at which the rows of a message may begin. No page has rows in rows.
const DEPTHS: &[&[usize]] = &[&[1], &[2], &[3], &[4], &[1, 2], &[2, 3], &[1, 2, 3]];

/// Reads the elements at each depth as rows, which must change nothing.
fn compare(bytes: &[u8]) -> Result<(), String> {
    let told = |said: Result<_, super::XmlError>| said.map_err(|error| error.to_string());
    let plain = told(read(bytes, &[]));
    for depth in DEPTHS {
        let by_rows = told(read(bytes, depth));
        if by_rows != plain {
            let text = String::from_utf8_lossy(bytes);
            return Err(format!("at {depth:?}: {text}\n{plain:?}\n{by_rows:?}"));
        }
    }
    Ok(())
}

#[test]
fn reads_rows_of_recorded_messages_like_other_elements() {
    for message in messages() {
        compare(&message).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}

#[test]
fn the_same_tag_may_mean_another_namespace() {
    let row = r#"<p:a x:nil="true"><p:b x:type="p:c"/></p:a>"#;
    let other = r#"<p:b x:type="p:c"/><p:a x:nil="true"/>"#;
    let holder = |declared: &str, rows: &str| format!("<h {declared}>{rows}</h>");
    for rows in [
        // Each holder declares the prefixes for itself.
        holder(r#"xmlns:p="urn:1" xmlns:x="urn:2""#, &row.repeat(3))
            + &holder(r#"xmlns:p="urn:3" xmlns:x="urn:4""#, &row.repeat(3))
            + &holder("", &row.repeat(2)),
        // A holder has the tag of the rows before it.
        holder(&format!("xmlns:p='urn:1' xmlns:x='{XSI}'"), &row.repeat(3))
            + &format!(r#"<p:a x:nil="true">{row}{row}</p:a>"#),
        // An element of the row declares them anew, around or beside those that are known.
        holder(
            r#"xmlns:p="urn:1" xmlns:x="urn:2""#,
            &[row, row, &holder(r#"xmlns:x="urn:5""#, row), row, other].concat(),
        ),
        // Two prefixes of one namespace make an attribute stand twice.
        holder(
            r#"xmlns:p="urn:1" xmlns:x="urn:1""#,
            &[
                r#"<a p:k="1" y:k="2" xmlns:y="urn:2"/>"#,
                r#"<a p:k="1" y:k="2" xmlns:y="urn:1"/>"#,
            ]
            .concat(),
        ),
    ] {
        let document = format!(r#"<r xmlns:p="urn:0" xmlns:x="urn:00">{rows}</r>"#);
        compare(document.as_bytes()).unwrap_or_else(|wrong| panic!("{wrong}"));
        let (ours, theirs) = (read(document.as_bytes(), &[2]), theirs(&document));
        assert_eq!(ours.ok(), theirs.ok(), "{document}");
    }
}

/// An element with the start of its tag, and the elements in it.
#[derive(Clone, Debug)]
struct Made(&'static str, Vec<Made>);

const STARTS: &[&str] = &[
    "a",
    "p:a",
    "x:a",
    "h",
    r#"a p:k="1""#,
    r#"p:a p:k="1" x:k="2""#,
    r#"p:a x:nil="true""#,
    r#"a xmlns="urn:1""#,
    r#"a xmlns:p="urn:1""#,
    r#"p:a xmlns:p="urn:2" p:k="1""#,
    r#"h xmlns:p="urn:1" xmlns:x="urn:2""#,
    r#"h xmlns:x="http://www.w3.org/2001/XMLSchema-instance""#,
    r#"p:b x:type="p:c" k="&amp;""#,
    r#"p:b x:type='p:c'"#,
    "z:a",
    r#"a z:k="1""#,
];

fn made() -> impl Strategy<Value = Made> {
    let start = || prop::sample::select(STARTS);
    let leaf = start().prop_map(|start| Made(start, Vec::new()));
    leaf.prop_recursive(4, 40, 5, move |inner| {
        (start(), prop::collection::vec(inner, 0..5)).prop_map(|(start, inner)| Made(start, inner))
    })
}

impl Made {
    fn write(&self, text: &mut String) {
        let Self(start, inner) = self;
        let name = start.split(' ').next().unwrap_or_default();
        if inner.is_empty() {
            return text.push_str(&format!("<{start}/>"));
        }
        text.push_str(&format!("<{start}>"));
        inner.iter().for_each(|one| one.write(text));
        text.push_str(&format!("</{name}>"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn reads_any_rows_like_other_elements(
        rows in prop::collection::vec(made(), 1..4),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..9),
        declared in prop::sample::select(&["", r#" xmlns:p="urn:1" xmlns:x="urn:2""#][..]),
    ) {
        // Rows that repeat, with others between them.
        let mut text = format!("<r{declared}>");
        order.iter().for_each(|at| at.get(&rows).write(&mut text));
        text.push_str("</r>");
        if let Err(wrong) = compare(text.as_bytes()) {
            prop_assert!(false, "{}", wrong);
        }
        let (ours, theirs) = (read(text.as_bytes(), &[1]), theirs(&text));
        prop_assert_eq!(ours.ok(), theirs.ok(), "{}", text);
    }
}
