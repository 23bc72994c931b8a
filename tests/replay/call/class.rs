//! Runs the class operations of a case.

use wsman::Session;

use super::Outcome;
use crate::case::Case;

/// The defaults of [`Session::get_class`].
const USUAL: [&str; 3] = ["hierarchy", "inherited", "qualifiers"];

pub(super) async fn call(case: &Case, session: &Session) -> Outcome {
    let detail = if case.call_table().contains_key("detail") {
        case.names("detail")
    } else {
        USUAL.to_vec()
    };
    let mut request = session.get_class(case.text("class").unwrap_or_default());
    if !detail.contains(&"hierarchy") {
        request = request.without_hierarchy();
    }
    if !detail.contains(&"inherited") {
        request = request.without_inherited();
    }
    if !detail.contains(&"qualifiers") {
        request = request.without_qualifiers();
    }
    if detail.contains(&"origin") {
        request = request.with_class_origin();
    }
    match request.await {
        Ok(class) => Outcome::Class(class),
        Err(error) => Outcome::Failed(error),
    }
}
