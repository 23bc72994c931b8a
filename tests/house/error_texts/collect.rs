//! Collects the texts of errors from the sources.

use std::collections::BTreeMap;

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};

use crate::sources::{files, source};

/// How the names of types end that are an error or a part of one.
const ERRORS: &[&str] = &[
    "Attempt",
    "Broken",
    "BadCharacter",
    "Cause",
    "Error",
    "Failure",
    "Fault",
    "Flaw",
    "NotPinned",
    "Obstacle",
    "Problem",
    "Reason",
];

/// Methods whose argument becomes an error.
const RAISE: &[&str] = &["is_not", "map_err", "ok_or", "ok_or_else"];

/// A text that a caller may read in an error.
pub(super) struct Text {
    /// The type and its variant, or the function that makes the error.
    pub(super) owner: String,
    pub(super) text: String,
}

/// Collects the texts of one file.
#[derive(Default)]
struct Collector {
    texts: Vec<Text>,
    owner: Vec<String>,
    /// How many errors are around the current expression.
    depth: usize,
    /// Whether the constants of the file are parts of errors.
    has_constants: bool,
    /// The files of tests that it declares.
    tests: Vec<String>,
}

pub(super) fn is_error(name: &str) -> bool {
    ERRORS.iter().any(|ending| name.ends_with(ending))
}

/// Returns the last name of a path, and the one before it.
fn last_names(path: &syn::Path) -> (String, Option<String>) {
    let mut names = path
        .segments
        .iter()
        .rev()
        .map(|part| part.ident.to_string());
    (names.next().unwrap_or_default(), names.next())
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

/// Returns the names of the variants that a pattern matches, joined.
fn variants(pattern: &syn::Pat) -> String {
    let path = match pattern {
        syn::Pat::Or(cases) => {
            let names: Vec<String> = cases.cases.iter().map(variants).collect();
            return names.join("|");
        }
        syn::Pat::Path(path) => &path.path,
        syn::Pat::Struct(fields) => &fields.path,
        syn::Pat::TupleStruct(fields) => &fields.path,
        _ => return String::new(),
    };
    last_names(path).0
}

impl Collector {
    fn inside(&mut self, owner: String, visit: impl FnOnce(&mut Self)) {
        self.owner.push(owner);
        visit(self);
        self.owner.pop();
    }

    fn in_error(&mut self, is_error: bool, visit: impl FnOnce(&mut Self)) {
        self.depth += usize::from(is_error);
        visit(self);
        self.depth -= usize::from(is_error);
    }

    fn add(&mut self, text: String) {
        let owner: Vec<&str> = self
            .owner
            .iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .collect();
        self.texts.push(Text {
            owner: owner.join("::"),
            text,
        });
    }

    /// Takes the text of thiserror's attribute.
    fn attribute(&mut self, attributes: &[syn::Attribute]) {
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("error"))
        {
            // The arguments that follow the text are no expressions: `.0` stands alone there.
            let tokens = &attribute.meta.require_list().unwrap().tokens;
            let first = tokens.clone().into_iter().next().unwrap().to_string();
            if let Ok(text) = syn::parse_str::<syn::LitStr>(&first) {
                self.add(text.value());
            }
        }
    }
}

impl Collector {
    /// Takes the meanings from the table of the variants of `Error`, the last of each row.
    fn kinds(&mut self, table: &syn::Macro) {
        let row = Punctuated::<syn::Expr, syn::Token![,]>::parse_separated_nonempty;
        let rows = table
            .parse_body_with(|input: syn::parse::ParseStream<'_>| {
                Punctuated::<_, syn::Token![;]>::parse_terminated_with(input, row)
            })
            .unwrap();
        for row in rows {
            if let (Some(syn::Expr::Path(variant)), Some(meaning)) = (row.first(), row.last()) {
                let owner = format!("Error::{}", last_names(&variant.path).0);
                self.inside(owner, |this| {
                    this.in_error(true, |this| this.visit_expr(meaning))
                });
            }
        }
    }
}

impl<'a> Visit<'a> for Collector {
    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        if is_test(&item.attrs) {
            self.tests.push(item.ident.to_string());
        } else {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        self.inside(item.ident.to_string(), |this| {
            this.in_error(this.has_constants, |this| {
                visit::visit_item_const(this, item)
            });
        });
    }

    fn visit_item_struct(&mut self, item: &'a syn::ItemStruct) {
        self.inside(item.ident.to_string(), |this| this.attribute(&item.attrs));
    }

