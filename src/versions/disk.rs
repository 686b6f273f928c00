//! The files of a disk mount, read for a version through the [`Filesystem`] trait.

use super::objects::Objects;
use crate::workspace::mount::{Filesystem, Kind};
use crate::workspace::{Covered, VersionsError};
use gix::ObjectId;
use gix::objs::tree::EntryKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most files and directories of one mount.
const MAX_NODES: usize = 1_000_000;

/// What a disk mount holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Files and links, by path in the mount.
    pub leaves: BTreeMap<String, (EntryKind, ObjectId)>,
    /// As in [`super::manifest::MountEntry::modes`].
    pub modes: BTreeMap<Arc<str>, u32>,
}

/// Reads every file that is not covered into `objects`, one at a time.
pub(super) fn read(
    objects: &mut Objects<'_>,
    prefix: &str,
    filesystem: &dyn Filesystem,
    covered: &Covered,
    limit: u64,
) -> Result<Read, VersionsError> {
    let mut read = Read::default();
    let (mut bytes, mut nodes) = (0_u64, 0);
    let unreadable = |path: &str| {
        let path = format!("{prefix}{path}");
        move |source| VersionsError::Unreadable { path, source }
    };
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        let entries = filesystem.list(&directory).map_err(unreadable(&directory))?;
        let mut is_empty = true;
        for entry in entries {
            let path = if directory.is_empty() { entry.name } else { format!("{directory}/{}", entry.name) };
            let is_dir = entry.metadata.kind == Kind::Directory;
            if covered.hides(&path, is_dir) {
                continue;
            }
            is_empty = false;
            nodes += 1;
            let content = match entry.metadata.kind {
                Kind::Directory => {
                    directories.push(path);
                    continue;
                }
                Kind::File => filesystem.read(&path).map_err(unreadable(&path))?,
                Kind::Symlink => filesystem.read_link(&path).map_err(unreadable(&path))?.into(),
            };
            bytes += content.len() as u64;
            if bytes > limit || nodes > MAX_NODES {
                return Err(VersionsError::TooLarge { prefix: prefix.to_owned(), limit });
            }
            let mode = entry.metadata.mode & 0o777;
            let kind = super::write::kind(entry.metadata.kind == Kind::Symlink, mode);
            if kind != EntryKind::Link && !super::write::is_plain(kind, mode) {
                read.modes.insert(path.as_str().into(), mode);
            }
            read.leaves.insert(path, (kind, objects.blob(&content)?));
        }
        if directory.is_empty() {
            continue;
        }
        let mode = filesystem.stat(&directory).map_err(unreadable(&directory))?.mode & 0o777;
        if is_empty || mode != super::write::DIRECTORY {
            read.modes.insert(directory.into(), mode);
        }
    }
    Ok(read)
}
