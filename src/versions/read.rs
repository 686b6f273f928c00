//! Reading a version back. Files that are the same as in the tree that is remembered are shared with it, not read.

use super::error::host;
use super::manifest::{META, Manifest, SESSIONS, parse_sessions};
use super::recent::{Made, Recent};
use super::tree::Leaf;
use super::write::DIRECTORY;
use super::{path, refs, tree};
use crate::workspace::{
    Content, Covered, Nesting, Node, NodeKind, Owner, StoredMount, StoredVersion, Tree, VersionsError,
};
use gix::hash::Prefix;
use gix::objs::tree::EntryKind;
use gix::{ObjectId, Repository};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Nothing of that name.
pub(super) fn not_found(reference: &str) -> VersionsError {
    VersionsError::VersionNotFound { reference: reference.to_owned() }
}

/// The commit of a branch, an id, or the beginning of one: at least four digits.
pub(super) fn resolve(repository: &Repository, reference: &str) -> Result<ObjectId, VersionsError> {
    if let Some(head) = refs::head(repository, reference)? {
        return Ok(head);
    }
    if !(4..=40).contains(&reference.len()) || !reference.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(not_found(reference));
    }
    let prefix = Prefix::from_hex(&reference.to_ascii_lowercase()).map_err(|_| not_found(reference))?;
    let mut candidates = HashSet::new();
    repository.objects.lookup_prefix(prefix, Some(&mut candidates)).map_err(host("look for a version"))?;
    let is_commit =
        |id: &ObjectId| repository.find_header(*id).is_ok_and(|header| header.kind() == gix::objs::Kind::Commit);
    let mut commits = candidates.into_iter().filter(is_commit);
    match (commits.next(), commits.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(not_found(reference)),
    }
}

pub(super) fn run(
    repository: &Repository,
    recent: &Recent,
    owner: &Owner,
    reference: &str,
) -> Result<StoredVersion, VersionsError> {
    let id = resolve(repository, reference)?;
    let commit = repository.find_commit(id).map_err(host("read a version"))?;
    let root = commit.tree_id().map_err(host("read a version"))?.detach();
    let created_s = commit.time().map_err(host("read a version"))?.seconds;
    let unusable = |reason: String| VersionsError::Unusable { id: owner.id.clone(), reason };
    let ours = |at: &str| blob_at(repository, root, at).map_err(|why| unusable(format!("{id} has no {at}: {why}")));
    let manifest = Manifest::parse(&ours(META)?).map_err(unusable)?;
    let sessions = parse_sessions(&ours(SESSIONS)?).map_err(unusable)?;
    let nesting = Nesting::new(manifest.mounts.iter().map(|mount| mount.prefix.clone()));

    let mut reading =
        Reading { repository, nesting, modified_ms: created_s.saturating_mul(1000), trees: BTreeMap::new() };
    let known = recent.get(&owner.id).filter(|made| reading.can_start_from(made, &manifest));
    for mount in manifest.mounts.iter().filter(|mount| mount.versioned) {
        let start = known.as_ref().and_then(|made| made.mounts.get(&mount.prefix));
        let tree = start.map(|made| made.files.clone()).unwrap_or_default();
        reading.trees.insert(mount.prefix.clone(), tree);
    }
    for changed in tree::changes(repository, known.map(|made| made.tree), Some(root))? {
        if !path::is_reserved(&changed.path) {
            reading.apply(&changed.path, changed.newer).map_err(|why| why.unwrap_or_else(unusable))?;
        }
    }
    let mut mounts = BTreeMap::new();
    for mount in manifest.mounts {
        if let Some(mut tree) = reading.trees.remove(&mount.prefix) {
            let covered = reading.nesting.over(&mount.prefix);
            let modes = mount.modes.iter().map(|(path, mode)| (&**path, mode.0)).collect();
            settle(&mut tree, &modes, &covered, reading.modified_ms);
            mounts.insert(mount.prefix, StoredMount { resource: mount.resource, tree });
        }
    }
    Ok(StoredVersion { id: id.to_string(), config: manifest.config, sessions, mounts })
}

