//! What is said when the command line itself is wrong: the parser's words, and how the command is really called.

use super::args::command;
use super::error::{CliError, ExitKind};
use super::output::Output;
use clap::error::ErrorKind;
use std::ffi::OsString;

/// Says what is wrong with these arguments, or prints the help that they ask for, and gives the exit code.
pub fn report(error: &clap::Error, arguments: &[OsString]) -> u8 {
    // Help and version are results, not errors.
    if !error.use_stderr() {
        let _ = error.print();
        return 0;
    }
    let example = wants_example(error.kind()).then(|| example(arguments)).flatten();
    if arguments.iter().any(|argument| argument == "--json") {
        let text = error.to_string();
        let failure = CliError::new(ExitKind::Usage, text.trim_start_matches("error: ").trim_end());
        Output::plain(true).error(&match example {
            Some(example) => failure.hint(example),
            None => failure,
        });
    } else {
        let _ = error.print();
        if let Some(example) = example {
            anstream::eprintln!("Example: {example}");
        }
    }
    ExitKind::Usage.code()
}

/// Whether it is the form that was wrong, so that seeing the right one helps.
fn wants_example(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnknownArgument | ErrorKind::MissingRequiredArgument | ErrorKind::TooManyValues)
}

/// The first example of the command that the arguments name.
fn example(arguments: &[OsString]) -> Option<String> {
    let mut command = command();
    for argument in arguments {
        if let Some(found) = argument.to_str().and_then(|name| command.find_subcommand(name)) {
            command = found.clone();
        }
    }
    let help = command.get_after_help()?.to_string();
    help.lines().map(str::trim).find(|line| line.contains("waypost ")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example_of(arguments: &[&str]) -> Option<String> {
        example(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_example_is_that_of_the_command_that_was_meant() {
        let commit = example_of(&["--home", "x", "workspace", "commit", "demo", "first"]).unwrap();
        assert!(commit.starts_with("waypost workspace commit demo -m "), "{commit}");
        assert!(example_of(&["execute", "echo hi"]).unwrap().contains("--command"));
        assert!(!example_of(&["nosuch"]).unwrap_or_default().contains("execute"));
    }
}
