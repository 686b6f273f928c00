//! A disk mount's files as a snapshot reads them.

use crate::workspace::DiskMount;
use crate::workspace::mount::{Filesystem, Kind};
use crate::workspace::snapshot::{DiskEntry, DiskFiles, DiskKind};
use std::io::{self, Read};

/// The files of one disk mount. Its methods block.
pub(super) struct MountedFiles(pub(super) DiskMount);

impl MountedFiles {
    fn filesystem(&self) -> &dyn Filesystem {
        &*self.0.1
    }
}

impl DiskFiles for MountedFiles {
    fn prefix(&self) -> &str {
        &self.0.0
    }

    fn entries(&self) -> io::Result<Vec<DiskEntry>> {
        let mut entries = Vec::new();
        let mut directories = vec![String::new()];
        while let Some(directory) = directories.pop() {
            for entry in self.filesystem().list(&directory)? {
                let separator = if directory.is_empty() { "" } else { "/" };
                let path = format!("{directory}{separator}{}", entry.name);
                let kind = match entry.metadata.kind {
                    Kind::File => DiskKind::File(entry.metadata.size),
                    Kind::Symlink => DiskKind::Symlink(self.filesystem().read_link(&path)?),
                    Kind::Directory => {
                        directories.push(path.clone());
                        DiskKind::Directory
                    }
                };
                entries.push(DiskEntry {
                    path,
                    kind,
                    mode: entry.metadata.mode,
                    modified_ms: entry.metadata.modified_ms,
                });
            }
        }
        Ok(entries)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(self.filesystem().open(path)?)
    }
}
