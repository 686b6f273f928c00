//! The steps that are not files.

use super::account::for_icacls;
use super::manager::TaskScheduler;
use crate::process::shown;
use crate::service::call::{ask, demand};
use crate::service::{Change, Entry, ServiceError, Step, StepKind};
use std::path::PathBuf;
use std::process::Command;

/// Closes the state directory to everybody but these accounts. Files in it inherit that: the tokens that are there, and those
/// that will replace them.
#[derive(Debug)]
pub(super) struct CloseDirectory {
    pub directory: PathBuf,
    /// Identifiers, first the node's own.
    pub accounts: Vec<String>,
}

impl CloseDirectory {
    fn command(&self) -> Command {
        let mut command = Command::new("icacls");
        command.arg(&self.directory).args(["/inheritance:r", "/grant:r"]);
        command.args(self.accounts.iter().map(|account| format!("{}:(OI)(CI)F", for_icacls(account))));
        command.arg("/Q");
        command
    }

    /// Looks at the list as `/save` writes it, which has identifiers, where the screen has names.
    fn is_done(&self) -> Result<bool, ServiceError> {
        let scratch = tempfile::tempdir().map_err(ServiceError::io(&self.directory))?;
        let saved = scratch.path().join("acl");
        ask(Command::new("icacls").arg(&self.directory).arg("/save").arg(&saved).arg("/Q"))?;
        let Ok(bytes) = std::fs::read(&saved) else { return Ok(false) };
        let text: String = String::from_utf8_lossy(&bytes).chars().filter(|c| *c != '\0').collect();
        Ok(grants_only(&text, &self.accounts))
    }
}

impl Step for CloseDirectory {
    fn change(&self) -> Change {
        let is_done = self.is_done().unwrap_or(false);
        Change { kind: StepKind::Command, what: shown(&self.command()), content: None, is_done }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if self.is_done().unwrap_or(false) {
            return Ok(None);
        }
        demand(&mut self.command())?;
        let account = self.accounts.first().cloned().unwrap_or_default();
        Ok(Some(Entry::Owner { path: self.directory.clone(), account }))
    }
}

/// Whether a security descriptor inherits nothing and grants all to exactly these accounts.
pub(super) fn grants_only(sddl: &str, accounts: &[String]) -> bool {
    let Some((_, list)) = sddl.split_once("D:P") else { return false };
    let mut granted: Vec<_> = list.split('(').skip(1).filter_map(|entry| entry.split(')').next()).collect();
    let mut wanted: Vec<_> = accounts.iter().map(|account| format!("A;OICI;FA;;;{}", in_sddl(account))).collect();
    granted.sort_unstable();
    wanted.sort_unstable();
    granted == wanted
}

/// Well-known accounts have two letters there.
fn in_sddl(account: &str) -> &str {
    match account {
        super::account::SYSTEM => "SY",
        super::account::LOCAL_SERVICE => "LS",
        super::account::ADMINISTRATORS => "BA",
        other => other,
    }
}

/// Makes the task known to Task Scheduler.
#[derive(Debug)]
pub(super) struct Register {
    pub scheduler: TaskScheduler,
    /// The XML.
    pub file: PathBuf,
    /// What is in the description of this very definition.
    pub digest: String,
}

impl Register {
    fn command(&self) -> Command {
        let mut command = self.scheduler.schtasks(&["/Create"]);
        command.arg("/XML").arg(&self.file).arg("/F");
        command
    }

    fn is_done(&self) -> Result<bool, ServiceError> {
        Ok(self.scheduler.xml()?.is_some_and(|xml| xml.contains(&self.digest)))
    }
}

impl Step for Register {
    fn change(&self) -> Change {
        let is_done = self.is_done().unwrap_or(false);
        Change { kind: StepKind::Command, what: shown(&self.command()), content: None, is_done }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if self.is_done()? {
            return Ok(None);
        }
        demand(&mut self.command())?;
        Ok(self.claim())
    }

    fn claim(&self) -> Option<Entry> {
        Some(Entry::Enabled { service: self.scheduler.task() })
    }
}
