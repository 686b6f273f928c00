//! The one directory that holds everything the node keeps, and the names in it.

use super::{StateError, private_dir};
use crate::base::{Fingerprint, create_private_dir, read_private, write_private};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The node's directory. Knows every path in it, so that no other part spells one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// `given` (the caller has read `WAYPOST_HOME`), else the platform's place for a program's state: `$XDG_STATE_HOME/waypost`
    /// or `~/.local/state/waypost` on Linux, `~/Library/Application Support/waypost` on macOS,
    /// `%LOCALAPPDATA%\waypost\data` on Windows. Touches nothing.
    ///
    /// # Errors
    /// [`StateError::NoHome`] when there is neither.
    pub fn locate(given: Option<PathBuf>) -> Result<Self, StateError> {
        if let Some(given) = given.filter(|given| !given.as_os_str().is_empty()) {
            let root = std::path::absolute(&given).map_err(StateError::io(&given))?;
            return Ok(Self { root });
        }
        let project = directories::ProjectDirs::from("", "", "waypost").ok_or(StateError::NoHome)?;
        Ok(Self { root: project.state_dir().unwrap_or_else(|| project.data_local_dir()).to_owned() })
    }

    /// Creates what is missing, every directory 0700; see [`private_dir`].
    ///
    /// # Errors
    /// [`StateError::LooseDirectory`], or what the file system said.
    pub fn prepare(&self) -> Result<(), StateError> {
        private_dir(&self.root)?;
        for dir in [self.workspaces(), self.outbox(), self.logs(), self.run_dir()] {
            create_private_dir(&dir).map_err(StateError::io(&dir))?;
        }
        Ok(())
    }

    /// The random UUID that makes this machine the same one to a gateway for ever; created at the first call.
    ///
    /// # Errors
    /// [`StateError::NotAMachineId`], or what the file system said.
    pub fn machine_id(&self) -> Result<String, StateError> {
        let path = self.root.join("machine.id");
        match read_private(&path) {
            Ok(text) => {
                let id = Uuid::parse_str(text.trim()).map_err(|_| StateError::NotAMachineId { path })?;
                Ok(id.to_string())
            }
            Err(missing) if missing.kind() == ErrorKind::NotFound => {
                let id = Uuid::new_v4().to_string();
                write_private(&path, format!("{id}\n").as_bytes()).map_err(StateError::io(&path))?;
                Ok(id)
            }
            Err(not_text) if not_text.kind() == ErrorKind::InvalidData => Err(StateError::NotAMachineId { path }),
            Err(failed) => Err(StateError::io(&path)(failed)),
        }
    }

    /// Makes this machine the one that another program on it was to a gateway.
    ///
    /// # Errors
    /// [`StateError::NotAMachineId`], or what the file system said.
    pub fn adopt_machine_id(&self, id: &str) -> Result<(), StateError> {
        let path = self.root.join("machine.id");
        // As it is written out it is hashed: another spelling would be another machine.
        if Uuid::parse_str(id).map_or(true, |uuid| uuid.to_string() != id) {
            return Err(StateError::NotAMachineId { path });
        }
        write_private(&path, format!("{id}\n").as_bytes()).map_err(StateError::io(&path))
    }

    /// What a gateway sees of the machine id.
    ///
    /// # Errors
    /// As [`Home::machine_id`].
    pub fn fingerprint(&self) -> Result<Fingerprint, StateError> {
        self.machine_id().map(|id| Fingerprint::of(&id))
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Settings, [`NodeConfig`](super::NodeConfig).
    pub fn config(&self) -> PathBuf {
        self.root.join("config.json")
    }

    /// Settings of the daemon and of the commands that call one, [`Settings`](super::Settings).
    pub fn settings(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// What a daemon that was started in the background prints.
    pub fn daemon_log(&self) -> PathBuf {
        self.logs().join("daemon.log")
    }

    /// The token with which the node speaks to its gateway.
    pub fn node_key(&self) -> PathBuf {
        self.root.join("node.key")
    }

    /// The secret with which the node's gateway signs what it asks for directly.
    pub fn signing_secret(&self) -> PathBuf {
        self.root.join("signing.key")
    }

    /// The certificate that the node made for itself, with its key.
    pub fn own_certificate(&self) -> PathBuf {
        self.root.join("tls").join("own.pem")
    }

    /// The account at an ACME authority and what that has issued.
    pub fn acme(&self) -> PathBuf {
        self.root.join("tls").join("acme")
    }

    /// The token of the node's own `/v1`.
    pub fn api_token_file(&self) -> PathBuf {
        self.root.join("api.token")
    }

    /// The journal of claims and the outbox.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal.db")
    }

    /// The table of background jobs.
    pub fn jobs(&self) -> PathBuf {
        self.root.join("jobs.db")
    }

    /// Persistent workspaces.
    pub fn workspaces(&self) -> PathBuf {
        self.root.join("workspaces")
    }

    /// Versions of workspaces, a git repository for each.
    pub fn repos(&self) -> PathBuf {
        self.root.join("repos")
    }

    /// Bodies of answers that no gateway has yet.
    pub fn outbox(&self) -> PathBuf {
        self.root.join("outbox")
    }

    /// Files of generic jobs, unless the settings say another place.
    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }

    /// Invocation tokens that were used and have not expired yet, as hashes.
    pub fn used_tokens(&self) -> PathBuf {
        self.root.join("used-tokens")
    }

    /// What installing the node as a service did.
    pub fn receipt(&self) -> PathBuf {
        self.root.join("install.json")
    }

    /// Logs.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// What the running node says of itself, [`NodeStatus`](super::NodeStatus).
    pub fn status(&self) -> PathBuf {
        self.run_dir().join("status.json")
    }

    /// The file whose lock makes a process the node of this home.
    pub fn lock(&self) -> PathBuf {
        self.run_dir().join("lock")
    }

    /// Files that mean something only while the node runs.
    pub fn run_dir(&self) -> PathBuf {
        self.root.join("run")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use std::fs;

    #[test]
    fn the_machine_id_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        home.prepare().unwrap();
        let id = home.machine_id().unwrap();
        assert_eq!(home.machine_id().unwrap(), id);
        assert_eq!(home.fingerprint().unwrap(), Fingerprint::of(&id));

        write_private(&home.root().join("machine.id"), b"not a uuid\n").unwrap();
        assert!(matches!(home.machine_id(), Err(StateError::NotAMachineId { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn directories_are_private_and_a_shared_one_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        home.prepare().unwrap();
        for dir in [home.root().to_owned(), home.outbox(), home.run_dir()] {
            assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700, "{}", dir.display());
        }
        fs::set_permissions(home.root(), fs::Permissions::from_mode(0o755)).unwrap();
        let refused = home.prepare().unwrap_err();
        assert!(refused.to_string().contains("chmod 700"), "{refused}");
    }
}
