//! Having systemd read the unit.

use super::super::commands::{Commands, SHORT, done};
use super::super::show::Shown;
use crate::process::shown;
use crate::service::{Change, Entry, ServiceError, Step, StepKind};

/// `systemctl daemon-reload`, when systemd has not read what is on disk.
#[derive(Debug)]
pub(in super::super) struct ReloadStep {
    pub(in super::super) commands: Commands,
}

impl ReloadStep {
    fn is_done(&self) -> bool {
        Shown::ask(&self.commands)
            .is_ok_and(|unit| unit.get("LoadState") == "loaded" && unit.get("NeedDaemonReload") == "no")
    }
}

impl Step for ReloadStep {
    fn change(&self) -> Change {
        let what = shown(&self.commands.systemctl(["daemon-reload"]));
        Change { kind: StepKind::Command, what, content: None, is_done: self.is_done() }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if !self.is_done() {
            done(self.commands.systemctl(["daemon-reload"]), SHORT)?;
            let unit = Shown::ask(&self.commands)?;
            if unit.get("LoadState") != "loaded" {
                return Err(unit.unusable(&self.commands));
            }
        }
        Ok(None)
    }
}
