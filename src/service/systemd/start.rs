//! Starting and stopping, until the manager says what came of it.

use super::commands::{Commands, failure, tried};
use super::ended::ended;
use super::places::UNIT;
use super::show::Shown;
use crate::process::shown;
use crate::service::{Scope, ServiceError};
use std::time::Duration;

/// `TimeoutStartSec=` of the unit and some: the manager gives up first.
const START: Duration = Duration::from_secs(330);
/// `TimeoutStopSec=` of the unit and some.
const STOP: Duration = Duration::from_secs(120);

/// Starts it and waits until it says that it is ready, or fails.
pub(super) fn start(commands: &Commands) -> Result<(), ServiceError> {
    installed(commands)?;
    told(commands, "start", START)
}

/// Stops it and waits for its end.
pub(super) fn stop(commands: &Commands) -> Result<(), ServiceError> {
    match installed(commands) {
        Err(ServiceError::NotInstalled) => Ok(()),
        Err(failed) => Err(failed),
        Ok(()) => told(commands, "stop", STOP),
    }
}

/// Ends it, when it runs, and starts it.
pub(super) fn restart(commands: &Commands) -> Result<(), ServiceError> {
    installed(commands)?;
    told(commands, "restart", STOP + START)
}

/// A unit whose file is gone and that still runs counts.
fn installed(commands: &Commands) -> Result<(), ServiceError> {
    let unit = Shown::ask(commands)?;
    let gone = unit.get("LoadState") == "not-found" && matches!(unit.get("ActiveState"), "inactive" | "failed" | "");
    if gone { Err(ServiceError::NotInstalled) } else { Ok(()) }
}

fn told(commands: &Commands, verb: &str, patience: Duration) -> Result<(), ServiceError> {
    let command = commands.systemctl(["--no-ask-password", verb, UNIT]);
    let line = shown(&command);
    let ran = tried(command, patience)?;
    if ran.status.success() {
        return Ok(());
    }
    // systemctl's own words name two more commands and no reason.
    match Shown::ask(commands).ok().as_ref().and_then(ended) {
        Some((how, _)) => {
            let logs = match commands.scope {
                Scope::User => "journalctl --user",
                Scope::System => "journalctl",
            };
            let said = format!("the node ended: {how}; `{logs} -u {UNIT} -n 20` has its last words");
            Err(ServiceError::Command { command: line, said })
        }
        None => Err(failure(line, &ran)),
    }
}
