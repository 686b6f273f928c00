//! The versions of a branch.

use super::error::host;
use super::refs;
use crate::workspace::{Version, VersionsError};
use gix::Repository;

pub(super) fn run(repository: &Repository, branch: &str, limit: usize) -> Result<Vec<Version>, VersionsError> {
    const WHAT: &str = "read a version";
    let mut versions = Vec::new();
    let mut next = refs::head(repository, branch)?;
    while let Some(id) = next.filter(|_| versions.len() < limit) {
        let commit = repository.find_commit(id).map_err(host(WHAT))?;
        let parent = commit.parent_ids().next().map(gix::Id::detach);
        let author = commit.author().map_err(host(WHAT))?;
        versions.push(Version {
            id: id.to_string(),
            message: commit.message_raw().map_err(host(WHAT))?.to_string(),
            created_s: commit.time().map_err(host(WHAT))?.seconds,
            parent: parent.map(|id| id.to_string()),
            author: format!("{} <{}>", author.name, author.email),
        });
        next = parent;
    }
    Ok(versions)
}
