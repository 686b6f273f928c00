//! What is known at a place of a script that does not run.

use crate::workspace::mount::{Kind, Metadata, View, absolute};
use std::collections::BTreeMap;
use std::path::Path;

/// Links that are followed in a row, as in Linux.
const MAX_LINKS: usize = 40;

/// The files as a session sees them, and where it is.
pub(super) struct Scope<'a> {
    view: &'a View,
    home: &'a str,
    /// None after a `cd` to who knows where.
    pub cwd: Option<String>,
    /// Variables whose value is known: those of loops.
    pub variables: BTreeMap<String, String>,
    /// What may still be looked at: a short script can name a great deal.
    left: usize,
    commands: usize,
}

/// Commands that one answer tells of, those of a loop once for each item. Each takes a kilobyte there.
pub(super) const MAX_COMMANDS: usize = 10_000;

impl<'a> Scope<'a> {
    pub(super) fn new(view: &'a View, cwd: String, home: &'a str, budget: usize) -> Self {
        Self { view, home, cwd: Some(cwd), variables: BTreeMap::new(), left: budget, commands: 0 }
    }

    /// Whether one more thing may be looked at.
    pub(super) fn spend(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    /// Counts one more command. False when there are too many.
    pub(super) fn count(&mut self) -> bool {
        self.commands += 1;
        !self.is_over()
    }

    /// Whether there were too many commands.
    pub(super) fn is_over(&self) -> bool {
        self.commands > MAX_COMMANDS
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        match name {
            "PWD" => self.cwd.as_deref(),
            "HOME" => Some(self.home),
            _ => self.variables.get(name).map(String::as_str),
        }
    }

    pub(super) fn home(&self) -> &str {
        self.home
    }

    /// A word as an absolute path.
    pub(super) fn path(&self, word: &str) -> Option<String> {
        if word.is_empty() {
            return None;
        }
        let base = if word.starts_with('/') { "/" } else { self.cwd.as_deref()? };
        absolute(&Path::new(base).join(word)).ok()
    }

    /// What is at a path, its own link followed.
    pub(super) fn stat(&mut self, path: &str) -> Option<Metadata> {
        let mut at = path.to_owned();
        for _ in 0..MAX_LINKS {
            if !self.spend() {
                return None;
            }
            let there = self.view.stat(&at).ok()?;
            if there.kind != Kind::Symlink {
                return Some(there);
            }
            let target = self.view.read_link(&at).ok()?;
            let parent = Path::new(&at).parent()?;
            at = absolute(&parent.join(target)).ok()?;
        }
        None
    }

    /// The names in a directory, with what they are.
    pub(super) fn list(&mut self, path: &str) -> Option<Vec<(String, Metadata)>> {
        if !self.spend() {
            return None;
        }
        let entries = self.view.list(path).ok()?;
        Some(entries.into_iter().map(|entry| (entry.name, entry.metadata)).collect())
    }
}

impl Scope<'_> {
    /// Whether two paths are in the same mount.
    pub(super) fn same_mount(&self, one: &str, other: &str) -> bool {
        let mount = |path| self.view.table().route(path).map(|(mount, _)| mount.prefix.as_str());
        mount(one).is_some() && mount(one) == mount(other)
    }
}
