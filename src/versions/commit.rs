//! Keeping a version: files and directories first, then the commit, all of it synced; then the branch; then HEAD. A process
//! that is killed in between leaves objects that nothing refers to. Versions that end with the process are not synced.

use super::error::host;
use super::objects::Objects;
use super::recent::Recent;
use super::refs::Synced;
use super::{name, refs, sync, write};
use crate::base::unix_ms;
use crate::workspace::{Captured, Owner, VersionsError};
use gix::Repository;
use gix::actor::Signature;
use gix::date::Time;

/// Refuses what cannot be kept.
pub(super) fn check(branch: &str, message: &str) -> Result<(), VersionsError> {
    name::check(branch)?;
    if message.contains('\0') { Err(VersionsError::InvalidMessage) } else { Ok(()) }
}

pub(super) fn run(
    repository: &Repository,
    recent: &Recent,
    owner: &Owner,
    branch: &str,
    message: &str,
    lasting: bool,
    capture: &dyn Fn() -> Captured,
) -> Result<String, VersionsError> {
    let head = refs::head(repository, branch)?;
    if head.is_none() && !refs::all(repository)?.is_empty() {
        return Err(VersionsError::NoBranch { name: branch.to_owned() });
    }
    let mut objects = Objects::kept(repository);
    let made = write::run(&mut objects, recent.get(&owner.id).as_deref(), &capture())?;
    let author = Signature {
        name: "waypost".into(),
        email: "waypost@local".into(),
        time: Time::new(unix_ms().div_euclid(1000), 0),
    };
    let commit = gix::objs::Commit {
        tree: made.tree,
        parents: head.into_iter().collect(),
        author: author.clone(),
        committer: author,
        encoding: None,
        message: message.into(),
        extra_headers: Vec::new(),
    };
    let id = objects.commit(&commit)?;
    // The branch's new content is written before the sync, so that one sync is for all of it.
    let branch_move = refs::prepare(repository, branch, id)?;
    let synced = match lasting {
        true => {
            sync::objects(&repository.git_dir().join("objects"), objects.written()).map_err(host("sync a version"))?
        }
        false => Synced::NotWanted,
    };
    branch_move.finish(repository, head, synced)?;
    refs::check_out(repository, branch)?;
    recent.put(&owner.id, made);
    Ok(id.to_string())
}
