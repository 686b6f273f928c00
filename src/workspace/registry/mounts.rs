//! Opening what is mounted beside memory, as far as the owner allows it.

use super::Workspaces;
use crate::workspace::Error;
use crate::workspace::config::{Backend, MountConfig, RemoteBackend};
use crate::workspace::mount::{DiskFilesystem, FileCache, Filesystem, MountCache};
use std::path::Path;
use std::sync::Arc;

impl Workspaces {
    pub(super) fn open_mount(&self, mount: &MountConfig, cache: &Arc<FileCache>) -> Result<Arc<dyn Filesystem>, Error> {
        match &mount.backend {
            Backend::Ram => Err(Error::Conflict { reason: "memory is not opened".to_owned() }),
            Backend::Disk { root } => self.open_disk(&mount.prefix, root),
            Backend::Remote(remote) => self.open_remote(&mount.prefix, remote, cache),
        }
    }

    fn open_remote(
        &self,
        prefix: &str,
        backend: &RemoteBackend,
        cache: &Arc<FileCache>,
    ) -> Result<Arc<dyn Filesystem>, Error> {
        let options = &self.shared.options;
        let refused = |reason| Error::Refused { rule: "allow_remote", reason };
        if let Some(beyond) = backend.reaches_beyond(&options.allow_remote) {
            return Err(refused(format!("remote mounts may not use {beyond}")));
        }
        let opener = options.remote.as_ref().ok_or_else(|| refused("there are no remote mounts here".to_owned()))?;
        let (files, max_file_bytes) = (cache.clone(), options.max_file_bytes);
        let cache = MountCache { prefix: prefix.into(), files, max_file_bytes };
        opener
            .open(backend, cache)
            .map_err(|error| Error::InvalidConfig { at: format!("mounts.{prefix}.config"), reason: error.to_string() })
    }

    fn open_disk(&self, prefix: &str, root: &Path) -> Result<Arc<dyn Filesystem>, Error> {
        let options = &self.shared.options;
        match DiskFilesystem::open(root, &options.disk_roots, options.max_file_bytes) {
            Ok(filesystem) => Ok(Arc::new(filesystem)),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied || options.disk_roots.is_empty() => {
                let reason = format!("{} is not below a directory that disk mounts may use", root.display());
                Err(Error::Refused { rule: "disk_roots", reason })
            }
            Err(error) => Err(Error::InvalidConfig {
                at: format!("mounts.{prefix}.config.root"),
                reason: format!("{}: {error}", root.display()),
            }),
        }
    }
}
