//! What is asked of Task Scheduler.

use super::account::{ADMINISTRATORS, Account, SYSTEM};
use super::apply::{CloseDirectory, Register};
use super::definition::{Definition, runs_as};
use super::query::{LastResult, Registered};
use crate::service::call::{ask, demand, refused, wait_for};
use crate::service::write_file::{WriteFile, undo_directory, undo_file};
use crate::service::{
    Activity, Boot, BootGuarantee, Entry, InstallPlan, Manager, Scope, ServiceError, ServiceSpec, ServiceState, Undone,
};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The machine's task; a user's has the user's identifier behind it, because all tasks of a machine share their names.
const TASK: &str = "waypost-node";
/// The definition, in the state directory.
const FILE: &str = "waypost-node.task.xml";
/// How long a start or an end may take to show.
const PATIENCE: Duration = Duration::from_secs(20);

/// Windows Task Scheduler, for one user or for the machine.
#[derive(Debug, Clone)]
pub struct TaskScheduler {
    scope: Scope,
    account: Account,
    schtasks: PathBuf,
}

impl TaskScheduler {
    /// Task Scheduler for that user, or for the machine.
    pub fn new(scope: Scope, account: Account) -> Self {
        Self { scope, account, schtasks: PathBuf::from("schtasks") }
    }

    /// Task Scheduler for this process's user, or for the machine.
    ///
    /// # Errors
    /// When the system does not say who this is.
    #[cfg(windows)]
    pub(in crate::service) fn native(scope: Scope) -> Result<Self, ServiceError> {
        Ok(Self::new(scope, Account::current()?))
    }

    /// The same with another program for `schtasks`.
    #[cfg(test)]
    pub(super) fn with_schtasks(self, schtasks: PathBuf) -> Self {
        Self { schtasks, ..self }
    }

    /// Has Task Scheduler start the task `name` no more, until somebody starts it.
    ///
    /// # Errors
    /// What `schtasks` said.
    pub fn disable(name: &str) -> Result<(), ServiceError> {
        demand(Command::new("schtasks").args(["/Change", "/TN", name, "/DISABLE"])).map(drop)
    }

    /// The task's name.
    pub fn task(&self) -> String {
        match self.scope {
            Scope::System => TASK.to_owned(),
            Scope::User => format!("{TASK}-{}", self.account.tag()),
        }
    }

    /// `schtasks` on this task.
    pub(super) fn schtasks(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.schtasks);
        command.args(arguments).args(["/TN", &self.task()]);
        command
    }

    /// The registered task; none when there is none.
    pub(super) fn xml(&self) -> Result<Option<String>, ServiceError> {
        let mut command = self.schtasks(&["/Query"]);
        let said = ask(command.arg("/XML"))?;
        Ok(said.status.success().then(|| said.stdout.chars().filter(|c| *c != '\0').collect()))
    }

    fn last_result(&self) -> Result<Option<LastResult>, ServiceError> {
        let mut command = self.schtasks(&["/Query"]);
        let said = ask(command.args(["/FO", "CSV", "/V", "/NH"]))?;
        if !said.status.success() {
            return Ok(None);
        }
        match LastResult::parse(&said.stdout, &self.task()) {
            Some(result) => Ok(Some(result)),
            None => Err(refused(&command, &said)),
        }
    }

    fn is_running(&self) -> Result<bool, ServiceError> {
        Ok(self.last_result()?.is_some_and(LastResult::is_running))
    }

    fn boot(&self, registered: Option<Registered>) -> BootGuarantee {
        let guarantee = |boot, why: &str, better: Option<&str>| BootGuarantee {
            boot,
            why: why.to_owned(),
            better: better.map(str::to_owned),
        };
        match registered {
            None => guarantee(Boot::OnlyNow, "it is not installed", None),
            Some(task) if !task.is_enabled => {
                guarantee(Boot::OnlyNow, "its task is disabled since it was stopped", Some("waypost node start"))
            }
            Some(task) if task.starts_at_boot => guarantee(Boot::AtBoot, "its task has a start-up trigger", None),
            Some(_) => guarantee(
                Boot::AtLogin,
                "its task was registered without an administrator's rights",
                Some("waypost node install, once, from a terminal that was opened as administrator"),
            ),
        }
    }
}

