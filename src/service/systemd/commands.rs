//! The commands of systemd and of the accounts, run one at a time.

use crate::process::{Ran, run, shown};
use crate::service::{Scope, ServiceError};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// For everything that does not wait for the service itself.
pub(super) const SHORT: Duration = Duration::from_secs(60);
/// Characters of what a command printed that a message keeps.
const SAID: usize = 600;

/// How commands are run.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    pub(super) scope: Scope,
    /// How a user's manager is reached.
    pub(super) session: Session,
    /// Where programs are looked for; none for this process's own `PATH`.
    pub(super) path: Option<OsString>,
}

/// Whose session commands belong to.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) uid: u32,
    /// The user's runtime directory, if there is one.
    pub(super) usual: PathBuf,
    /// `XDG_RUNTIME_DIR` of this process.
    pub(super) inherited: Option<PathBuf>,
}

impl Session {
    /// What `XDG_RUNTIME_DIR` has to be set to: the usual directory, when it is the user's own. None when the environment has
    /// one already, or there is nothing to set it to. Looked up each time, because linger makes the directory appear. It is
    /// set for the child alone: a process with threads cannot change its own environment.
    fn runtime(&self, scope: Scope) -> Option<&Path> {
        let ours = |dir: &Path| fs::symlink_metadata(dir).is_ok_and(|dir| dir.is_dir() && dir.uid() == self.uid);
        // `su` and `sudo -E` hand on somebody else's directory.
        if scope == Scope::System || self.inherited.as_deref().is_some_and(ours) {
            return None;
        }
        Some(self.usual.as_path()).filter(|usual| ours(usual))
    }
}

impl Commands {
    /// `systemctl`, `--user` in that scope.
    pub(super) fn systemctl<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program("systemctl");
        if self.scope == Scope::User {
            command.arg("--user");
        }
        command.args(args);
        command
    }

    /// Another program.
    pub(super) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        // In English and without a pager, colours and questions; times in UTC.
        command.envs([("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("SYSTEMD_PAGER", ""), ("SYSTEMD_COLORS", "0")]);
        command.env("SYSTEMD_URLIFY", "0");
        if let Some(runtime) = self.session.runtime(self.scope) {
            command.env("XDG_RUNTIME_DIR", runtime);
            // Where it is without the first, the second is stale or belongs to somebody else.
            command.env_remove("DBUS_SESSION_BUS_ADDRESS");
        }
        // `su` leaves root with a user's PATH, without the programs for accounts. An empty one would mean this directory.
        let mut path = self.path.clone().or_else(|| std::env::var_os("PATH")).unwrap_or_default();
        if !path.is_empty() {
            path.push(":");
        }
        path.push("/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("PATH", path);
        command
    }
}

/// Runs it and hands out what it came to, also when that is a failure.
pub(super) fn tried(mut command: Command, patience: Duration) -> Result<Ran, ServiceError> {
    let failed = |failed: std::io::Error, command: &Command| ServiceError::Command {
        command: shown(command),
        said: failed.to_string(),
    };
    run(&mut command, patience).map_err(|error| failed(error, &command))
}

/// Runs it; a failure is an error with what it printed.
pub(super) fn done(command: Command, patience: Duration) -> Result<String, ServiceError> {
    let line = shown(&command);
    let ran = tried(command, patience)?;
    if ran.status.success() { Ok(ran.stdout) } else { Err(failure(line, &ran)) }
}

/// A command's failure in its own words.
pub(super) fn failure(command: String, ran: &Ran) -> ServiceError {
    let printed = [&ran.stderr, &ran.stdout].into_iter().map(|text| text.trim()).find(|text| !text.is_empty());
    let said: String = match printed {
        Some(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID).collect(),
        None => ran.status.to_string(),
    };
    ServiceError::Command { command, said }
}
