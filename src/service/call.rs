//! Calls of a service manager's own programs.

use super::ServiceError;
use crate::process::{Ran, run, shown};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long such a program may take. They wait for others at times, never for us.
const PATIENCE: Duration = Duration::from_secs(60);
/// Characters of what it printed that an error keeps.
const SAID: usize = 400;

/// Runs `command`, whatever it comes to.
///
/// # Errors
/// [`ServiceError::Command`] when it cannot be run at all.
pub(super) fn ask(command: &mut Command) -> Result<Ran, ServiceError> {
    run(command, PATIENCE).map_err(|failed| ServiceError::Command { command: shown(command), said: failed.to_string() })
}

/// Runs `command`, which must succeed.
///
/// # Errors
/// [`ServiceError::Command`] with what it printed.
pub(super) fn demand(command: &mut Command) -> Result<Ran, ServiceError> {
    let ran = ask(command)?;
    if ran.status.success() { Ok(ran) } else { Err(refused(command, &ran)) }
}

/// What `command` came to, as an error.
pub(super) fn refused(command: &Command, ran: &Ran) -> ServiceError {
    let printed = if ran.stderr.trim().is_empty() { &ran.stdout } else { &ran.stderr };
    let words: Vec<_> = printed.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty()).collect();
    let mut said: String = words.join(" ").chars().take(SAID).collect();
    if said.is_empty() {
        said = ran.status.to_string();
    }
    ServiceError::Command { command: shown(command), said }
}

/// Asks `is_so` again and again until it says yes; false when it did not within `patience`.
///
/// # Errors
/// Those of `is_so`.
pub(super) fn wait_for(
    patience: Duration,
    mut is_so: impl FnMut() -> Result<bool, ServiceError>,
) -> Result<bool, ServiceError> {
    let begun = Instant::now();
    loop {
        if is_so()? {
            return Ok(true);
        }
        if begun.elapsed() > patience {
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_command_and_what_it_printed_on_one_line() {
        let mut command = Command::new("sh");
        command.args(["-c", "printf 'Boot-out failed:\\n\\033[1m 5: Input/output error\\n' >&2; exit 5"]);
        let failed = demand(&mut command).unwrap_err().to_string();
        assert!(failed.ends_with("failed: Boot-out failed: [1m 5: Input/output error"), "{failed}");
        let silent = demand(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(silent.contains("exit status: 3"), "{silent}");
        let missing = ask(&mut Command::new("/nowhere/launchctl")).unwrap_err().to_string();
        assert!(missing.starts_with("`/nowhere/launchctl` failed"), "{missing}");
    }
}
