//! A workspace as a tree of git. What changed since the tree before is all that is looked at, when that one is remembered.

use super::error::host;
use super::manifest::{META, Manifest, MountEntry, Octal, SESSIONS, sessions_to_bytes};
use super::objects::Objects;
use super::recent::{Made, MadeMount};
use super::{disk, path};
use crate::workspace::mount::Filesystem;
use crate::workspace::{Captured, CapturedFiles, Change, Covered, Node, NodeKind, Tree, VersionsError};
use gix::ObjectId;
use gix::objs::tree::{Editor, EntryKind};
use std::collections::BTreeMap;

/// The mode of a directory that needs no mention.
pub(super) const DIRECTORY: u32 = 0o755;

/// How git calls a file or a link.
pub(super) fn kind(is_link: bool, mode: u32) -> EntryKind {
    match (is_link, mode & 0o100) {
        (true, _) => EntryKind::Link,
        (false, 0) => EntryKind::Blob,
        (false, _) => EntryKind::BlobExecutable,
    }
}

/// Whether git says the whole mode of a file.
pub(super) fn is_plain(kind: EntryKind, mode: u32) -> bool {
    mode == if kind == EntryKind::BlobExecutable { 0o755 } else { 0o644 }
}

/// Writes `captured` into `objects`, starting from `before` when it is of the same mounts.
pub(super) fn run(
    objects: &mut Objects<'_>,
    before: Option<&Made>,
    captured: &Captured,
) -> Result<Made, VersionsError> {
    let before = before.filter(|before| is_alike(before, captured));
    let repository = objects.repository();
    let root = match before {
        Some(before) => {
            let tree = repository.find_tree(before.tree).map_err(host("read a directory"))?;
            gix::objs::Tree::from(tree.decode().map_err(host("read a directory"))?)
        }
        None => gix::objs::Tree::default(),
    };
    let mut writer = Writer { editor: Editor::new(root, &repository.objects, repository.object_hash()), objects };
    let mut mounts = BTreeMap::new();
    let mut entries = Vec::new();
    for mount in &captured.mounts {
        let covered = captured.nesting.over(&mount.prefix);
        let older = before.and_then(|before| before.mounts.get(&mount.prefix));
        let made = match &mount.files {
            CapturedFiles::Ram(tree) => Some(writer.ram(&mount.prefix, tree, older, &covered)?),
            CapturedFiles::Disk(filesystem) => {
                Some(writer.disk(&mount.prefix, &**filesystem, older, &covered, captured.max_disk_bytes)?)
            }
            CapturedFiles::Elsewhere => None,
        };
        let modes = made.iter().flat_map(|made| &made.modes).map(|(path, mode)| (path.clone(), Octal(*mode))).collect();
        entries.push(MountEntry {
            prefix: mount.prefix.clone(),
            resource: mount.resource.clone(),
            versioned: made.is_some(),
            modes,
        });
        mounts.extend(made.map(|made| (mount.prefix.clone(), made)));
    }
    let manifest = Manifest::new(captured.config.clone(), entries).to_bytes()?;
    writer.put(META, EntryKind::Blob, &manifest)?;
    writer.put(SESSIONS, EntryKind::Blob, &sessions_to_bytes(&captured.sessions)?)?;
    let tree = writer.finish()?;
    Ok(Made { tree, mounts, nesting: captured.nesting.clone() })
}

/// Whether the same mounts were in the older tree, so that only their files may differ.
fn is_alike(before: &Made, captured: &Captured) -> bool {
    let versioned = captured.mounts.iter().filter(|mount| !matches!(mount.files, CapturedFiles::Elsewhere));
    let mut prefixes: Vec<_> = versioned.map(|mount| &mount.prefix).collect();
    prefixes.sort();
    before.nesting == captured.nesting && before.mounts.keys().eq(prefixes)
}

struct Writer<'w, 'r> {
    editor: Editor<'r>,
    objects: &'w mut Objects<'r>,
}

