//! A workspace at one moment, as a version keeps it.

use super::Workspace;
use super::config::Backend;
use super::versions::{Captured, CapturedFiles, CapturedMount, Owner};

impl Workspace {
    /// Whose versions those of this workspace are.
    pub fn owner(&self) -> Owner {
        Owner { id: self.id().to_owned(), created_ms: Some(self.created_ms()) }
    }

    /// The workspace as it is now. O(1) in the number of files: those of `ram` mounts are shared, those of disk mounts
    /// are read later. A script that runs meanwhile is seen at some moment of it, each mount whole.
    pub fn capture(&self) -> Captured {
        let inner = self.inner();
        let mut trees = inner.trees();
        let mounts = inner.config.mounts.iter().map(|mount| CapturedMount {
            prefix: mount.prefix.clone(),
            resource: mount.backend.name().to_owned(),
            files: match &mount.backend {
                Backend::Ram => CapturedFiles::Ram(trees.remove(&mount.prefix).unwrap_or_default()),
                Backend::Disk { .. } => match inner.filesystem(&mount.prefix) {
                    Some(filesystem) => CapturedFiles::Disk(filesystem),
                    None => CapturedFiles::Elsewhere,
                },
                Backend::Remote(_) => CapturedFiles::Elsewhere,
            },
        });
        let mounts = mounts.collect();
        Captured {
            config: inner.config.to_json(),
            sessions: inner.records(|_| true),
            mounts,
            nesting: inner.nesting(),
            max_disk_bytes: inner.options.max_workspace_bytes,
        }
    }
}
