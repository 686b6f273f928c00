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
        "# Command line\n\nWritten by `UPDATE=1 cargo test reference`; the same texts as `--help`, but the options that every \
         command has (`--json`, `--text`, `--home`, `--log`, `--color`, `--help`,\
         `--version`) stand at `waypost` only.\n"
            .to_owned();
    let mut tree = waypost::cli::command().term_width(100);
    tree.build();
    each(&tree, "waypost", &mut |path, command| {
        let everywhere = |arg: &clap::Arg| arg.is_global_set() || matches!(arg.get_id().as_str(), "help" | "version");
        let once = |arg: clap::Arg| if path != "waypost" && everywhere(&arg) { arg.hide(true) } else { arg };
        let help = command.clone().mut_args(once).bin_name(path).render_long_help().to_string();
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
    text.push_str(
        "\n`execute`, `shell`, `job get`, `job wait`, `job submit --wait` and `job logs --follow` end with the exit code of the \
         script that ran.\n\n\
         The commands that clients of other `/v1` servers have too (`workspace`, `session`, `execute`, `shell`, `provision`, \
         `glob`, `vfs`, `tools`, and `job list|get|wait|cancel` at a node's own address) end as there:\n\n\
         | situation | code |\n| --- | --- |\n\
         | done | 0 |\n\
         | the server refused it, whatever the reason (HTTP 400 and above) | 2; with `--json` the reason is `error.code` |\n\
         | `${VAR}` without a value, a file that is not valid, a wrong option | 2, before anything is sent |\n\
         | a script ran | its exit code |\n\
         | a job failed or was cancelled and has no result | 2 |\n\
         | a job still runs when `job get` looks or `job wait --timeout` gives up | 0 |\n\
         | `vfs`: a file error such as `ENOENT`; `tools`: the tool says that it failed | 1 |\n\
         | no server can be reached; no node runs here | 6; 3 |\n\
         | the answer broke off before the script's end was told | 6, or 14 |\n",
    );
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

#[test]
fn the_openapi_document() {
    let mut text = serde_json::to_string_pretty(waypost::wire::v1::openapi::document()).unwrap();
    text.push('\n');
    compare("docs/openapi.json", &text);
}
