//! Bodies that come in pieces, until they are whole. A piece that is there already is skipped, so that whoever lost a
//! connection sends what it is not sure of again. What is here survives the gateway.

use crate::base::create_private_dir;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// A body that got nothing for so long is given up.
const UNUSED_FOR: Duration = Duration::from_secs(24 * 3600);
/// Bytes that are hashed at once.
const BLOCK: usize = 1 << 20;

/// A directory of bodies that are not whole.
#[derive(Debug)]
pub(super) struct Partials {
    dir: PathBuf,
    open: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Partial>>>>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Partials {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        create_private_dir(dir)?;
        Ok(Self { dir: dir.to_owned(), open: Mutex::default() })
    }

    /// The body of that name, which must be a plain word; an empty one when there is none.
    pub(super) fn get(&self, name: &str) -> io::Result<Arc<tokio::sync::Mutex<Partial>>> {
        let mut open = self.all();
        if let Some(partial) = open.get(name) {
            return Ok(partial.clone());
        }
        let path = self.dir.join(name);
        let file = std::fs::File::options().create(true).append(true).open(&path)?;
        let size = file.metadata()?.len();
        let partial = Arc::new(tokio::sync::Mutex::new(Partial { path, file: File::from_std(file), size }));
        open.insert(name.to_owned(), partial.clone());
        Ok(partial)
    }

    /// Lets go of a body; its file stays or is gone, as its user left it.
    pub(super) fn forget(&self, name: &str) {
        self.all().remove(name);
    }

    /// Removes what nobody continued for a day.
    pub(super) fn sweep(&self) -> io::Result<()> {
        let mut open = self.all();
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            let touched = entry.metadata()?.modified()?;
            if touched.elapsed().is_ok_and(|age| age > UNUSED_FOR) {
                open.remove(&*entry.file_name().to_string_lossy());
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<Partial>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Partial {
    /// How many bytes are here.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes bytes that begin at `offset`; what is here is skipped. False when there would be a gap.
    pub(super) async fn append(&mut self, offset: u64, chunk: &Bytes) -> io::Result<bool> {
        let Some(known) = self.size.checked_sub(offset) else { return Ok(false) };
        let new = chunk.get(usize::try_from(known).unwrap_or(usize::MAX)..).unwrap_or_default();
        if !new.is_empty() {
            self.file.write_all(new).await?;
            self.size += new.len() as u64;
        }
        Ok(true)
    }

    /// Puts all of it on the disk and gives its SHA-256.
    pub(super) async fn seal(&mut self) -> io::Result<String> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let path = self.path.clone();
        let hashed = tokio::task::spawn_blocking(move || {
            let mut file = std::fs::File::open(path)?;
            let (mut hash, mut block) = (Sha256::new(), vec![0; BLOCK]);
            loop {
                match file.read(&mut block)? {
                    0 => return Ok(hex::encode(hash.finalize())),
                    read => hash.update(&block[..read]),
                }
            }
        });
        hashed.await.map_err(io::Error::other)?
    }
}