fn blob_at(repository: &Repository, root: ObjectId, at: &str) -> Result<Vec<u8>, String> {
    let tree = repository.find_tree(root).map_err(|error| error.to_string())?;
    let entry = tree.lookup_entry(at.split('/')).map_err(|error| error.to_string())?;
    let object = entry.ok_or("no such file")?.object().map_err(|error| error.to_string())?;
    Ok(object.detach().data)
}

struct Reading<'r> {
    repository: &'r Repository,
    nesting: Nesting,
    modified_ms: i64,
    trees: BTreeMap<String, Tree>,
}

/// Why a path cannot be applied: the host failed, or it is no path of ours.
enum Wrong {
    Host(VersionsError),
    Path(String),
}

impl Wrong {
    fn unwrap_or_else(self, unusable: impl Fn(String) -> VersionsError) -> VersionsError {
        match self {
            Self::Host(error) => error,
            Self::Path(reason) => unusable(reason),
        }
    }
}

impl Reading<'_> {
    /// Whether the tree that is remembered has all the same mounts. What it remembers of a disk mount is no content.
    fn can_start_from(&self, made: &Made, manifest: &Manifest) -> bool {
        let versioned = manifest.mounts.iter().filter(|mount| mount.versioned);
        made.nesting == self.nesting
            && manifest.mounts.iter().all(|mount| !mount.versioned || mount.resource == "ram")
            && made.mounts.len() == versioned.clone().count()
            && versioned.into_iter().all(|mount| made.mounts.contains_key(&mount.prefix))
    }

    fn apply(&mut self, at: &str, leaf: Option<Leaf>) -> Result<(), Wrong> {
        let wrong = || Wrong::Path(format!("'{at}' is no path of a workspace"));
        let absolute = path::decode(at).ok_or_else(wrong)?;
        let (prefix, path) = self.nesting.route(&absolute).ok_or_else(wrong)?;
        let tree = self.trees.get_mut(prefix).ok_or_else(wrong)?;
        let Some((kind, id)) = leaf else {
            tree.remove(path);
            return Ok(());
        };
        let object = self.repository.find_object(id).map_err(host("read a file")).map_err(Wrong::Host)?;
        let bytes = object.detach().data;
        let (kind, mode) = match kind {
            EntryKind::Link => {
                let target = String::from_utf8(bytes).map_err(|_| wrong())?;
                (NodeKind::Symlink(target.into()), 0o777)
            }
            EntryKind::BlobExecutable => (NodeKind::File(Content::new(bytes)), 0o755),
            EntryKind::Blob => (NodeKind::File(Content::new(bytes)), 0o644),
            EntryKind::Tree | EntryKind::Commit => return Err(wrong()),
        };
        tree.insert(path, Node { kind, mode, modified_ms: self.modified_ms });
        Ok(())
    }
}

/// Gives the tree the directories that its files need and the manifest names, no others, and every node its mode.
fn settle(tree: &mut Tree, modes: &BTreeMap<&str, u32>, covered: &Covered, modified_ms: i64) {
    let before = tree.clone();
    let mut directories = BTreeSet::new();
    for (path, node) in before.walk("").filter(|(_, node)| !node.is_dir()) {
        if covered.hides(path, false) {
            tree.remove(path);
            continue;
        }
        add_parents(path, &mut directories);
        let said = if node.mode & 0o100 == 0 { 0o644 } else { 0o755 };
        let mode = match node.kind {
            NodeKind::Symlink(_) => 0o777,
            _ => modes.get(&**path).copied().unwrap_or(said),
        };
        if mode != node.mode {
            tree.insert(path, Node { mode, ..node.clone() });
        }
    }
    for path in modes.keys().filter(|path| tree.get(path).is_none_or(Node::is_dir)) {
        directories.insert((*path).to_owned());
        add_parents(path, &mut directories);
    }
    for (path, _) in before.walk("").filter(|(path, node)| node.is_dir() && !directories.contains(&***path)) {
        tree.remove(path);
    }
    for path in directories {
        let mode = modes.get(&*path).copied().unwrap_or(DIRECTORY);
        tree.insert(&path, Node { kind: NodeKind::Directory, mode, modified_ms });
    }
}

fn add_parents(path: &str, directories: &mut BTreeSet<String>) {
    let mut at = path;
    while let Some((parent, _)) = at.rsplit_once('/') {
        if !directories.insert(parent.to_owned()) {
            return;
        }
        at = parent;
    }
}
