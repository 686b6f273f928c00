//! systemd as a service manager.

use super::available::{check, name};
use super::commands::{Commands, SHORT, Session, done, tried};
use super::places::{Places, UNIT};
use super::plan::plan;
use super::show::Shown;
use super::start::{restart, start, stop};
use super::state::{Known, not_installed, state};
use super::steps::{Stage, lingers, stage};
use super::undo::undo;
use crate::service::{Entry, InstallPlan, Manager, Scope, ServiceError, ServiceSpec, ServiceState, Undone};
use rustix::time::{ClockId, clock_gettime};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The record that systemd writes when a service's process ends, `SD_MESSAGE_UNIT_PROCESS_EXIT`.
const PROCESS_EXIT: &str = "MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15";

/// systemd in one scope.
#[derive(Debug)]
pub(in super::super) struct Systemd {
    pub(super) commands: Commands,
    pub(super) places: Places,
    pub(super) user: String,
    pub(super) stage: Stage,
}

impl Systemd {
    /// Of this user or this machine. Looks up who this is, and changes nothing.
    pub(in super::super) fn new(scope: Scope) -> Result<Self, ServiceError> {
        let uid = rustix::process::geteuid().as_raw();
        let places = Places::of_the_system(scope, uid);
        let inherited = std::env::var_os("XDG_RUNTIME_DIR").filter(|dir: &OsString| !dir.is_empty()).map(PathBuf::from);
        let session = Session { uid, usual: places.runtime.clone(), inherited };
        let commands = Commands { scope, session, path: None };
        let mut id = commands.program("id");
        id.arg("-un");
        // A user without an entry is a number.
        let user = done(id, SHORT).map_or_else(|_| uid.to_string(), |name| name.trim().to_owned());
        Ok(Self { commands, places, user, stage })
    }

    fn known(&self) -> Known<'_> {
        let now = clock_gettime(ClockId::Monotonic);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        let now_us = seconds * 1_000_000 + u64::try_from(now.tv_nsec).unwrap_or_default() / 1000;
        let lingers = lingers(&self.places, &self.user);
        Known { scope: self.commands.scope, user: &self.user, lingers, now_us }
    }

    fn records_of_ends(&self) -> String {
        let mut journal = self.commands.program("journalctl");
        let unit = match self.commands.scope {
            Scope::User => {
                journal.arg("--user");
                format!("USER_UNIT={UNIT}")
            }
            Scope::System => format!("UNIT={UNIT}"),
        };
        journal.args(["--quiet", "--no-pager", "--lines=1", "--output=json", PROCESS_EXIT, &unit]);
        tried(journal, SHORT).map(|ran| ran.stdout).unwrap_or_default()
    }

    fn has_unit_file(&self) -> bool {
        self.places.units.as_deref().is_some_and(|units: &Path| units.join(UNIT).exists())
    }
}

impl Manager for Systemd {
    fn name(&self) -> &'static str {
        name(self.commands.scope)
    }

    fn service(&self) -> &'static str {
        UNIT
    }

    fn available(&self) -> Result<(), ServiceError> {
        check(&self.commands, &self.places, &self.user)
    }

    fn plan(&self, spec: &ServiceSpec) -> Result<InstallPlan, ServiceError> {
        plan(spec, &self.user, &self.commands, &self.places, self.stage)
    }

    fn start(&self) -> Result<(), ServiceError> {
        start(&self.commands)
    }

    fn stop(&self) -> Result<(), ServiceError> {
        stop(&self.commands)
    }

    fn restart(&self) -> Result<(), ServiceError> {
        restart(&self.commands)
    }

    fn state(&self) -> Result<ServiceState, ServiceError> {
        match Shown::ask(&self.commands) {
            Ok(unit) => Ok(state(&unit, self.known(), || self.records_of_ends())),
            Err(_) if !self.has_unit_file() => Ok(not_installed(self.known())),
            // With the way out, where there is one.
            Err(failed) => Err(self.available().err().unwrap_or(failed)),
        }
    }

    fn undo(&self, entry: &Entry) -> Result<Undone, ServiceError> {
        undo(entry, &self.commands, &self.places)
    }
}