impl Manager for TaskScheduler {
    fn name(&self) -> &'static str {
        "Windows Task Scheduler"
    }

    fn service(&self) -> &'static str {
        TASK
    }

    fn available(&self) -> Result<(), ServiceError> {
        let unavailable = |reason: String| ServiceError::Unavailable { manager: self.name().to_owned(), reason };
        if self.scope == Scope::System && !self.account.is_elevated {
            let reason = "only an administrator can install for the machine: open the terminal as administrator";
            return Err(unavailable(reason.to_owned()));
        }
        demand(Command::new(&self.schtasks).arg("/?")).map(drop).map_err(|failed| unavailable(failed.to_string()))
    }

    fn plan(&self, spec: &ServiceSpec) -> Result<InstallPlan, ServiceError> {
        let definition = Definition::new(spec, &self.account, &self.task())?;
        let file = spec.home.join(FILE);
        let mut accounts = vec![runs_as(spec, &self.account).to_owned(), SYSTEM.to_owned()];
        if spec.scope == Scope::System {
            accounts.push(ADMINISTRATORS.to_owned());
        }
        let bytes = definition.bytes();
        Ok(InstallPlan {
            steps: vec![
                Box::new(CloseDirectory { directory: spec.home.clone(), accounts }),
                Box::new(WriteFile { path: file.clone(), text: definition.text, bytes }),
                Box::new(Register { scheduler: self.clone(), file, digest: definition.digest }),
            ],
        })
    }

    fn start(&self) -> Result<(), ServiceError> {
        if self.last_result()?.is_none() {
            return Err(ServiceError::NotInstalled);
        }
        demand(self.schtasks(&["/Change"]).arg("/ENABLE"))?;
        if self.is_running()? {
            return Ok(());
        }
        let mut command = self.schtasks(&["/Run"]);
        demand(&mut command)?;
        if wait_for(PATIENCE, || self.is_running())? {
            return Ok(());
        }
        let ended = self.last_result()?.and_then(LastResult::last_exit).unwrap_or_else(|| "never ran".to_owned());
        Err(ServiceError::Command {
            command: crate::process::shown(&command),
            said: format!("the node does not run ({ended}): see the log in its state directory"),
        })
    }

    /// Task Scheduler kills: who wants no job to be cut off drains first. Its triggers would start the node again within a
    /// minute, so the task is disabled until the next start.
    fn stop(&self) -> Result<(), ServiceError> {
        if self.last_result()?.is_none() {
            return Ok(());
        }
        demand(self.schtasks(&["/Change"]).arg("/DISABLE"))?;
        if !self.is_running()? {
            return Ok(());
        }
        let mut command = self.schtasks(&["/End"]);
        let ran = ask(&mut command)?;
        if wait_for(PATIENCE, || Ok(!self.is_running()?))? { Ok(()) } else { Err(refused(&command, &ran)) }
    }

    fn restart(&self) -> Result<(), ServiceError> {
        if self.last_result()?.is_none() {
            return Err(ServiceError::NotInstalled);
        }
        self.stop()?;
        self.start()
    }

    fn state(&self) -> Result<ServiceState, ServiceError> {
        let result = self.last_result()?;
        let registered = self.xml()?.map(|xml| Registered::parse(&xml));
        let is_enabled = registered.is_some_and(|task| task.is_enabled);
        Ok(ServiceState {
            manager: self.name().to_owned(),
            service: self.task(),
            activity: result.map_or(Activity::NotInstalled, |result| result.activity(is_enabled)),
            pid: None,
            since_ms_ago: None,
            restarts: None,
            last_exit: result.and_then(LastResult::last_exit),
            last_exit_code: result.and_then(LastResult::exit_code),
            file: None,
            boot: self.boot(registered),
        })
    }

    fn undo(&self, entry: &Entry) -> Result<Undone, ServiceError> {
        let undone = |what: String, left: Option<&str>| Undone { what, left: left.map(str::to_owned) };
        match entry {
            // As administrator, a receipt is not taken at its word: who could write it could have any file written otherwise.
            Entry::File { path, .. } if path.file_name() != Some(OsStr::new(FILE)) => {
                Ok(undone(format!("left {}", path.display()), Some("no installation of ours writes there")))
            }
            Entry::File { path, sha256, before } => undo_file(path, sha256, before.as_deref()),
            Entry::Directory { path } => undo_directory(path),
            Entry::Started { service } => {
                self.stop()?;
                Ok(undone(format!("stopped {service}"), None))
            }
            Entry::Enabled { service } => {
                if self.xml()?.is_none() {
                    return Ok(undone(format!("already gone: the task {service}"), None));
                }
                demand(self.schtasks(&["/Delete"]).arg("/F"))?;
                Ok(undone(format!("removed the task {service}"), None))
            }
            Entry::Owner { path, .. } => {
                let left = path.exists().then_some("it holds the node's tokens, and nobody else may read them");
                Ok(undone(format!("the permissions of {}", path.display()), left))
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
