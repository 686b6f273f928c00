//! Having systemd start the unit when it should.

use super::super::commands::{Commands, SHORT, done, tried};
use super::super::places::UNIT;
use crate::process::shown;
use crate::service::{Change, Entry, ServiceError, Step, StepKind};
use std::process::Command;

/// `systemctl enable`.
#[derive(Debug)]
pub(in super::super) struct EnableStep {
    pub(in super::super) commands: Commands,
}

impl EnableStep {
    fn is_done(&self) -> bool {
        let asked = tried(self.commands.systemctl(["is-enabled", UNIT]), SHORT);
        asked.is_ok_and(|ran| ran.stdout.trim() == "enabled")
    }

    fn command(&self) -> Command {
        self.commands.systemctl(["enable", UNIT])
    }
}

impl Step for EnableStep {
    fn change(&self) -> Change {
        let what = shown(&self.command());
        Change { kind: StepKind::Command, what, content: None, is_done: self.is_done() }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if self.is_done() {
            return Ok(None);
        }
        if let Err(failed) = done(self.command(), SHORT) {
            // It may have made some of its links.
            let _ = done(self.commands.systemctl(["disable", UNIT]), SHORT);
            return Err(failed);
        }
        Ok(self.claim())
    }

    fn claim(&self) -> Option<Entry> {
        Some(Entry::Enabled { service: UNIT.to_owned() })
    }
}
