//! Making one directory whose parent is there.

use crate::service::{Change, Entry, ServiceError, Step, StepKind};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// A directory that has to be there.
#[derive(Debug)]
pub(in super::super) struct DirectoryStep {
    pub(in super::super) path: PathBuf,
    /// Its mode when it is made; one that is there keeps its own.
    pub(in super::super) mode: u32,
}

impl Step for DirectoryStep {
    fn change(&self) -> Change {
        let what = format!("create the directory {}", self.path.display());
        Change { kind: StepKind::File, what, content: None, is_done: self.path.is_dir() }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        if self.path.is_dir() {
            return Ok(None);
        }
        DirBuilder::new().mode(self.mode).create(&self.path).map_err(ServiceError::io(&self.path))?;
        Ok(Some(Entry::Directory { path: self.path.clone() }))
    }
}