impl Writer<'_, '_> {
    fn ram(
        &mut self,
        prefix: &str,
        tree: &Tree,
        older: Option<&MadeMount>,
        covered: &Covered,
    ) -> Result<MadeMount, VersionsError> {
        let older = older.cloned().unwrap_or_default();
        let changes = tree.changes_since(&older.files);
        let leaf = |path: &str, node: &Node| !node.is_dir() && !covered.hides(path, false);
        // What goes, goes first: its place may be a directory's now.
        for (path, new) in changes.iter().map(parts) {
            let was = older.files.get(path).is_some_and(|node| leaf(path, node));
            if was && !new.is_some_and(|node| leaf(path, node)) {
                self.remove(&path::encode(prefix, path))?;
            }
        }
        let mut modes = older.modes;
        for (path, new) in changes.iter().map(parts) {
            if let Some(node) = new.filter(|node| leaf(path, node)) {
                let at = path::encode(prefix, path);
                match &node.kind {
                    NodeKind::File(content) => self.put(&at, kind(false, node.mode), content.bytes())?,
                    NodeKind::Symlink(target) => self.put(&at, EntryKind::Link, target.as_bytes())?,
                    NodeKind::Directory => {}
                }
            }
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            for path in [path, parent] {
                match mode(tree, path, covered) {
                    Some(mode) => drop(modes.insert(path.into(), mode)),
                    None => drop(modes.remove(path)),
                }
            }
        }
        Ok(MadeMount { files: tree.clone(), disk: BTreeMap::new(), modes })
    }

    fn disk(
        &mut self,
        prefix: &str,
        filesystem: &dyn Filesystem,
        older: Option<&MadeMount>,
        covered: &Covered,
        limit: u64,
    ) -> Result<MadeMount, VersionsError> {
        let disk::Read { leaves, modes } = disk::read(self.objects, prefix, filesystem, covered, limit)?;
        let older = older.map(|older| older.disk.clone()).unwrap_or_default();
        for path in older.keys().filter(|path| !leaves.contains_key(*path)) {
            self.remove(&path::encode(prefix, path))?;
        }
        for (path, leaf) in leaves.iter().filter(|(path, leaf)| older.get(*path) != Some(leaf)) {
            self.link(&path::encode(prefix, path), leaf.0, leaf.1)?;
        }
        Ok(MadeMount { files: Tree::new(), disk: leaves, modes })
    }

    fn put(&mut self, at: &str, kind: EntryKind, content: &[u8]) -> Result<(), VersionsError> {
        let id = self.objects.blob(content)?;
        self.link(at, kind, id)
    }

    fn link(&mut self, at: &str, kind: EntryKind, id: ObjectId) -> Result<(), VersionsError> {
        self.editor.upsert(at.split('/'), kind, id).map_err(host("write a directory")).map(drop)
    }

    fn remove(&mut self, at: &str) -> Result<(), VersionsError> {
        self.editor.remove(at.split('/')).map_err(host("write a directory")).map(drop)
    }

    fn finish(self) -> Result<ObjectId, VersionsError> {
        let Self { mut editor, objects } = self;
        editor.write(|tree| objects.tree(tree))
    }
}

fn parts(change: &Change) -> (&str, Option<&Node>) {
    match change {
        Change::Put(path, node) => (path, Some(node)),
        Change::Removed(path) => (path, None),
    }
}

/// The mode of what is at `path`, if git does not say it. A directory that holds something is there because of it.
fn mode(tree: &Tree, path: &str, covered: &Covered) -> Option<u32> {
    let node = tree.get(path).filter(|node| !covered.hides(path, node.is_dir()))?;
    let said = match node.kind {
        NodeKind::Directory => node.mode == DIRECTORY && tree.children(path).next().is_some(),
        NodeKind::File(_) => is_plain(kind(false, node.mode), node.mode),
        NodeKind::Symlink(_) => true,
    };
    (!said).then_some(node.mode)
}
