//! Compares the sent messages with the recorded ones.

use std::path::Path;

use toml::Value as Toml;

use crate::case::Case;
use crate::tree::Tree;

/// The parts of a recorded request that this client determines; other clients wrote the rest.
const PARTS: [&str; 7] = [
    "Action",
    "ResourceURI",
    "SelectorSet",
    "OptionSet",
    "FragmentTransfer",
    "Identifier",
    "Body",
];

/// Compares each request with its exchange, as its `compare` requires.
pub(crate) fn requests(
    folder: &Path,
    case: &Case,
    sent: &[impl AsRef<[u8]>],
) -> Result<(), String> {
    let exchanges = case
        .0
        .get("exchange")
        .and_then(Toml::as_array)
        .ok_or("no [[exchange]]")?;
    if sent.len() != exchanges.len() {
        return Err(format!(
            "{} messages were sent, not {}",
            sent.len(),
            exchanges.len()
        ));
    }
    for (sent, exchange) in sent.iter().zip(exchanges) {
        let text = |key: &str| exchange.get(key).and_then(Toml::as_str);
        let compare = text("compare").ok_or("an exchange without compare")?;
        if compare == "none" {
            text("why").ok_or("compare = \"none\" without a why")?;
            continue;
        }
        let file = folder.join(text("request").ok_or("an exchange without a request")?);
        let recorded = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let ours = Tree::parse(std::str::from_utf8(sent.as_ref()).map_err(|e| e.to_string())?)?;
        let theirs = Tree::parse(&recorded)?;
        match compare {
            "parts" => parts(ours, theirs, &except(exchange)?)?,
            "whole" => same(
                "the envelope",
                Some(&normalised(ours)),
                Some(&normalised(theirs)),
            )?,
            other => return Err(format!("no compare {other}")),
        }
    }
    Ok(())
}

/// Returns the parts, and the elements within them, that are excluded from the comparison for a reason.
fn except(exchange: &Toml) -> Result<Vec<&str>, String> {
    let Some(names) = exchange.get("except").and_then(Toml::as_array) else {
        return Ok(Vec::new());
    };
    exchange.get("why").ok_or("except without a why")?;
    Ok(names.iter().filter_map(Toml::as_str).collect())
}

fn parts(ours: Tree, theirs: Tree, except: &[&str]) -> Result<(), String> {
    let rest = |tree: &mut Tree| {
        tolerant(tree);
        let is_left_out = |name: &str| except.contains(&name) && !PARTS.contains(&name);
        tree.children.retain(|child| !is_left_out(&child.name.1));
    };
    let (ours, theirs) = (ours.map(&rest), theirs.map(&rest));
    PARTS
        .iter()
        .filter(|part| !except.contains(part))
        .try_for_each(|part| same(part, ours.find(part), theirs.find(part)))
}

fn same(part: &str, ours: Option<&Tree>, theirs: Option<&Tree>) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    let show = |tree: Option<&Tree>| tree.map_or("nothing".to_owned(), Tree::to_string);
    Err(format!(
        "{part} differs\n  sent:     {}\n  recorded: {}",
        show(ours),
        show(theirs)
    ))
}

/// Removes what other clients write in their own way.
fn tolerant(tree: &mut Tree) {
    tree.attributes
        .retain(|((_, name), _)| name != "mustUnderstand");
    common(tree);
    if matches!(
        tree.name.1.as_str(),
        "Action" | "ResourceURI" | "FragmentTransfer"
    ) {
        tree.text = tree.text.trim().to_owned();
    }
    if matches!(tree.name.1.as_str(), "MaxTime" | "Expires" | "Heartbeats")
        && let Some((seconds, "0S" | "000S" | "000000S")) = tree.text.split_once('.')
    {
        tree.text = [seconds, "S"].concat();
    }
}

/// Replaces UUIDs and addresses with the same value.
fn normalised(tree: Tree) -> Tree {
    tree.map(&|tree: &mut Tree| {
        common(tree);
        match tree.name.1.as_str() {
            "MessageID" | "SessionId" => tree.text = "uuid".to_owned(),
            "To" => tree.text = "address".to_owned(),
            _ => {}
        }
    })
}

/// Ignores the prefix of a type, which is plain text on the wire, and white space between elements.
fn common(tree: &mut Tree) {
    for ((_, name), value) in &mut tree.attributes {
        if name == "type" {
            *value = value.rsplit(':').next().unwrap_or_default().to_owned();
        }
    }
    if !tree.children.is_empty() {
        tree.text = tree.text.trim().to_owned();
    }
}
