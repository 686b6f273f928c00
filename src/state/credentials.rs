//! The token with which the node speaks to its gateway.

use super::{Home, StateError};
use crate::base::{Secret, read_private, write_private};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The files `node.key` and `signing.key`. Does not keep what is in them: whoever needs it reads it, so that a new setup is seen.
#[derive(Clone)]
pub struct Credentials {
    path: PathBuf,
    signing: PathBuf,
}

impl Credentials {
    /// Those of a home.
    pub fn of(home: &Home) -> Self {
        Self { path: home.node_key(), signing: home.signing_secret() }
    }

    /// The token; none before the first setup.
    ///
    /// # Errors
    /// When others may read the file (the message has the way out), or what the file system said.
    pub fn token(&self) -> Result<Option<Secret>, StateError> {
        read(&self.path)
    }

    /// Replaces the token, durably: once the gateway has seen a new one, the old one is worth nothing.
    ///
    /// # Errors
    /// What the file system said; the old token is in place then.
    pub fn store(&self, token: &Secret) -> Result<(), StateError> {
        write_private(&self.path, format!("{}\n", token.expose()).as_bytes()).map_err(StateError::io(&self.path))
    }

    /// The secret with which the gateway signs what it asks for directly; none when it gave none.
    ///
    /// # Errors
    /// As [`Credentials::token`].
    pub fn signing_secret(&self) -> Result<Option<Secret>, StateError> {
        read(&self.signing)
    }

    /// Replaces that secret.
    ///
    /// # Errors
    /// As [`Credentials::store`].
    pub fn store_signing_secret(&self, secret: &Secret) -> Result<(), StateError> {
        write_private(&self.signing, format!("{}\n", secret.expose()).as_bytes()).map_err(StateError::io(&self.signing))
    }

    /// Forgets that secret: whoever knows it opens the node's direct door no longer.
    ///
    /// # Errors
    /// What the file system said, unless there was none.
    pub fn forget_signing_secret(&self) -> Result<(), StateError> {
        remove(&self.signing)
    }

    /// Forgets the token, and the secret with it.
    ///
    /// # Errors
    /// What the file system said, unless there was none.
    pub fn remove(&self) -> Result<(), StateError> {
        remove(&self.path)?;
        remove(&self.signing)
    }
}

fn remove(path: &Path) -> Result<(), StateError> {
    match std::fs::remove_file(path) {
        Err(failed) if failed.kind() != ErrorKind::NotFound => Err(StateError::io(path)(failed)),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> Result<Option<Secret>, StateError> {
    match read_private(path) {
        Ok(text) => Ok(Some(Secret::new(text)).filter(|secret| !secret.is_empty())),
        Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(None),
        Err(not_text) if not_text.kind() == ErrorKind::InvalidData => {
            Err(StateError::Damaged { path: path.to_owned(), way_out: "join again with `waypost node setup KEY`" })
        }
        Err(failed) => Err(StateError::io(path)(failed)),
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("path", &self.path).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_and_a_loose_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        home.prepare().unwrap();
        let credentials = Credentials::of(&home);
        assert!(credentials.token().unwrap().is_none());
        credentials.store(&Secret::new("msn_1")).unwrap();
        assert_eq!(credentials.token().unwrap().unwrap().expose(), "msn_1");

        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(home.node_key(), std::fs::Permissions::from_mode(0o644)).unwrap();
            let refused = credentials.token().unwrap_err().to_string();
            assert!(refused.contains("chmod 600"), "{refused}");
        }
        assert!(credentials.signing_secret().unwrap().is_none());
        credentials.store_signing_secret(&Secret::new("mss_1")).unwrap();
        assert_eq!(credentials.signing_secret().unwrap().unwrap().expose(), "mss_1");
        credentials.remove().unwrap();
        credentials.remove().unwrap();
        assert!(credentials.signing_secret().unwrap().is_none());
    }
}
