//! Reads the imports of the files of `src/` from their text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file of `src/`.
pub(crate) struct Module {
    /// The files that define the names it uses.
    pub(crate) needs: BTreeSet<String>,
}

/// A file while its imports are resolved.
struct Parsed {
    file: String,
    code: String,
    /// The names that it re-exports, each with its path.
    reexports: BTreeMap<String, Vec<String>>,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn source() -> PathBuf {
    root().join("src")
}

/// Returns every file below a folder with one of these extensions, with its text.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if path
            .extension()
            .is_some_and(|ending| endings.iter().any(|known| ending == *known))
        {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// Returns the code of a file without its comments and documentation.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        if !line.trim_start().starts_with("//") {
            code.push_str(line.split(" // ").next().unwrap_or_default());
        }
        code.push('\n');
    }
    code
}

/// Returns every file of `src/` by its name, except tests and `lib.rs`, which only lists the parts.
pub(crate) fn modules() -> BTreeMap<String, Module> {
    let mut parsed: BTreeMap<Vec<String>, Parsed> = BTreeMap::new();
    for (path, text) in files(&source(), &["rs"]) {
        let file = path
            .strip_prefix(source())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if file.ends_with("tests.rs") || file == "lib.rs" {
            continue;
        }
        let module = module_path(&file);
        let code = code(
            text.split("\n#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default(),
        );
        let reexports = reexports(&code, &module);
        parsed.insert(
            module,
            Parsed {
                file,
                code,
                reexports,
            },
        );
    }
    parsed
        .iter()
        .map(|(module, this)| {
            let mut needs: BTreeSet<String> = paths(&this.code, module)
                .iter()
                .filter_map(|path| definer(&parsed, path))
                .collect();
            needs.remove(&this.file);
            needs.retain(|needed| !is_around(needed, &this.file));
            (this.file.clone(), Module { needs })
        })
        .collect()
}

/// Returns whether a file is the `mod.rs` of a folder around another file. The files in the folder
/// extend its definitions, so a cycle between a part and its pieces is accepted.
fn is_around(needed: &str, file: &str) -> bool {
    needed
        .strip_suffix("mod.rs")
        .is_some_and(|folder| file.starts_with(folder))
}

/// Returns `cim::value` for `cim/value/mod.rs`.
fn module_path(file: &str) -> Vec<String> {
    let name = file.trim_end_matches(".rs").trim_end_matches("/mod");
    name.split('/').map(str::to_owned).collect()
}

/// Returns the paths that a module names, except those it re-exports, from the root of the crate.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (is_public, tree) in uses(code) {
        if !is_public {
            found.extend(
                expand(&tree)
                    .into_iter()
                    .filter_map(|path| absolute(&path, module)),
            );
        }
    }
    let without_uses: String = code
        .split(';')
        .filter(|statement| !last_line_is_use(statement))
        .collect::<Vec<_>>()
        .join(";");
    for start in ["crate::", "super::"] {
        for (at, _) in without_uses.match_indices(start) {
            let is_inside = without_uses[..at].ends_with("::");
            if !is_inside {
                let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
                let path = without_uses[at..].split(end).next().unwrap_or_default();
                found.extend(absolute(path.trim_end_matches(':'), module));
            }
        }
    }
    found
}

fn last_line_is_use(statement: &str) -> bool {
    use_tree(statement).is_some()
}

/// The tree of a `use`, and whether it is a re-export.
fn use_tree(statement: &str) -> Option<(bool, String)> {
    let at = statement
        .match_indices("use ")
        .map(|(at, _)| at)
        .find(|at| {
            let line = statement[..*at]
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .trim();
            line.is_empty() || line.starts_with("pub")
        })?;
    let line = statement[..at].rsplit('\n').next().unwrap_or_default();
    let tree = statement[at + 4..]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    Some((line.trim().starts_with("pub"), tree))
}

fn uses(code: &str) -> Vec<(bool, String)> {
    code.split(';').filter_map(use_tree).collect()
}

/// Expands `a::{b, c::{d, e}}` to `a::b`, `a::c::d` and `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return vec![path.trim_end_matches("::self").to_owned()];
    };
    let (before, inside) = (&tree[..open], &tree[open + 1..tree.len() - 1]);
    let mut found = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inside.char_indices().chain([(inside.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inside[start..at].trim();
                if !part.is_empty() {
                    found.extend(expand(&format!("{before}{part}")));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// Returns a path from the root of the crate, if it stays inside the crate.
fn absolute(path: &str, module: &[String]) -> Option<Vec<String>> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let mut found = match parts.peek() {
        Some(&"crate") => {
            parts.next();
            Vec::new()
        }
        Some(&"self") => {
            parts.next();
            module.to_vec()
        }
        Some(&"super") => {
            let mut above = module.to_vec();
            while parts.peek() == Some(&"super") {
                parts.next();
                above.pop()?;
            }
            above
        }
        // A child, if one has that name.
        _ => module.to_vec(),
    };
    found.extend(parts.map(str::to_owned));
    Some(found)
}

/// Returns what a module re-exports under its own name.
fn reexports(code: &str, module: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for (is_public, tree) in uses(code) {
        if is_public {
            for path in expand(&tree) {
                if let Some(path) = absolute(&path, module)
                    && let Some(name) = path.last().cloned()
                {
                    found.insert(name, path);
                }
            }
        }
    }
    found
}

/// Returns the file that defines a path; follows re-exports to their definition.
fn definer(parsed: &BTreeMap<Vec<String>, Parsed>, path: &[String]) -> Option<String> {
    let mut path = path.to_vec();
    for _ in 0..8 {
        let known = (1..=path.len())
            .rev()
            .find(|length| parsed.contains_key(&path[..*length]))?;
        let module = &parsed[&path[..known]];
        let Some(next) = path.get(known).and_then(|name| module.reexports.get(name)) else {
            return Some(module.file.clone());
        };
        path = next.iter().chain(&path[known + 1..]).cloned().collect();
    }
    None
}

#[test]
fn expands_a_tree_of_imports() {
    assert_eq!(
        expand("crate::{a::B, c::{self, D as E}}"),
        ["crate::a::B", "crate::c", "crate::c::D"]
    );
}
