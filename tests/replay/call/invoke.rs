//! Invokes a method.

use toml::{Table, Value as Toml};
use wsman::Session;

use super::Outcome;
use crate::case::Case;
use crate::values;

pub(super) async fn call(case: &Case, session: &Session) -> Result<Outcome, String> {
    let method = case.text("method").ok_or("[call] has no method")?;
    let arguments = case.call_table().get("arguments").and_then(Toml::as_table);
    let arguments = arguments.cloned().unwrap_or_else(Table::new);
    let mut request = session.invoke_method(case.path()?, method);
    for (name, toml) in &arguments {
        request = request.arg(name.as_str(), values::value(toml)?);
    }
    Ok(request.await.map_or_else(Outcome::Failed, Outcome::Invoked))
}
