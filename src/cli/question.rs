//! Asking a person.

use super::error::{CliError, ExitKind};
use super::output::Output;
use std::io::{IsTerminal, Write};

/// Shows `text` and asks whether to go on, where a terminal is there to answer; else the command line was the answer.
///
/// # Errors
/// When the answer cannot be read.
pub fn confirmed(output: &Output, text: impl FnOnce() -> String) -> Result<bool, CliError> {
    if output.is_json() || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(true);
    }
    output.note(text());
    loop {
        anstream::eprint!("go on? [Y/n] ");
        let _ = std::io::stderr().flush();
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        let failed = |failed| CliError::new(ExitKind::Failure, format!("the answer cannot be read: {failed}"));
        if read.map_err(failed)? == 0 {
            return Ok(false);
        }
        match answer.trim().to_lowercase().as_str() {
            "" | "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => {}
        }
    }
}
