//! Reference pages are written by the program: `UPDATE=1 cargo test` writes them, otherwise they are compared.

use std::fmt::Write;
use std::path::Path;
use waypost::cli::ExitKind;
use waypost::wire::v1::{ErrorCode, OPERATIONS};

fn compare(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{file} is not what the program says: run `UPDATE=1 cargo test reference` and look at the difference"
    );
}

fn each(command: &clap::Command, path: &str, visit: &mut impl FnMut(&str, &clap::Command)) {
    visit(path, command);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        each(sub, &format!("{path} {}", sub.get_name()), visit);
    }
}

#[test]
fn the_command_line_reference() {
    let mut text =
        "# Command line\n\nWritten by `UPDATE=1 cargo test reference`; the same texts as `--help`.\n".to_owned();
    let mut tree = waypost::cli::command().term_width(100);
    tree.build();
    each(&tree, "waypost", &mut |path, command| {
        let help = command.clone().bin_name(path).render_long_help().to_string();
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        write!(text, "\n## `{path}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()).unwrap();
    });
    compare("docs/cli.md", &text);
}

#[test]
fn every_command_has_help_and_every_one_that_acts_has_an_example() {
    let mut tree = waypost::cli::command();
    tree.build();
    each(&tree, "waypost", &mut |path, command| {
        assert!(command.get_about().is_some(), "{path} has no help");
        if command.get_subcommands().next().is_none() {
            let example = command.get_after_help().is_some_and(|text| text.to_string().contains("Example"));
            assert!(example, "{path} has no example");
        }
    });
}

#[test]
fn the_exit_codes() {
    let mut text = "# Exit codes\n\nWritten by `UPDATE=1 cargo test reference`.\n\n| code | meaning |\n| --- | --- |\n| 0 | done |\n".to_owned();
    for kind in ExitKind::ALL {
        writeln!(text, "| {} | {} |", kind.code(), kind.meaning()).unwrap();
    }
    text.push_str("\n`execute`, `job wait`, `job submit --wait` and `job logs --follow` end with the exit code of the script that ran.\n");
    compare("docs/exit-codes.md", &text);
}

#[test]
fn the_operations() {
    let mut text = "# Operations\n\nWritten by `UPDATE=1 cargo test reference` from `src/wire/v1/operation.rs`.\n\n\
                    | operation | route | repeatable | over a gateway |\n| --- | --- | --- | --- |\n"
        .to_owned();
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    for operation in OPERATIONS {
        let (method, path) = (operation.method.as_str(), operation.path);
        writeln!(
            text,
            "| `{}` | `{method} {path}` | {} | {} |",
            operation.name,
            yes(operation.repeatable),
            yes(operation.remote)
        )
        .unwrap();
    }
    text.push_str("\n*Repeatable*: running it twice is the same as running it once, so a gateway may hand it out again after a lost attempt.\n");
    text.push_str(
        "\n## Error codes\n\n| code | HTTP status | the same request may succeed later |\n| --- | --- | --- |\n",
    );
    for code in ErrorCode::ALL {
        writeln!(text, "| `{}` | {} | {} |", code.as_str(), code.status(), yes(code.retryable())).unwrap();
    }
    compare("docs/operations.md", &text);
}
