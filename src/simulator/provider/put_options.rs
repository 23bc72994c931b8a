//! The options of a Put that select the properties to write.

use crate::cim::Name;
use crate::protocol::WsmanOption;
use crate::simulator::model::semantics::{CimFailure, Scope};

/// The option in which a Windows MI client names the changed properties.
const MODIFIED: &str = "wmiarray:__MIInstanceModifiedPropertiesList";

/// Reads the list of a Windows MI client, else the context values of a partial update (MS-WMI
/// 2.2.13). The latter require `__PUT_EXTENSIONS`, and write NULL only with
/// `__PUT_EXT_STRICT_NULLS`.
pub(in crate::simulator) fn scope(options: &[WsmanOption]) -> Result<Scope, CimFailure> {
    let modified = names(options, MODIFIED);
    if !modified.is_empty() {
        return Ok(Scope::Only {
            names: modified,
            nulls: true,
        });
    }
    let extended = options
        .iter()
        .any(|option| option.name().contains(":__PUT_EXT_"));
    if !is_set(options, "wmi:__PUT_EXTENSIONS") {
        return if extended {
            Err(CimFailure::InvalidContext)
        } else {
            Ok(Scope::Whole)
        };
    }
    let names = names(options, "wmiarray:__PUT_EXT_PROPERTIES");
    if names.is_empty() {
        return Ok(Scope::Whole);
    }
    Ok(Scope::Only {
        names,
        nulls: is_set(options, "wmi:__PUT_EXT_STRICT_NULLS"),
    })
}

fn names(options: &[WsmanOption], name: &str) -> Vec<Name> {
    let named = options.iter().filter(|option| option.name() == name);
    named.map(|option| Name::new(option.value())).collect()
}

fn is_set(options: &[WsmanOption], name: &str) -> bool {
    let is_true = |option: &WsmanOption| option.value().eq_ignore_ascii_case("true");
    options
        .iter()
        .any(|option| option.name() == name && is_true(option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_needs_its_switch() {
        let list = WsmanOption::new("wmiarray:__PUT_EXT_PROPERTIES", "Path");
        assert!(scope(std::slice::from_ref(&list)).is_err());
        let switch = WsmanOption::new("wmi:__PUT_EXTENSIONS", "true");
        let Ok(Scope::Only { names, nulls }) = scope(&[switch, list]) else {
            panic!()
        };
        assert_eq!((names, nulls), (vec![Name::new("path")], false));
    }

    #[test]
    fn the_list_of_an_mi_client() {
        let options = [
            WsmanOption::new(MODIFIED, "A"),
            WsmanOption::new(MODIFIED, "B"),
        ];
        let Ok(Scope::Only { names, nulls: true }) = scope(&options) else {
            panic!()
        };
        assert_eq!(names.len(), 2);
        assert!(matches!(scope(&[]), Ok(Scope::Whole)));
    }
}
