//! The steps that are not files.

use super::manager::{LABEL, Launchd};
use crate::process::shown;
use crate::service::call::{ask, demand};
use crate::service::{Change, Entry, ServiceError, Step, StepKind};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Takes back an earlier `launchctl disable`, which outlives property lists.
#[derive(Debug)]
pub(super) struct Enable(pub Launchd);

impl Enable {
    fn command(&self) -> Command {
        self.0.launchctl(&["enable", &self.0.target()])
    }
}

impl Step for Enable {
    fn change(&self) -> Change {
        let is_done = self.0.is_disabled().is_ok_and(|disabled| !disabled);
        Change { kind: StepKind::Command, what: shown(&self.command()), content: None, is_done }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if !self.0.is_disabled()? {
            return Ok(None);
        }
        demand(&mut self.command())?;
        Ok(self.claim())
    }

    /// What makes it start is its file; but a login may have loaded it, which undoing takes back.
    fn claim(&self) -> Option<Entry> {
        Some(Entry::Enabled { service: LABEL.to_owned() })
    }
}

/// Gives the state directory to the account of a daemon.
#[derive(Debug)]
pub(super) struct GiveTo {
    pub account: String,
    pub home: PathBuf,
}

impl GiveTo {
    fn command(&self) -> Command {
        chown(&self.account, &self.home)
    }

    fn uid(&self) -> Result<u32, ServiceError> {
        let ran = ask(Command::new("id").args(["-u", "--", &self.account]))?;
        ran.stdout.trim().parse().map_err(|_| ServiceError::Unavailable {
            manager: "launchd".to_owned(),
            reason: format!(
                "there is no account {0}: make one with `sudo sysadminctl -addUser {0}`, or name one that exists",
                self.account
            ),
        })
    }

    fn is_done(&self) -> Result<bool, ServiceError> {
        Ok(Some(self.uid()?) == owner(&self.home)?)
    }
}

impl Step for GiveTo {
    fn change(&self) -> Change {
        let is_done = self.is_done().unwrap_or(false);
        Change { kind: StepKind::Command, what: shown(&self.command()), content: None, is_done }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if self.is_done()? {
            return Ok(None);
        }
        demand(&mut self.command())?;
        Ok(Some(Entry::Owner { path: self.home.clone(), account: self.account.clone() }))
    }
}

/// `-h`: links are not followed to what others own.
pub(super) fn chown(account: &str, dir: &Path) -> Command {
    let mut command = Command::new("chown");
    command.args(["-h", "-R", "--", account]).arg(dir);
    command
}

#[cfg(unix)]
fn owner(path: &Path) -> Result<Option<u32>, ServiceError> {
    use std::os::unix::fs::MetadataExt;
    Ok(Some(std::fs::metadata(path).map_err(ServiceError::io(path))?.uid()))
}

#[cfg(not(unix))]
fn owner(_: &Path) -> Result<Option<u32>, ServiceError> {
    Ok(None)
}
