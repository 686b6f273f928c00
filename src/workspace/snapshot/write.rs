//! A workspace into a tar. Contents are passed on as they are, never copied together.

use super::append;
use super::describe::{config_mount, config_mounts, manifest, member_name, rfc3339};
use super::manifest::{MountMeta, NAME};
use crate::workspace::{Content, Node, NodeKind, StoredWorkspace, Tree};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Read, Write};

/// The files of a `disk` mount, which are not in a [`StoredWorkspace`].
pub trait DiskFiles {
    /// Where it is mounted, `/data/`.
    fn prefix(&self) -> &str;

    /// Everything below the mount, in any order.
    ///
    /// # Errors
    /// When the directory cannot be read.
    fn entries(&self) -> io::Result<Vec<DiskEntry>>;

    /// The content of a file that [`DiskFiles::entries`] gave. What is beyond the length given there is left out; less is
    /// an error of [`write()`].
    ///
    /// # Errors
    /// When the file cannot be opened.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>>;
}

/// Something in a `disk` mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskEntry {
    /// The path below the mount, as in [`Tree`].
    pub path: String,
    /// What is there.
    pub kind: DiskKind,
    /// Permission bits.
    pub mode: u32,
    /// Last change, milliseconds since 1970 UTC.
    pub modified_ms: i64,
}

/// What is at a path of a `disk` mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskKind {
    /// A regular file and its length in bytes.
    File(u64),
    /// A directory.
    Directory,
    /// A symbolic link and its target, as written.
    Symlink(String),
}

/// Where a snapshot goes. It comes in pieces of any size; who minds small ones puts them together.
pub trait SnapshotOut: Write {
    /// Writes bytes that may be kept as they are, without a copy: a file's whole content, however long.
    ///
    /// # Errors
    /// As [`Write::write_all`].
    fn write_shared(&mut self, bytes: &Bytes) -> io::Result<()> {
        self.write_all(bytes)
    }
}

impl SnapshotOut for Vec<u8> {}

impl<W: Write> SnapshotOut for BufWriter<W> {}

/// Writes a snapshot of `workspace`, whose `disk` mounts are `disks`. Other mounts are saved by their configuration
/// alone, and secrets in it are left out.
///
/// # Errors
/// When `out` fails, a disk mount cannot be read, or a file in it became shorter meanwhile.
pub fn write(workspace: &StoredWorkspace, disks: &[&dyn DiskFiles], out: &mut dyn SnapshotOut) -> io::Result<()> {
    let mounts = collect(workspace, disks)?;
    let manifest = serde_json::to_vec_pretty(&manifest(workspace, &mounts)?)?;
    append::bytes(out, NAME, &manifest.into())?;
    for (index, mount) in mounts.iter().enumerate() {
        for file in &mount.files {
            let name = member_name(index, &file.path);
            match &file.source {
                Source::Memory(content) => append::bytes(out, &name, content.bytes())?,
                Source::Disk(disk, size) => append::stream(out, &name, *size, &mut *disk.open(&file.path)?)?,
            }
        }
    }
    append::finish(out)?;
    out.flush()
}

/// A mount as it goes into the archive.
pub(super) struct Mount<'a> {
    pub(super) prefix: String,
    pub(super) backend: String,
    pub(super) files: Vec<File<'a>>,
    pub(super) dirs: Vec<String>,
    pub(super) meta: MountMeta,
}

/// A file of a mount.
pub(super) struct File<'a> {
    pub(super) path: String,
    pub(super) modified_ms: i64,
    source: Source<'a>,
}

enum Source<'a> {
    Memory(&'a Content),
    Disk(&'a dyn DiskFiles, u64),
}

/// Every mount by its prefix, in whose order they are numbered.
fn collect<'a>(workspace: &'a StoredWorkspace, disks: &[&'a dyn DiskFiles]) -> io::Result<Vec<Mount<'a>>> {
    let mut mounts = BTreeMap::new();
    for prefix in config_mounts(&workspace.record.config).map(|(prefix, _)| prefix).collect::<BTreeSet<_>>() {
        let block = config_mount(&workspace.record.config, &prefix);
        let backend = ["resource", "vfs", "type"].iter().find_map(|key| block?.get(*key)?.as_str()).unwrap_or("ram");
        mounts.insert(prefix.clone(), Mount::new(&prefix, backend));
    }
    for (prefix, tree) in &workspace.trees {
        mounts.insert(prefix.clone(), Mount::of_tree(prefix, tree));
    }
    for disk in disks {
        mounts.insert(disk.prefix().to_owned(), Mount::of_disk(*disk)?);
    }
    Ok(mounts.into_values().collect())
}

impl<'a> Mount<'a> {
    fn new(prefix: &str, backend: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            backend: backend.to_owned(),
            files: Vec::new(),
            dirs: Vec::new(),
            meta: MountMeta::default(),
        }
    }

    fn of_tree(prefix: &str, tree: &'a Tree) -> Self {
        let mut mount = Self::new(prefix, "ram");
        for (path, Node { kind, mode, modified_ms }) in tree.walk("") {
            match kind {
                NodeKind::File(content) => mount.add_file(path, *mode, *modified_ms, Source::Memory(content)),
                NodeKind::Directory => mount.add_dir(path, *mode, *modified_ms),
                NodeKind::Symlink(target) => mount.add_symlink(path, target, *modified_ms),
            }
        }
        mount
    }

    fn of_disk(disk: &'a dyn DiskFiles) -> io::Result<Self> {
        let mut mount = Self::new(disk.prefix(), "disk");
        let mut entries = disk.entries()?;
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        for DiskEntry { path, kind, mode, modified_ms } in entries {
            match kind {
                DiskKind::File(size) => mount.add_file(&path, mode, modified_ms, Source::Disk(disk, size)),
                DiskKind::Directory => mount.add_dir(&path, mode, modified_ms),
                DiskKind::Symlink(target) => mount.add_symlink(&path, &target, modified_ms),
            }
        }
        Ok(mount)
    }

    fn add_file(&mut self, path: &str, mode: u32, modified_ms: i64, source: Source<'a>) {
        if mode != 0o644 {
            self.meta.modes.insert(path.to_owned(), octal(mode));
        }
        if rfc3339(modified_ms).is_none() {
            self.meta.modified_ms.insert(path.to_owned(), modified_ms);
        }
        self.files.push(File { path: path.to_owned(), modified_ms, source });
    }

    fn add_dir(&mut self, path: &str, mode: u32, modified_ms: i64) {
        if mode != 0o755 {
            self.meta.modes.insert(path.to_owned(), octal(mode));
        }
        self.meta.modified_ms.insert(path.to_owned(), modified_ms);
        self.dirs.push(path.to_owned());
    }

    fn add_symlink(&mut self, path: &str, target: &str, modified_ms: i64) {
        self.meta.symlinks.insert(path.to_owned(), target.to_owned());
        self.meta.modified_ms.insert(path.to_owned(), modified_ms);
    }
}

/// Permission bits as a manifest says them, without those of the kind.
fn octal(mode: u32) -> String {
    format!("{:04o}", mode & 0o7777)
}
