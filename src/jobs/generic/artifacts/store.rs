//! The directory of all artifacts.

use crate::base::{create_private_dir, sha256_hex};
use crate::jobs::generic::clock;
use crate::jobs::generic::options::GenericOptions;
use crate::jobs::generic::refusal::{ArtifactError, ArtifactProblem};
use crate::wire::node::generic::{Artifact, Retention};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

/// What stands in a URI as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The directory of all artifacts.
#[derive(Debug)]
pub(in crate::jobs::generic) struct ArtifactStore {
    root: PathBuf,
    pub(super) retention: Duration,
    pub(super) max_upload: u64,
    max_bytes: u64,
    /// Bytes of all files; none until somebody has counted.
    used: Mutex<Option<u64>>,
    /// Held for writing while old files are removed.
    sweeping: RwLock<()>,
}

impl ArtifactStore {
    pub(in crate::jobs::generic) fn new(options: &GenericOptions) -> Self {
        Self {
            root: options.artifact_store.clone(),
            retention: options.retention,
            max_upload: options.max_upload_bytes,
            max_bytes: options.max_store_bytes,
            used: Mutex::default(),
            sweeping: RwLock::default(),
        }
    }

    /// The root's handle; the root is made when it is not there.
    pub(super) fn open(&self) -> io::Result<Dir> {
        create_private_dir(&self.root)?;
        Dir::open_ambient_dir(&self.root, ambient_authority())
    }

    /// A job's own directory.
    pub(super) fn open_job(&self, job_id: &str) -> io::Result<Dir> {
        let root = self.open()?;
        let name = directory(job_id);
        root.create_dir_all(&name)?;
        root.open_dir(&name)
    }

    /// The same when it is there.
    pub(super) fn find_job(&self, job_id: &str) -> io::Result<Dir> {
        Dir::open_ambient_dir(&self.root, ambient_authority())?.open_dir(directory(job_id))
    }

    /// While it is held, directories stay where they are.
    pub(super) fn hold(&self) -> RwLockReadGuard<'_, ()> {
        self.sweeping.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody makes anything.
    pub(super) fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.sweeping.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes room for a file, before it is written.
    pub(super) fn take_room(&self, bytes: u64) -> Result<(), ArtifactError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let now = match *used {
            Some(used) => used,
            None => {
                self.open().and_then(|root| count(&root)).map_err(|error| ArtifactError::of_host(&error, "artifact"))?
            }
        };
        *used = Some(now);
        if now.saturating_add(bytes) > self.max_bytes {
            let text = format!("the node keeps at most {} bytes of artifacts; old ones go with time", self.max_bytes);
            return Err(ArtifactError::new(ArtifactProblem::Full, text));
        }
        *used = Some(now + bytes);
        Ok(())
    }

    /// What was removed, or not written after all: it is counted again when somebody needs room.
    pub(super) fn count_again(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What is told of a file.
    pub(super) fn describe(&self, of: Described<'_>) -> Artifact {
        let Described { kind, scope, job_id, path, name, content_type, size_bytes, sha256 } = of;
        let ttl = self.retention.as_secs();
        let expires =
            crate::base::unix_ms().saturating_add(i64::try_from(ttl.saturating_mul(1000)).unwrap_or(i64::MAX));
        Artifact {
            id: format!("{kind}_{}", &sha256_hex(format!("{job_id}\n{path}").as_bytes())[..16]),
            uri: uri(job_id, path),
            name: name.to_owned(),
            content_type: content_type.map(str::to_owned),
            size_bytes,
            sha256,
            scope: scope.to_owned(),
            access: "owner-local".to_owned(),
            retention: Retention { ttl_seconds: ttl, expires_at: clock::iso(expires) },
        }
    }
}

/// A file that is described.
pub(super) struct Described<'a> {
    pub(super) kind: &'a str,
    pub(super) scope: &'a str,
    pub(super) job_id: &'a str,
    pub(super) path: &'a str,
    pub(super) name: &'a str,
    pub(super) content_type: Option<&'a str>,
    pub(super) size_bytes: u64,
    pub(super) sha256: String,
}

/// Ids are the callers' own texts, so a hash stands for one.
fn directory(job_id: &str) -> String {
    sha256_hex(job_id.as_bytes())[..32].to_owned()
}

fn uri(job_id: &str, path: &str) -> String {
    let path: Vec<String> = path.split('/').map(|part| utf8_percent_encode(part, PLAIN).to_string()).collect();
    format!("artifact://local/{}/{}", utf8_percent_encode(job_id, PLAIN), path.join("/"))
}

/// Bytes of all files below a directory.
fn count(dir: &Dir) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in dir.entries()? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { count(&entry.open_dir()?)? } else { metadata.len() };
    }
    Ok(bytes)
}
