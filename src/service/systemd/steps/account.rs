//! The account of the system service.

use super::super::commands::{Commands, SHORT, done, tried};
use crate::process::shown;
use crate::service::{Change, Entry, ServiceError, Step, StepKind};
use std::path::PathBuf;
use std::process::Command;

/// `useradd --system`, when there is no such account.
#[derive(Debug)]
pub(in super::super) struct AccountStep {
    pub(in super::super) commands: Commands,
    pub(in super::super) name: String,
    pub(in super::super) home: PathBuf,
}

/// Whether there is an account of that name, in whatever the machine keeps them.
pub(in super::super) fn has_account(commands: &Commands, name: &str) -> bool {
    let mut command = commands.program("id");
    command.args(["-u", "--", name]);
    tried(command, SHORT).is_ok_and(|ran| ran.status.success())
}

impl AccountStep {
    fn command(&self) -> Command {
        let mut command = self.commands.program("useradd");
        command.args(["--system", "--user-group", "--no-create-home", "--home-dir"]).arg(&self.home);
        command.args(["--shell", "/usr/sbin/nologin", "--comment", "Waypost node", &self.name]);
        command
    }
}

impl Step for AccountStep {
    fn change(&self) -> Change {
        let is_done = has_account(&self.commands, &self.name);
        Change { kind: StepKind::Command, what: shown(&self.command()), content: None, is_done }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if has_account(&self.commands, &self.name) {
            return Ok(None);
        }
        done(self.command(), SHORT)?;
        Ok(Some(Entry::Account { name: self.name.clone() }))
    }
}