    fn visit_item_enum(&mut self, item: &'a syn::ItemEnum) {
        for variant in &item.variants {
            let owner = format!("{}::{}", item.ident, variant.ident);
            self.inside(owner, |this| this.attribute(&variant.attrs));
        }
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let syn::Type::Path(this) = &*item.self_ty else {
            return;
        };
        let name = last_names(&this.path).0;
        let shows = match &item.trait_ {
            Some((path, _)) => last_names(path).0,
            None => String::new(),
        };
        if is_test(&item.attrs) || shows == "Debug" {
            return;
        }
        let is_text = shows == "Display" && is_error(&name);
        self.inside(name, |this| {
            this.in_error(is_text, |this| visit::visit_item_impl(this, item));
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        if is_test(&item.attrs) {
            return;
        }
        let name = item.sig.ident.to_string();
        // Functions such as `Error::meaning` hold the texts that `Display` prints.
        let is_text = name != "name"
            && self.owner.first().is_some_and(|owner| is_error(owner))
            && matches!(&item.sig.output, syn::ReturnType::Type(_, to) if matches!(&**to, syn::Type::Reference(_)));
        let name = if name == "fmt" { String::new() } else { name };
        self.inside(name, |this| {
            this.in_error(is_text, |this| visit::visit_impl_item_fn(this, item));
        });
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        if is_test(&item.attrs) {
            return;
        }
        // A function that writes to a formatter is a part of an implementation of `Display`.
        let writes = item.sig.inputs.iter().any(|input| {
            matches!(input, syn::FnArg::Typed(input) if matches!(&*input.ty, syn::Type::Reference(to)
                if matches!(&*to.elem, syn::Type::Path(to) if last_names(&to.path).0 == "Formatter")))
        });
        self.inside(item.sig.ident.to_string(), |this| {
            this.in_error(writes, |this| visit::visit_item_fn(this, item));
        });
    }

    fn visit_arm(&mut self, arm: &'a syn::Arm) {
        self.inside(variants(&arm.pat), |this| this.visit_expr(&arm.body));
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        let raises = match &*call.func {
            syn::Expr::Path(path) => {
                let (last, before) = last_names(&path.path);
                let before = before.as_deref();
                last == "Err"
                    || is_error(&last)
                    || before.is_some_and(is_error)
                    || before == Some("Self")
                        && self.owner.first().is_some_and(|owner| is_error(owner))
            }
            _ => false,
        };
        self.in_error(raises, |this| visit::visit_expr_call(this, call));
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        let raises = RAISE.iter().any(|name| call.method == name);
        self.in_error(raises, |this| {
            for argument in &call.args {
                this.visit_expr(argument);
            }
        });
    }

    fn visit_expr_struct(&mut self, value: &'a syn::ExprStruct) {
        let (last, before) = last_names(&value.path);
        let raises = is_error(&last) || before.as_deref().is_some_and(is_error);
        self.in_error(raises, |this| visit::visit_expr_struct(this, value));
    }

    fn visit_item_macro(&mut self, item: &'a syn::ItemMacro) {
        if item.mac.path.is_ident("kinds") {
            self.kinds(&item.mac);
        }
    }

    fn visit_macro(&mut self, item: &'a syn::Macro) {
        let parser = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = item.parse_body_with(parser) {
            for argument in &arguments {
                Visit::visit_expr(self, argument);
            }
        }
    }

    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        let text = text.value();
        if self.depth > 0 && text.contains(char::is_alphabetic) {
            self.add(text);
        }
    }
}

/// Returns the texts of each file.
pub(super) fn texts() -> BTreeMap<String, Vec<Text>> {
    let mut found = BTreeMap::new();
    let mut tests = Vec::new();
    for (path, text) in files(&source(), &["rs"]) {
        let name = path
            .strip_prefix(source())
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        // No caller reads the words of the fuzz targets.
        if name.starts_with("fuzzing/") {
            continue;
        }
        let mut collector = Collector {
            has_constants: name.starts_with("error/"),
            ..Collector::default()
        };
        collector.visit_file(&syn::parse_file(&text).unwrap());
        let folder = name.trim_end_matches(".rs").trim_end_matches("/mod");
        tests.extend(
            collector
                .tests
                .iter()
                .map(|test| format!("{folder}/{test}")),
        );
        found.insert(name, collector.texts);
    }
    found.retain(|name, texts| {
        let is_test = |test: &String| {
            name.strip_prefix(test.as_str())
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        !texts.is_empty() && !tests.iter().any(is_test)
    });
    found
}

#[test]
fn collects_each_form_of_text() {
    let code = r#"
        #[derive(Error)]
        enum FileError {
            #[error("larger than \
                     {0} bytes")]
            TooLarge(u64),
            #[error(transparent)]
            Other(Io),
        }
        impl fmt::Display for PathProblem {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Empty => f.write_str("there is no path"),
                    Self::Long { limit } => write!(f, "longer than {limit}"),
                }
            }
        }
        fn read() -> Result<(), FileError> {
            log("not an error");
            open().ok_or("there is no file")?;
            Err(FileError::new("the file is empty"))
        }
        #[cfg(test)]
        mod tests {
            fn read() { FileError::new("of a test"); }
        }
    "#;
    let mut collector = Collector::default();
    collector.visit_file(&syn::parse_file(code).unwrap());
    let texts: Vec<(&str, &str)> = collector
        .texts
        .iter()
        .map(|found| (found.owner.as_str(), found.text.as_str()))
        .collect();
    let expected = [
        ("FileError::TooLarge", "larger than {0} bytes"),
        ("PathProblem::Empty", "there is no path"),
        ("PathProblem::Long", "longer than {limit}"),
        ("read", "there is no file"),
        ("read", "the file is empty"),
    ];
    assert_eq!(texts, expected);
}
