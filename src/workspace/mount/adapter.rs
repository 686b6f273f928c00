//! Shows a [`View`] to the shell engine as the engine's own filesystem trait.

use super::filesystem::{self, Kind};
use super::view::View;
use crate::workspace::Sizes;
use crate::workspace::scripts::Scripts;
use crate::workspace::towers;
use async_trait::async_trait;
use bashkit::{DirEntry, FileSystem, FileSystemExt, FileType, FsLimits, FsUsage, Metadata, Result};
use bytes::Bytes;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the engine is given. The engine resolves links itself, so nothing here follows one.
pub struct EngineFilesystem {
    view: Arc<View>,
    limits: Sizes,
    scripts: Arc<Scripts>,
}

impl EngineFilesystem {
    /// The view with the limits that `df` shows and extractors respect.
    pub fn new(view: Arc<View>, limits: Sizes, scripts: Arc<Scripts>) -> Self {
        Self { view, limits, scripts }
    }
}

#[async_trait]
impl FileSystemExt for EngineFilesystem {
    fn usage(&self) -> FsUsage {
        let total_bytes = self.view.table().mounts().iter().map(|mount| mount.filesystem.bytes_held()).sum();
        FsUsage { total_bytes, ..FsUsage::default() }
    }

    fn limits(&self) -> FsLimits {
        let Sizes { max_bytes, max_file_bytes, .. } = self.limits;
        FsLimits { max_total_bytes: max_bytes, max_file_size: max_file_bytes, ..FsLimits::unlimited() }
    }

    fn backend_kind(&self) -> &'static str {
        "waypost"
    }
}

// Every method blocks for as long as the mount does; the thread it blocks belongs to this script alone.
#[async_trait]
impl FileSystem for EngineFilesystem {
    async fn read_file(&self, path: &Path) -> Result<Vec<u8>> {
        let path = absolute(path)?;
        let content = match self.scripts.kept(&path) {
            Some(script) => script.into(),
            None => self.view.read(&path)?,
        };
        // The engine does not say what it reads for, and as a script this would overflow the stack.
        if towers::stacks_time(&content) {
            return Err(io::Error::new(ErrorKind::InvalidData, "`time` is nested too deeply").into());
        }
        Ok(self.scripts.rewritten(&path, &content).unwrap_or_else(|| content.into()))
    }

    async fn write_file(&self, path: &Path, content: &[u8]) -> Result<()> {
        Ok(self.view.write(&absolute(path)?, Bytes::copy_from_slice(content))?)
    }

    async fn append_file(&self, path: &Path, content: &[u8]) -> Result<()> {
        Ok(self.view.append(&absolute(path)?, content)?)
    }

    async fn mkdir(&self, path: &Path, recursive: bool) -> Result<()> {
        let path = absolute(path)?;
        if !recursive {
            return Ok(self.view.make_dir(&path)?);
        }
        for (end, _) in path.match_indices('/').skip(1).chain([(path.len(), "")]) {
            match self.view.stat(&path[..end]) {
                Ok(there) if there.kind == Kind::Directory => {}
                Ok(_) => return Err(filesystem::errno(ErrorKind::AlreadyExists).into()),
                Err(_) => self.view.make_dir(&path[..end])?,
            }
        }
        Ok(())
    }

    async fn remove(&self, path: &Path, recursive: bool) -> Result<()> {
        Ok(self.view.remove(&absolute(path)?, recursive)?)
    }

    async fn stat(&self, path: &Path) -> Result<Metadata> {
        let path = absolute(path)?;
        if let Some(script) = self.scripts.kept(&path) {
            let (kind, size) = (Kind::File, script.len() as u64);
            return Ok(metadata(filesystem::Metadata { kind, size, mode: 0o600, modified_ms: 0 }));
        }
        Ok(metadata(self.view.stat(&path)?))
    }

    async fn read_dir(&self, path: &Path) -> Result<Vec<DirEntry>> {
        let entries = self.view.list(&absolute(path)?)?;
        Ok(entries.into_iter().map(|e| DirEntry { name: e.name, metadata: metadata(e.metadata) }).collect())
    }

    async fn exists(&self, path: &Path) -> Result<bool> {
        Ok(self.view.stat(&absolute(path)?).is_ok())
    }

    async fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        Ok(self.view.rename(&absolute(from)?, &absolute(to)?)?)
    }

    async fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        Ok(self.view.copy(&absolute(from)?, &absolute(to)?)?)
    }

    async fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        let target = target.to_str().ok_or_else(|| filesystem::errno(ErrorKind::InvalidInput))?;
        Ok(self.view.symlink(target, &absolute(link)?)?)
    }

    async fn read_link(&self, path: &Path) -> Result<PathBuf> {
        Ok(self.view.read_link(&absolute(path)?)?.into())
    }

    async fn chmod(&self, path: &Path, mode: u32) -> Result<()> {
        Ok(self.view.set_mode(&absolute(path)?, mode)?)
    }

    async fn set_modified_time(&self, path: &Path, time: SystemTime) -> Result<()> {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let unix_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Ok(self.view.set_modified(&absolute(path)?, unix_ms)?)
    }
}

fn metadata(metadata: filesystem::Metadata) -> Metadata {
    let modified = UNIX_EPOCH + Duration::from_millis(u64::try_from(metadata.modified_ms).unwrap_or_default());
    let file_type = match metadata.kind {
        Kind::File => FileType::File,
        Kind::Directory => FileType::Directory,
        Kind::Symlink => FileType::Symlink,
    };
    // What most filesystems say of a directory.
    let size = if metadata.kind == Kind::Directory { 4096 } else { metadata.size };
    Metadata { file_type, size, mode: metadata.mode, modified, created: modified }
}

/// The engine's path as an absolute one without `.`, `..` and double slashes; `..` above the root is the root.
pub fn absolute(path: &Path) -> io::Result<String> {
    let text = path.to_str().ok_or_else(|| filesystem::errno(ErrorKind::InvalidInput))?;
    let mut out = String::with_capacity(text.len() + 1);
    for component in text.split('/') {
        match component {
            "" | "." => {}
            ".." => out.truncate(out.rfind('/').unwrap_or_default()),
            name => {
                out.push('/');
                out.push_str(name);
            }
        }
    }
    if out.is_empty() {
        out.push('/');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved_and_stop_at_the_root() {
        for (given, wanted) in
            [("/", "/"), ("/a/./b//c/", "/a/b/c"), ("/a/../../../b", "/b"), ("/..", "/"), ("a", "/a")]
        {
            assert_eq!(absolute(Path::new(given)).unwrap(), wanted);
        }
    }
}
