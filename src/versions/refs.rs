//! Branches: reading them, and moving one only from where it is thought to be.
//!
//! Reading goes through the library, which knows packed ones too. Writing is ours, because a branch must survive a power
//! cut: the lock file that every git respects, synced, renamed, and its directory synced.

use super::error::host;
use crate::base::{sync_dir, write_atomic};
use crate::workspace::VersionsError;
use gix::{ObjectId, Repository};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long somebody else may hold a branch before it counts as moved.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(5);

/// The newest commit of a branch.
pub(super) fn head(repository: &Repository, branch: &str) -> Result<Option<ObjectId>, VersionsError> {
    // What is no branch's name is no branch.
    if super::name::check(branch).is_err() {
        return Ok(None);
    }
    let name = format!("refs/heads/{branch}");
    let found = repository.try_find_reference(name.as_str()).map_err(host("read a branch"))?;
    Ok(found.and_then(|reference| reference.try_id().map(gix::Id::detach)))
}

/// The names of all branches.
pub(super) fn all(repository: &Repository) -> Result<Vec<String>, VersionsError> {
    let platform = repository.references().map_err(host("list branches"))?;
    let mut names = Vec::new();
    for reference in platform.local_branches().map_err(host("list branches"))? {
        let reference = reference.map_err(host("list branches"))?;
        names.push(reference.name().shorten().to_string());
    }
    Ok(names)
}

/// Gets ready to move `branch` to `new`: from now on nobody else can.
///
/// # Errors
/// [`VersionsError::Moved`] when somebody else is about to move it.
pub(super) fn prepare(repository: &Repository, branch: &str, new: ObjectId) -> Result<Move, VersionsError> {
    let heads = repository.git_dir().join("refs/heads");
    let path = heads.join(branch);
    let lock = Lock::wait_for(&heads, &path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => VersionsError::Moved { branch: branch.to_owned() },
        _ => host("lock a branch")(error),
    })?;
    (&lock.file).write_all(format!("{new}\n").as_bytes()).map_err(host("move a branch"))?;
    Ok(Move { lock, path, branch: branch.to_owned() })
}

impl Move {
    /// Moves the branch from `expected`; none creates it. `synced` is about what was written since [`prepare`].
    ///
    /// # Errors
    /// [`VersionsError::Moved`] when it is elsewhere.
    pub(super) fn finish(
        self,
        repository: &Repository,
        expected: Option<ObjectId>,
        synced: Synced,
    ) -> Result<(), VersionsError> {
        let Self { lock, path, branch } = self;
        if head(repository, &branch)? != expected {
            return Err(VersionsError::Moved { branch });
        }
        let content = if synced == Synced::No { lock.file.sync_all() } else { Ok(()) };
        let renamed = content.and_then(|()| lock.commit(&path));
        let dir = path.parent().filter(|_| synced != Synced::NotWanted);
        renamed.and_then(|()| dir.map_or(Ok(()), sync_dir)).map_err(host("move a branch"))
    }
}

/// Makes `branch` the one that `git log` shows.
pub(super) fn check_out(repository: &Repository, branch: &str) -> Result<(), VersionsError> {
    let path = repository.git_dir().join("HEAD");
    let wanted = format!("ref: refs/heads/{branch}\n");
    if fs::read_to_string(&path).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    write_atomic(&path, wanted.as_bytes()).map_err(host("write HEAD"))
}

/// Removes what a killed process left: its locks, and files that were not yet objects. Nobody else of ours is at it, since
/// a node's home has one process.
pub(super) fn clean(git_dir: &Path) -> io::Result<()> {
    for name in ["HEAD.lock", "packed-refs.lock", "config.lock"] {
        remove_if_there(&git_dir.join(name))?;
    }
    for entry in fs::read_dir(git_dir)?.chain(fs::read_dir(git_dir.join("objects"))?) {
        let entry = entry?;
        let name = entry.file_name();
        let unfinished =
            [".tmp", "tmp_obj_", ".waypost-"].iter().any(|start| name.to_string_lossy().starts_with(start));
        if unfinished && entry.file_type()?.is_file() {
            remove_if_there(&entry.path())?;
        }
    }
    clean_locks(&git_dir.join("refs"))
}

fn clean_locks(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            clean_locks(&entry.path())?;
        } else if entry.file_name().to_string_lossy().ends_with(".lock") {
            remove_if_there(&entry.path())?;
        }
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the directories of a name such as `feature/x`, so that they survive a power cut.
fn make_dirs(heads: &Path, dir: &Path) -> io::Result<()> {
    if dir == heads || dir.is_dir() {
        return Ok(());
    }
    let above = dir.parent().unwrap_or(heads);
    make_dirs(heads, above)?;
    match fs::create_dir(dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => sync_dir(above),
    }
}

/// Whether something survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Synced {
    /// It does.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "known only after a whole file system was synced"))]
    Yes,
    /// Not yet.
    No,
    /// It need not: it does not even survive this process.
    NotWanted,
}

/// A branch that is about to move.
pub(super) struct Move {
    lock: Lock,
    path: PathBuf,
    branch: String,
}

/// git's lock on a branch. Dropping it gives the branch back as it was.
struct Lock {
    file: fs::File,
    path: PathBuf,
    done: bool,
}

impl Lock {
    /// Takes the lock of a branch below `heads`. A git that packs branches holds each for a moment, and takes empty
    /// directories away.
    fn wait_for(heads: &Path, of: &Path) -> io::Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let taken = make_dirs(heads, of.parent().unwrap_or(heads)).and_then(|()| Self::take(of));
            let passes = |kind| matches!(kind, ErrorKind::AlreadyExists | ErrorKind::NotFound);
            match taken {
                Err(error) if passes(error.kind()) && Instant::now() < deadline => std::thread::sleep(PAUSE),
                other => return other,
            }
        }
    }

    fn take(of: &Path) -> io::Result<Self> {
        let mut path = of.as_os_str().to_owned();
        path.push(".lock");
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Self { file, path: path.into(), done: false })
    }

    fn commit(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.path);
        }
    }
}
