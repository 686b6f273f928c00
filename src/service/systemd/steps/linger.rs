//! Having the user's manager run from boot on, with nobody logged in.

use super::super::available::manager_listens;
use super::super::commands::{Commands, SHORT, done};
use super::super::places::Places;
use crate::process::shown;
use crate::service::{Change, Entry, ServiceError, Step, StepKind};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the user's manager may take to come up after linger was switched on.
const MANAGER_START: Duration = Duration::from_secs(20);

/// `loginctl enable-linger`.
#[derive(Debug)]
pub(in super::super) struct LingerStep {
    pub(in super::super) commands: Commands,
    pub(in super::super) places: Places,
    pub(in super::super) user: String,
}

/// Whether linger is on.
pub(in super::super) fn lingers(places: &Places, user: &str) -> bool {
    !user.is_empty() && !user.contains('/') && places.linger.join(user).exists()
}

impl LingerStep {
    /// By name: without a session the nameless form fails.
    fn command(&self) -> Command {
        let mut command = self.commands.program("loginctl");
        command.args(["--no-ask-password", "enable-linger", &self.user]);
        command
    }
}

impl Step for LingerStep {
    fn change(&self) -> Change {
        let is_done = lingers(&self.places, &self.user);
        Change { kind: StepKind::Command, what: shown(&self.command()), content: None, is_done }
    }

    /// That it is refused is no error: the service works, and its boot guarantee says how to have it start at boot.
    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if lingers(&self.places, &self.user) {
            return Ok(None);
        }
        if let Err(refused) = done(self.command(), SHORT) {
            tracing::debug!("linger stays off: {refused}");
            return Ok(None);
        }
        // The manager is started in the background when there was none.
        let begun = Instant::now();
        while !manager_listens(&self.places) && begun.elapsed() < MANAGER_START {
            sleep(Duration::from_millis(20));
        }
        Ok(Some(Entry::Linger { user: self.user.clone() }))
    }
}
