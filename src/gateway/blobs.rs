//! Bodies that are too large for a row: files named by their SHA-256, each wholly there or not at all.

use super::intake::Intake;
use super::partial::{Partial, Partials};
use super::refusal::Refusal;
use super::store::Store;
use crate::base::{create_private_dir, sha256_hex, sync_dir};
use crate::wire::node::BodyRef;
use crate::wire::v1::http::PartSink;
use crate::wire::v1::{ErrorCode, Failure};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

/// Up to this size a body travels inside the job.
pub(crate) const INLINE_BYTES: usize = 64 << 10;
/// Where bodies are that are not whole.
const PARTIAL: &str = "partial";
/// A blob that nothing refers to lives at least this long: its job may be on its way.
const UNUSED_FOR: Duration = Duration::from_secs(3600);

/// A directory of blobs.
#[derive(Debug)]
pub(crate) struct Blobs {
    dir: PathBuf,
    /// Held while a blob's age is looked at and acted on, so that one that was just asked for is not swept away.
    ages: Mutex<()>,
    /// What comes in pieces.
    partials: Partials,
}

/// A blob that was just written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) sha256: String,
    pub(crate) size: u64,
}

impl Blobs {
    /// Opens the directory; what a crash left half written is removed.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        create_private_dir(dir)?;
        let uploads = dir.join("uploads");
        match std::fs::remove_dir_all(&uploads) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => create_private_dir(&uploads)?,
        }
        let partials = Partials::open(&dir.join(PARTIAL))?;
        Ok(Self { dir: dir.to_owned(), ages: Mutex::new(()), partials })
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.dir.join(&sha256[..2]).join(sha256)
    }

    /// Takes in a body.
    pub(crate) async fn receive(&self, mut intake: Intake) -> Result<Stored, Refusal> {
        let mut coming = self.begin()?;
        while let Some(chunk) = intake.next().await? {
            coming.write(&chunk).await.map_err(failed)?;
        }
        self.finish(coming).await
    }

    /// A blob that is going to be written.
    pub(crate) fn begin(&self) -> Result<Coming, Refusal> {
        let file = tempfile::Builder::new().prefix("upload-").tempfile_in(self.dir.join("uploads")).map_err(failed)?;
        let (file, temporary) = file.into_parts();
        Ok(Coming { file: tokio::fs::File::from_std(file), temporary, hash: Sha256::new(), size: 0 })
    }

    /// Keeps what was written.
    pub(crate) async fn finish(&self, coming: Coming) -> Result<Stored, Refusal> {
        let Coming { mut file, temporary, hash, size } = coming;
        file.flush().await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        let sha256 = hex::encode(hash.finalize());
        self.keep(&sha256, move |path| temporary.persist(path).map_err(|failed| failed.error)).await?;
        Ok(Stored { sha256, size })
    }

    /// Makes a complete file a blob; `rename` moves it there.
    async fn keep(
        &self,
        sha256: &str,
        rename: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<(), Refusal> {
        let path = self.path(sha256);
        let _ages = self.ages.lock().await;
        tokio::task::spawn_blocking(move || {
            let dir = path.parent().map(Path::to_owned).unwrap_or_default();
            create_private_dir(&dir)?;
            rename(&path)?;
            sync_dir(&dir)
        })
        .await
        .map_err(|panic| Refusal::internal("the body could not be kept", panic))?
        .map_err(failed)
    }

    /// Takes in a piece of a body of `size` bytes that is known as `name`, a plain word, until it is whole. The first byte
    /// that is not here: `size` when it is a blob now.
    pub(crate) async fn append(
        &self,
        name: &str,
        offset: u64,
        size: u64,
        sha256: Option<&str>,
        mut intake: Intake,
    ) -> Result<u64, Refusal> {
        // Its last piece may have come, and the answer to it been lost.
        if let Some(sha256) = sha256
            && self.find(sha256).await?.is_some_and(|stored| stored.size == size)
        {
            return Ok(size);
        }
        let partial = self.partials.get(name).map_err(failed)?;
        let mut at = offset;
        while let Some(chunk) = intake.next().await? {
            // Held for no longer: the same piece may come over two connections, one of which is dead and does not know it.
            let mut partial = partial.lock().await;
            if at + chunk.len() as u64 > size {
                return Err(Refusal::new(ErrorCode::InvalidRequest, format!("there are more than {size} bytes")));
            }
            if !partial.append(at, &chunk).await.map_err(failed)? {
                return Ok(partial.size());
            }
            at += chunk.len() as u64;
        }
        let mut partial = partial.lock().await;
        if partial.size() == size {
            self.complete(name, &mut partial, sha256).await?;
        }
        Ok(partial.size())
    }

    /// Makes a blob of what came in pieces.
    async fn complete(&self, name: &str, partial: &mut Partial, announced: Option<&str>) -> Result<(), Refusal> {
        let sha256 = partial.seal().await.map_err(failed)?;
        let path = partial.path().to_owned();
        self.partials.forget(name);
        if announced.is_some_and(|announced| announced != sha256) {
            tokio::fs::remove_file(&path).await.map_err(failed)?;
            let message = "the pieces together are not the body that was announced";
            return Err(Refusal::new(ErrorCode::Conflict, message)
                .hint("send it again from its beginning")
                .too_early());
        }
        self.keep(&sha256, move |to| std::fs::rename(&path, to)).await
    }

    /// A body that is at hand, as a job refers to it.
    pub(crate) async fn refer(&self, bytes: Bytes) -> Result<Option<BodyRef>, Refusal> {
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.len() <= INLINE_BYTES {
            let base64 = Some(STANDARD.encode(&bytes));
            return Ok(Some(BodyRef { size: bytes.len() as u64, sha256: sha256_hex(&bytes), base64, stream: false }));
        }
        let limit = bytes.len() as u64;
        let stored = self.receive(Intake::new(&Default::default(), Body::from(bytes), limit)).await?;
        Ok(Some(stored.into_ref()))
    }

    /// A blob that somebody names. Its age starts anew, so that it stays until its job is there.
    pub(crate) async fn find(&self, sha256: &str) -> Result<Option<Stored>, Refusal> {
        if sha256.len() != 64 || !sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            let message =
                format!("'{}' is not a SHA-256 in lower-case hex", sha256.chars().take(80).collect::<String>());
            return Err(Refusal::new(ErrorCode::InvalidRequest, message));
        }
        let path = self.path(sha256);
        let _ages = self.ages.lock().await;
        let found = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::options().write(true).open(path)?;
            file.set_modified(SystemTime::now())?;
            file.metadata()
        });
        match found.await.map_err(|panic| Refusal::internal("the body could not be read", panic))? {
            Ok(metadata) => Ok(Some(Stored { sha256: sha256.to_owned(), size: metadata.len() })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// A blob from an offset on as a response body, with the number of bytes: at most `most`.
    pub(crate) async fn stream(&self, sha256: &str, from: u64, most: u64) -> Result<Option<(u64, Body)>, Refusal> {
        if self.find(sha256).await?.is_none() {
            return Ok(None);
        }
        let mut file = tokio::fs::File::open(self.path(sha256)).await.map_err(failed)?;
        let size = file.metadata().await.map_err(failed)?.len().saturating_sub(from).min(most);
        file.seek(io::SeekFrom::Start(from)).await.map_err(failed)?;
        Ok(Some((size, Body::from_stream(ReaderStream::with_capacity(file.take(size), 256 << 10)))))
    }

    /// A small blob as bytes.
    pub(crate) async fn read(&self, sha256: &str) -> Result<Vec<u8>, Refusal> {
        tokio::fs::read(self.path(sha256)).await.map_err(failed)
    }

    /// Removes blobs that no job refers to and that nobody asked for in the last hour. Returns how many.
    pub(crate) async fn sweep(&self, store: &dyn Store) -> Result<usize, Refusal> {
        self.partials.sweep().map_err(failed)?;
        let dir = self.dir.clone();
        let old = tokio::task::spawn_blocking(move || old_blobs(&dir)).await;
        let old = old.map_err(|panic| Refusal::internal("the sweep failed", panic))?.map_err(failed)?;
        if old.is_empty() {
            return Ok(0);
        }
        let used = store.referred_blobs().await?;
        let mut removed = 0;
        for (sha256, path) in old.into_iter().filter(|(sha256, _)| !used.contains(sha256)) {
            let _ages = self.ages.lock().await;
            if is_old(&path) && tokio::fs::remove_file(&path).await.is_ok() {
                tracing::debug!(sha256, "removed a body that no job refers to");
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// A blob while it is written. Dropped before [`Blobs::finish`], nothing of it is left.
pub(crate) struct Coming {
    file: tokio::fs::File,
    temporary: tempfile::TempPath,
    hash: Sha256,
    size: u64,
}

impl Coming {
    async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.hash.update(chunk);
        self.size += chunk.len() as u64;
        self.file.write_all(chunk).await
    }
}

impl PartSink for Coming {
    async fn write(&mut self, chunk: Bytes) -> Result<(), Failure> {
        Coming::write(self, &chunk).await.map_err(|error| failed(error).failure)
    }
}

impl Stored {
    pub(crate) fn into_ref(self) -> BodyRef {
        BodyRef { size: self.size, sha256: self.sha256, base64: None, stream: false }
    }
}

fn old_blobs(dir: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut old = Vec::new();
    for shard in std::fs::read_dir(dir)? {
        let shard = shard?;
        if shard.file_name() == "uploads" || shard.file_name() == PARTIAL || !shard.file_type()?.is_dir() {
            continue;
        }
        for blob in std::fs::read_dir(shard.path())? {
            let blob = blob?;
            if is_old(&blob.path()) {
                old.push((blob.file_name().to_string_lossy().into_owned(), blob.path()));
            }
        }
    }
    Ok(old)
}

fn is_old(path: &Path) -> bool {
    let touched = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    touched.is_ok_and(|touched| touched.elapsed().is_ok_and(|age| age > UNUSED_FOR))
}

fn failed(error: io::Error) -> Refusal {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if full {
        return Refusal::new(ErrorCode::InsufficientStorage, "the gateway's disk is full");
    }
    Refusal::internal("the gateway could not read or write a body", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::unix_ms;
    use crate::gateway::store::{NewJob, SqliteStore};

    #[tokio::test]
    async fn a_sweep_takes_only_what_is_old_and_not_referred_to() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&dir.path().join("gateway.db")).await.unwrap();
        let blobs = Blobs::open(&dir.path().join("blobs")).unwrap();
        let put = async |byte: u8, hours: u64| {
            let body = blobs.refer(vec![byte; INLINE_BYTES + 1].into()).await.unwrap().unwrap();
            let file = std::fs::File::options().write(true).open(blobs.path(&body.sha256)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
            body
        };
        let (used, unused, young) = (put(1, 2).await, put(2, 2).await, put(3, 0).await);
        let job = NewJob { body: Some(used.clone()), queue_timeout_ms: 60_000, max_attempts: 1, ..NewJob::default() };
        store.enqueue(job, unix_ms()).await.unwrap();
        assert_eq!(blobs.sweep(&store).await.unwrap(), 1);
        let mut left = Vec::new();
        for body in [&used, &unused, &young] {
            left.push(blobs.find(&body.sha256).await.unwrap().is_some());
        }
        assert_eq!(left, [true, false, true]);
        assert_eq!(std::fs::read_dir(dir.path().join("blobs/uploads")).unwrap().count(), 0);
    }
}
