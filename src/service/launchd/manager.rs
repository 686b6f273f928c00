//! What is asked of launchd.
//!
//! `launchctl` is called here with `bootstrap` and `bootout`: the library's own launcher uses `load`, `unload` and `remove`, which
//! Apple calls legacy, starts with a `Disabled` key of its own and is undone by `KeepAlive` when it stops something.

use super::apply::{Enable, GiveTo, chown};
use super::definition::definition;
use super::print::{Printed, elapsed_ms, is_disabled};
use crate::service::call::{ask, demand, refused, wait_for};
use crate::service::write_file::{MakeDirectory, WriteFile, undo_directory, undo_file};
use crate::service::{
    Activity, Boot, BootGuarantee, Entry, InstallPlan, Manager, Scope, ServiceError, ServiceSpec, ServiceState, Step,
    Undone,
};
use service_manager::{LaunchdServiceManager, ServiceManager};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The service's name.
pub(super) const LABEL: &str = "dev.waypost.node";
/// Longer than the property list's `ExitTimeOut`, after which launchd kills.
const STOP: Duration = Duration::from_secs(100);
/// Longer than its `ThrottleInterval`.
const START: Duration = Duration::from_secs(30);

/// launchd, for one user or for the machine.
#[derive(Debug, Clone)]
pub struct Launchd {
    scope: Scope,
    uid: u32,
    directory: PathBuf,
    launchctl: PathBuf,
}

impl Launchd {
    /// launchd for the user `uid` whose home directory is `user_home`, or for the machine.
    pub fn new(scope: Scope, uid: u32, user_home: &Path) -> Self {
        let directory = match scope {
            Scope::User => user_home.join("Library/LaunchAgents"),
            Scope::System => PathBuf::from("/Library/LaunchDaemons"),
        };
        Self { scope, uid, directory, launchctl: PathBuf::from("launchctl") }
    }

    /// launchd for this process's user, or for the machine.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] for a user without a home directory.
    #[cfg(target_os = "macos")]
    pub(in crate::service) fn native(scope: Scope) -> Result<Self, ServiceError> {
        let directories = directories::BaseDirs::new().ok_or_else(|| ServiceError::Unavailable {
            manager: "launchd".to_owned(),
            reason: "this user has no home directory".to_owned(),
        })?;
        Ok(Self::new(scope, rustix::process::getuid().as_raw(), directories.home_dir()))
    }

    /// The same with another program for `launchctl`.
    #[cfg(test)]
    pub(super) fn with_launchctl(self, launchctl: PathBuf) -> Self {
        Self { launchctl, ..self }
    }

    /// The property list.
    pub fn file(&self) -> PathBuf {
        self.directory.join(format!("{LABEL}.plist"))
    }

    pub(super) fn launchctl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.launchctl);
        command.args(arguments);
        command
    }

    fn domain(&self) -> String {
        match self.scope {
            Scope::User => format!("gui/{}", self.uid),
            Scope::System => "system".to_owned(),
        }
    }

    pub(super) fn target(&self) -> String {
        format!("{}/{LABEL}", self.domain())
    }

    /// Whether somebody has said that it is not to be loaded.
    pub(super) fn is_disabled(&self) -> Result<bool, ServiceError> {
        let said = demand(&mut self.launchctl(&["print-disabled", &self.domain()]))?;
        Ok(is_disabled(&said.stdout, LABEL))
    }

    /// What launchd knows of it; none when it is not loaded.
    fn printed(&self) -> Result<Option<Printed>, ServiceError> {
        let said = ask(&mut self.launchctl(&["print", &self.target()]))?;
        Ok(said.status.success().then(|| Printed::parse(&said.stdout)))
    }

    fn since_ms_ago(pid: u32) -> Option<u64> {
        let said = ask(Command::new("ps").args(["-o", "etime=", "-p", &pid.to_string()])).ok()?;
        elapsed_ms(&said.stdout)
    }

    fn boot(&self) -> BootGuarantee {
        if !self.file().exists() {
            return BootGuarantee { boot: Boot::OnlyNow, why: "it is not installed".to_owned(), better: None };
        }
        if self.is_disabled().unwrap_or(false) {
            let better = Some(format!("launchctl enable {}", self.target()));
            return BootGuarantee { boot: Boot::OnlyNow, why: "it is disabled in launchd".to_owned(), better };
        }
        match self.scope {
            Scope::System => BootGuarantee { boot: Boot::AtBoot, why: "it is a LaunchDaemon".to_owned(), better: None },
            Scope::User => BootGuarantee {
                boot: Boot::AtLogin,
                why: "it is a LaunchAgent, which runs while its user is logged in".to_owned(),
                better: Some("sudo waypost node install --system".to_owned()),
            },
        }
    }
}

