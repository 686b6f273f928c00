//! Opens remote storage for workspaces.

use super::bridge::Bridge;
use super::filesystem::RemoteFilesystem;
use super::operator::operator;
use super::storage::Storage;
use crate::workspace::RemoteBackend;
use crate::workspace::mount::{Filesystem, MountCache, RemoteMounts};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Remote mounts over the OpenDAL library. Nothing is started before the first mount.
#[derive(Debug, Default)]
pub struct OpendalMounts {
    bridge: Mutex<Option<Arc<Bridge>>>,
}

impl OpendalMounts {
    fn bridge(&self) -> io::Result<Arc<Bridge>> {
        let mut bridge = self.bridge.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bridge) = &*bridge {
            return Ok(bridge.clone());
        }
        Ok(bridge.insert(Arc::new(Bridge::new()?)).clone())
    }
}

impl RemoteMounts for OpendalMounts {
    fn open(&self, backend: &RemoteBackend, cache: MountCache) -> io::Result<Arc<dyn Filesystem>> {
        let storage = Storage::new(operator(backend)?, backend, cache);
        Ok(Arc::new(RemoteFilesystem::new(storage, self.bridge()?)))
    }
}
