//! The help of every command, as it is printed 100 columns wide.
//!
//! `INSTA_UPDATE=always` writes the snapshots anew.

use crate::program::Program;

/// Returns the names in the list of commands.
fn commands(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    // The text of a command may take several lines.
    let names = list.lines().filter(|line| !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

async fn help(words: &[&str]) -> String {
    let ending = Program::new(words).run().await;
    assert_eq!((ending.code, ending.stderr.as_str()), (0, ""), "{ending:?}");
    ending.stdout
}

/// Splits the part that is a command's own from what all commands share.
fn shared(help: &str) -> (&str, Option<&str>) {
    match help.split_once("\nHosts:\n") {
        Some((own, shared)) => (own, Some(shared)),
        None => (help, None),
    }
}

#[tokio::test]
async fn the_help_of_every_command_is_that_of_the_snapshot() {
    let whole = help(&["--help"]).await;
    let names = commands(&whole);
    assert!(names.len() > 25, "{names:?}");
    let mut all = whole.clone();
    let mut of_hosts: Option<String> = None;
    for name in names.iter().filter(|name| *name != "help") {
        let text = help(&[name, "--help"]).await;
        all.push_str(&format!("\n==== wsman {name}\n\n{}", shared(&text).0));
        // The long form of the options that all share stands in the page of each command.
        let short = help(&[name, "-h"]).await;
        let Some(same) = shared(&short).1 else {
            continue;
        };
        // What stands below the options is the command's own.
        let same = same.split("\nOutput:\n").next().unwrap();
        all.push_str("\n(the options that all share)\n");
        let first = of_hosts.get_or_insert_with(|| same.to_owned());
        assert_eq!(first, same, "{name}");
    }
    for name in ["add", "list", "remove"] {
        let text = help(&["profile", name, "--help"]).await;
        all.push_str(&format!(
            "\n==== wsman profile {name}\n\n{}",
            shared(&text).0
        ));
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn the_help_fits_the_terminal() {
    let whole = help(&["--help"]).await;
    for name in commands(&whole).iter().map(String::as_str).chain([""]) {
        for form in ["-h", "--help"] {
            let words: Vec<&str> = [name, form]
                .into_iter()
                .filter(|word| !word.is_empty())
                .collect();
            let ending = Program::new(&words).env("COLUMNS", "80").run().await;
            // A line of usage, and a list of values, have no place to break.
            let wide = ending.stdout.lines().find(|line| {
                line.chars().count() > 80
                    && !line.starts_with("Usage:")
                    && !line.contains("[possible values")
            });
            assert_eq!(wide, None, "{words:?}");
        }
    }
}
