//! The machine as it was, for when an installation fails half way.

use super::Installation;
use crate::base::write_private;
use crate::cli::error::CliError;
use crate::service::Entry;
use std::path::PathBuf;

/// What has to be put back.
#[derive(Debug)]
pub struct Rollback {
    /// Files of the state directory and what was in them.
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    /// The state directory and those above it that were not there, deepest first.
    missing: Vec<PathBuf>,
    /// Whether the service ran.
    ran: bool,
}

impl Rollback {
    /// Notes how things are.
    pub fn note(at: &Installation, ran: bool) -> Self {
        let home = &at.home;
        let files = [home.config(), home.node_key(), home.signing_secret(), at.receipt_path()];
        Self {
            files: files.into_iter().map(|path| (path.clone(), std::fs::read(path).ok())).collect(),
            missing: home.root().ancestors().take_while(|dir| !dir.exists()).map(PathBuf::from).collect(),
            ran,
        }
    }

    /// Directories above the state directory that an installation makes, highest first.
    pub fn new_directories(&self) -> impl Iterator<Item = PathBuf> {
        self.missing.iter().skip(1).rev().cloned()
    }

    /// Takes back what was `done`, last things first. What could not be taken back, a line each.
    pub fn undo(self, at: &Installation, done: &[Entry]) -> Vec<String> {
        let mut left = Vec::new();
        if !self.ran {
            // It may have been started, or not be known at all.
            let _ = at.manager.stop();
        }
        for entry in done.iter().rev() {
            match at.manager.undo(entry) {
                Ok(undone) => left.extend(undone.left.map(|why| format!("{}: {why}", undone.what))),
                Err(failed) => left.push(CliError::from(failed).to_string()),
            }
        }
        if self.missing.is_empty() {
            for (path, content) in self.files {
                let put_back = match content {
                    Some(content) => write_private(&path, &content),
                    None => std::fs::remove_file(&path).or_else(|failed| match failed.kind() {
                        std::io::ErrorKind::NotFound => Ok(()),
                        _ => Err(failed),
                    }),
                };
                left.extend(put_back.err().map(|failed| format!("{}: {failed}", path.display())));
            }
        } else {
            if at.home.root().exists()
                && let Err(failed) = std::fs::remove_dir_all(at.home.root())
            {
                left.push(format!("{}: {failed}", at.home.root().display()));
            }
            for dir in self.missing.iter().skip(1) {
                // Somebody may use one by now.
                let _ = std::fs::remove_dir(dir);
            }
        }
        at.forget_receipt_directory();
        if self.ran
            && let Err(failed) = at.manager.restart()
        {
            left.push(format!("the service as it was does not start again: {failed}"));
        }
        left
    }
}
