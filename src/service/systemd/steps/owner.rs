//! Giving the state directory to the service's account.

use super::super::commands::{Commands, SHORT, done};
use crate::process::shown;
use crate::service::{Change, Entry, ServiceError, Step, StepKind};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `chown`, when something in the directory is not the account's: `setup` writes there as root.
#[derive(Debug)]
pub(in super::super) struct OwnerStep {
    pub(in super::super) commands: Commands,
    pub(in super::super) path: PathBuf,
    pub(in super::super) account: String,
}

impl OwnerStep {
    fn is_done(&self) -> bool {
        let mut id = self.commands.program("id");
        id.args(["-u", "--", &self.account]);
        let uid = done(id, SHORT).ok().and_then(|uid| uid.trim().parse().ok());
        uid.is_some_and(|uid| all_of(&self.path, uid))
    }
}

/// The program `chown` holds every directory open while it goes through it: an account that still runs something cannot lead
/// it elsewhere with a link.
pub(in super::super) fn chown(commands: &Commands, account: &str, path: &Path) -> Command {
    let mut command = commands.program("chown");
    command.args(["-R", "-h", "--", &format!("{account}:")]).arg(path);
    command
}

fn all_of(path: &Path, uid: u32) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    if found.uid() != uid {
        return false;
    }
    if !found.is_dir() {
        return true;
    }
    let Ok(entries) = fs::read_dir(path) else { return false };
    entries.map_while(Result::ok).all(|entry| all_of(&entry.path(), uid))
}

impl Step for OwnerStep {
    fn change(&self) -> Change {
        let what = shown(&chown(&self.commands, &self.account, &self.path));
        Change { kind: StepKind::Command, what, content: None, is_done: self.is_done() }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if self.is_done() {
            return Ok(None);
        }
        if let Err(failed) = done(chown(&self.commands, &self.account, &self.path), SHORT) {
            let _ = done(chown(&self.commands, "root", &self.path), SHORT);
            return Err(failed);
        }
        Ok(Some(Entry::Owner { path: self.path.clone(), account: self.account.clone() }))
    }
}