impl Manager for Launchd {
    fn name(&self) -> &'static str {
        match self.scope {
            Scope::User => "launchd (LaunchAgent)",
            Scope::System => "launchd (LaunchDaemon)",
        }
    }

    fn service(&self) -> &'static str {
        LABEL
    }

    fn available(&self) -> Result<(), ServiceError> {
        let unavailable = |reason: String| Err(ServiceError::Unavailable { manager: self.name().to_owned(), reason });
        if !LaunchdServiceManager::user().available().unwrap_or(false) {
            return unavailable("launchctl is not in PATH".to_owned());
        }
        if self.scope == Scope::System {
            return match self.uid {
                0 => Ok(()),
                _ => unavailable("only root can install for the machine: put sudo before the command".to_owned()),
            };
        }
        let domain = self.domain();
        if ask(&mut self.launchctl(&["print", &domain]))?.status.success() {
            return Ok(());
        }
        unavailable(format!(
            "{domain} is not there, because this user is not logged in at the screen: log in there first, or install for the machine with --system"
        ))
    }

    fn plan(&self, spec: &ServiceSpec) -> Result<InstallPlan, ServiceError> {
        let text = definition(spec)?;
        let mut steps: Vec<Box<dyn Step>> = vec![
            Box::new(MakeDirectory { path: self.directory.clone() }),
            Box::new(MakeDirectory { path: spec.logs.clone() }),
        ];
        if let (Scope::System, Some(account)) = (spec.scope, &spec.account) {
            steps.push(Box::new(GiveTo { account: account.clone(), home: spec.home.clone() }));
        }
        steps.push(Box::new(WriteFile { path: self.file(), bytes: text.clone().into_bytes(), text }));
        steps.push(Box::new(Enable(self.clone())));
        Ok(InstallPlan { steps })
    }

    fn start(&self) -> Result<(), ServiceError> {
        let file = self.file();
        if !file.exists() {
            return Err(ServiceError::NotInstalled);
        }
        let mut command = match self.printed()? {
            Some(known) if known.activity() == Activity::Active => return Ok(()),
            // Without -k, which would kill what is on its way up.
            Some(_) => self.launchctl(&["kickstart", &self.target()]),
            None => {
                let mut command = self.launchctl(&["bootstrap", &self.domain()]);
                command.arg(&file);
                command
            }
        };
        let ran = demand(&mut command)?;
        let mut last = None;
        wait_for(START, || {
            last = self.printed()?;
            let activity = last.as_ref().map_or(Activity::Inactive, Printed::activity);
            // What has ended already says how; before its first start there is nothing to say.
            let has_ended = last.as_ref().is_some_and(|last| last.last_exit().is_some());
            Ok(activity == Activity::Active || (has_ended && activity != Activity::Starting))
        })?;
        match last {
            Some(last) if last.activity() == Activity::Active => Ok(()),
            Some(last) => Err(ServiceError::Command {
                command: crate::process::shown(&command),
                said: format!(
                    "the node does not run ({}): see launchd.err.log in its log directory",
                    last.last_exit().unwrap_or(last.state)
                ),
            }),
            None => Err(refused(&command, &ran)),
        }
    }

    fn stop(&self) -> Result<(), ServiceError> {
        if self.printed()?.is_none() {
            return Ok(());
        }
        let mut command = self.launchctl(&["bootout", &self.target()]);
        let ran = ask(&mut command)?;
        // It says `Operation now in progress` while the node drains, so what counts is whether it goes.
        let patience = if ran.status.success() || ran.stderr.contains("in progress") { STOP } else { Duration::ZERO };
        if wait_for(patience, || Ok(self.printed()?.is_none()))? { Ok(()) } else { Err(refused(&command, &ran)) }
    }

    /// By `bootout` and `bootstrap`: `kickstart -k` would keep the definition that was loaded, and kills instead of draining.
    fn restart(&self) -> Result<(), ServiceError> {
        if !self.file().exists() {
            return Err(ServiceError::NotInstalled);
        }
        self.stop()?;
        self.start()
    }

    fn state(&self) -> Result<ServiceState, ServiceError> {
        let file = self.file();
        let is_there = file.exists();
        let printed = self.printed()?;
        let activity = match &printed {
            Some(printed) => printed.activity(),
            None if is_there => Activity::Inactive,
            None => Activity::NotInstalled,
        };
        let printed = printed.unwrap_or_default();
        Ok(ServiceState {
            manager: self.name().to_owned(),
            service: LABEL.to_owned(),
            activity,
            pid: printed.pid,
            since_ms_ago: printed.pid.and_then(Self::since_ms_ago),
            restarts: printed.runs.map(|runs| runs.saturating_sub(1)),
            last_exit: printed.last_exit(),
            last_exit_code: printed.exit_code,
            file: is_there.then(|| file.display().to_string()),
            boot: self.boot(),
        })
    }

    fn undo(&self, entry: &Entry) -> Result<Undone, ServiceError> {
        let undone = |what: String, left: Option<&str>| Undone { what, left: left.map(str::to_owned) };
        match entry {
            // As root, a receipt is not taken at its word: who could write it could have any file written otherwise.
            Entry::File { path, .. } if self.scope == Scope::System && *path != self.file() => {
                Ok(undone(format!("left {}", path.display()), Some("no installation of ours writes there")))
            }
            Entry::File { path, sha256, before } => {
                // A login may have loaded it since; without its file it would run on until the logout.
                if *path == self.file() {
                    self.stop()?;
                }
                undo_file(path, sha256, before.as_deref())
            }
            Entry::Directory { path } => undo_directory(path),
            Entry::Started { service } | Entry::Enabled { service } => {
                self.stop()?;
                Ok(undone(format!("unloaded {service}"), None))
            }
            Entry::Owner { path, .. } => {
                if path.exists() {
                    demand(&mut chown("root", path))?;
                }
                Ok(undone(format!("gave {} back to root", path.display()), None))
            }
            Entry::Account { name } => {
                Ok(undone(format!("the account {name}"), Some("accounts are not made here, so none is removed")))
            }
            Entry::Linger { user } => {
                Ok(undone(format!("linger of {user}"), Some("there is no linger on this system")))
            }
        }
    }
}
