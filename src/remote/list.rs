//! A directory's members.

use super::index::Known;
use super::look::described;
use super::storage::{Storage, directory_key, is_missing};
use crate::workspace::mount::{Entry, errno};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::Arc;

impl Storage {
    /// The members, as known or as the storage says.
    pub(super) async fn list(&self, path: &str) -> io::Result<Vec<Entry>> {
        match self.index.listing(path) {
            Some(entries) => Ok(entries.to_vec()),
            None => self.list_afresh(path).await,
        }
    }

    /// The members as the storage lists them.
    pub(super) async fn list_afresh(&self, path: &str) -> io::Result<Vec<Entry>> {
        let asked = self.index.ask();
        let directory = directory_key(path)?;
        let listed = match self.operator.list(&directory).await {
            Ok(listed) => listed,
            Err(error) if is_missing(&error) => Vec::new(),
            Err(error) => return Err(self.failed(error)),
        };
        // By name, so that a file hides a directory of the same name, as `stat` has it.
        let mut members: BTreeMap<String, Known> = BTreeMap::new();
        for entry in listed {
            let Some(name) = member(&directory, entry.path()) else { continue };
            let known = described(entry.metadata());
            if !known.is_dir() || !members.contains_key(name) {
                members.insert(name.to_owned(), known);
            }
        }
        for name in self.empty_dirs.names_in(path) {
            members.entry(name).or_insert_with(Known::directory);
        }
        if members.is_empty() && !self.look_afresh(path).await?.is_dir() {
            return Err(errno(ErrorKind::NotADirectory));
        }
        let mut entries = Vec::with_capacity(members.len());
        for (name, known) in members {
            let at = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            entries.push(Entry { name, metadata: known.metadata });
            self.index.put_node(asked, &at, known);
        }
        self.index.put_listing(asked, path, Arc::new(entries.clone()));
        Ok(entries)
    }
}

/// A listed key's name in its directory; none for the directory itself and for keys that are no path in here.
fn member<'a>(directory: &str, key: &'a str) -> Option<&'a str> {
    let inner = key.trim_start_matches('/').strip_prefix(directory.trim_start_matches('/'))?;
    let name = inner.strip_suffix('/').unwrap_or(inner);
    let is_name = !matches!(name, "" | "." | "..") && !name.contains(['/', '\0']) && name.len() <= 255;
    is_name.then_some(name)
}
