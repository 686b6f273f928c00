//! What differs between two trees of a repository. Subtrees that are the same are not looked into.

use super::error::host;
use crate::workspace::VersionsError;
use gix::bstr::{BString, ByteSlice};
use gix::objs::tree::{EntryKind, EntryMode};
use gix::{ObjectId, Repository};
use std::collections::BTreeMap;

/// A file or a link of a tree.
pub(super) type Leaf = (EntryKind, ObjectId);

/// A path whose leaf differs. A path that is a directory on one side has no leaf there.
#[derive(Debug)]
pub(super) struct Changed {
    /// The path in the tree, lossily as text.
    pub path: String,
    /// What was there.
    pub older: Option<Leaf>,
    /// What is there.
    pub newer: Option<Leaf>,
}

/// What turns `older` into `newer`, in no particular order; none is the empty tree.
pub(super) fn changes(
    repository: &Repository,
    older: Option<ObjectId>,
    newer: Option<ObjectId>,
) -> Result<Vec<Changed>, VersionsError> {
    let mut found = Vec::new();
    let mut pairs = vec![(String::new(), older, newer)];
    while let Some((at, older, newer)) = pairs.pop() {
        if older == newer {
            continue;
        }
        let (mut left, right) = (entries(repository, older)?, entries(repository, newer)?);
        for (name, newer) in right {
            compare(&at, &name, left.remove(&name), Some(newer), &mut pairs, &mut found);
        }
        for (name, older) in left {
            compare(&at, &name, Some(older), None, &mut pairs, &mut found);
        }
    }
    Ok(found)
}

type Entry = (EntryMode, ObjectId);

fn compare(
    at: &str,
    name: &BString,
    older: Option<Entry>,
    newer: Option<Entry>,
    pairs: &mut Vec<(String, Option<ObjectId>, Option<ObjectId>)>,
    found: &mut Vec<Changed>,
) {
    if older == newer {
        return;
    }
    let path = if at.is_empty() { name.to_str_lossy().into_owned() } else { format!("{at}/{}", name.to_str_lossy()) };
    let tree = |entry: Option<Entry>| entry.filter(|(mode, _)| mode.is_tree()).map(|(_, id)| id);
    let leaf = |entry: Option<Entry>| entry.filter(|(mode, _)| !mode.is_tree()).map(|(mode, id)| (mode.kind(), id));
    if tree(older).is_some() || tree(newer).is_some() {
        pairs.push((path.clone(), tree(older), tree(newer)));
    }
    if leaf(older).is_some() || leaf(newer).is_some() {
        found.push(Changed { path, older: leaf(older), newer: leaf(newer) });
    }
}

fn entries(repository: &Repository, tree: Option<ObjectId>) -> Result<BTreeMap<BString, Entry>, VersionsError> {
    let Some(id) = tree.filter(|id| !id.is_empty_tree()) else { return Ok(BTreeMap::new()) };
    let tree = repository.find_tree(id).map_err(host("read a directory"))?;
    let tree = tree.decode().map_err(host("read a directory"))?;
    Ok(tree.entries.iter().map(|entry| (entry.filename.to_owned(), (entry.mode, entry.oid.to_owned()))).collect())
}
