//! The machine as it was, for when an installation fails half way.

use super::Installation;
use crate::base::write_private;
use crate::cli::error::CliError;
use crate::service::Receipt;
use std::path::PathBuf;

/// What has to be put back.
#[derive(Debug)]
pub struct Rollback {
    /// The receipt as it was; entries beyond it are undone.
    before: Option<Receipt>,
    /// Files of the state directory and what was in them.
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    /// Whether there was a state directory.
    had_home: bool,
    /// Whether the service ran.
    ran: bool,
}

impl Rollback {
    /// Notes how things are.
    pub fn note(at: &Installation, before: Option<Receipt>, ran: bool) -> Self {
        let home = &at.home;
        let files = [home.config(), home.node_key(), home.receipt()];
        Self {
            before,
            files: files.into_iter().map(|path| (path.clone(), std::fs::read(path).ok())).collect(),
            had_home: home.root().exists(),
            ran,
        }
    }

    /// Takes back what `now` has more than there was before. What could not be taken back, a line each.
    pub fn undo(self, at: &Installation, now: &Receipt) -> Vec<String> {
        let mut left = Vec::new();
        let known = self.before.as_ref().map(|receipt| receipt.entries.as_slice()).unwrap_or_default();
        for entry in now.entries.iter().rev().filter(|entry| !known.contains(entry)) {
            match at.manager.undo(entry) {
                Ok(undone) => left.extend(undone.left.map(|why| format!("{}: {why}", undone.what))),
                Err(failed) => left.push(CliError::from(failed).to_string()),
            }
        }
        if self.had_home {
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
        } else if at.home.root().exists()
            && let Err(failed) = std::fs::remove_dir_all(at.home.root())
        {
            left.push(format!("{}: {failed}", at.home.root().display()));
        }
        if self.ran
            && let Err(failed) = at.manager.restart()
        {
            left.push(format!("the service as it was does not start again: {failed}"));
        }
        left
    }
}
