//! Taking the service back: exactly what its receipt says, and a look at what is left.

use super::Installation;
use crate::cli::error::CliError;
use crate::service::{Activity, Entry, Receipt, Undone};
use serde::Serialize;
use std::path::PathBuf;

/// What is to be removed.
#[derive(Debug)]
pub struct Removal {
    /// What an installation did.
    pub receipt: Option<Receipt>,
    /// Whether the node's state goes too.
    pub purge: bool,
}

/// The result of `node uninstall`.
#[derive(Debug, Default, Serialize)]
pub struct Removed {
    /// What was undone, last done first.
    pub undone: Vec<Undone>,
    /// Whether the gateway was told; none when there was nothing to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_told: Option<bool>,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_error: Option<String>,
    /// The state directory, when it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<PathBuf>,
    /// What is still there although it should not be. Empty: nothing is left.
    pub left: Vec<String>,
}

impl Removed {
    /// A line for each thing.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for undone in &self.undone {
            lines.push(match &undone.left {
                None => undone.what.clone(),
                Some(why) => format!("{}: {why}", undone.what),
            });
        }
        match (self.gateway_told, &self.gateway_error) {
            (Some(true), _) => lines.push("the gateway knows that the node has left".to_owned()),
            (Some(false), Some(why)) => lines.push(format!(
                "the gateway could not be told ({why}): an operator removes the node with `waypost gateway node remove`"
            )),
            _ => {}
        }
        lines.push(match &self.kept {
            Some(home) => format!("kept: the node's state in {} (--purge removes it)", home.display()),
            None => "the node's state is gone".to_owned(),
        });
        if self.left.is_empty() {
            lines.push("nothing else is left".to_owned());
        } else {
            lines.push("still there:".to_owned());
            lines.extend(self.left.iter().map(|left| format!("  {left}")));
        }
        lines.join("\n")
    }
}

/// Stops the service, undoes the receipt and removes the state when that is wanted. Goes on after an error: as little as
/// possible shall be left. The gateway is the caller's affair, between the stop and this.
pub fn remove(at: &Installation, removal: Removal) -> Removed {
    let mut removed = Removed::default();
    let entries = removal.receipt.map(|receipt| receipt.entries).unwrap_or_default();
    let mut stuck = Vec::new();
    let root = at.home.root();
    // Those above the state directory are empty once it is gone.
    let above = |entry: &&Entry| matches!(entry, Entry::Directory { path } if root != path && root.starts_with(path));
    for entry in entries.iter().rev().filter(|entry| !above(entry)) {
        match at.manager.undo(entry) {
            Ok(undone) => removed.undone.push(undone),
            Err(failed) => {
                removed.left.push(CliError::from(failed).to_string());
                stuck.push(entry);
            }
        }
    }
    if removal.purge {
        // An account that was made for the node has its home there, and is gone by now.
        if root.exists()
            && let Err(failed) = std::fs::remove_dir_all(root)
        {
            removed.left.push(format!("{}: {failed}", root.display()));
        }
        for entry in entries.iter().rev().filter(above) {
            removed.undone.extend(at.manager.undo(entry).ok());
        }
    } else {
        removed.kept = root.exists().then(|| root.to_owned());
    }
    if stuck.is_empty() {
        let _ = std::fs::remove_file(at.receipt_path());
    }
    at.forget_receipt_directory();
    look(at, &entries, &mut removed);
    removed
}

/// What of it can still be seen.
fn look(at: &Installation, entries: &[Entry], removed: &mut Removed) {
    for entry in entries {
        let path = match entry {
            // What was there before has been put back.
            Entry::File { path, before: None, .. } => path,
            _ => continue,
        };
        let known =
            removed.undone.iter().any(|undone| undone.left.is_some() && undone.what.contains(&*path.to_string_lossy()));
        if path.exists() && !known {
            removed.left.push(path.display().to_string());
        }
    }
    if let Ok(state) = at.manager.state()
        && state.activity != Activity::NotInstalled
        && let (Some(file), false) = (&state.file, removed.left.iter().any(|left| state.file.as_deref() == Some(left)))
        && std::path::Path::new(file).exists()
    {
        removed.left.push(format!("{} at {}, in {file}", state.service, state.manager));
    }
    if let Ok(Some(pid)) = crate::daemon::running(&at.home) {
        removed.left.push(format!("process {pid}"));
    }
}
