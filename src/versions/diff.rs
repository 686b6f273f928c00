//! What differs between two versions, or a version and a workspace as it is.

use super::error::host;
use super::objects::Objects;
use super::recent::Recent;
use super::{path, read, refs, tree, write};
use crate::workspace::{Captured, Differences, Owner, Side, VersionsError};
use gix::{ObjectId, Repository};

pub(super) fn run(
    repository: Option<&Repository>,
    recent: &Recent,
    owner: &Owner,
    older: &Side,
    newer: &Side,
) -> Result<Differences, VersionsError> {
    let scratch;
    let (repository, before) = match repository {
        Some(repository) => (repository.clone().with_object_memory(), recent.get(&owner.id)),
        // There is nothing to compare with, but the workspace's own files are listed all the same.
        None => {
            scratch = tempfile::tempdir().map_err(host("make a scratch directory"))?;
            (gix::init_bare(scratch.path()).map_err(host("make a scratch repository"))?.with_object_memory(), None)
        }
    };
    let side = |side: &Side| match side {
        Side::Head(branch) => match refs::head(&repository, branch)? {
            Some(id) => tree_of(&repository, id).map(Some),
            None => Ok(None),
        },
        Side::Version(reference) => {
            let id = read::resolve(&repository, reference)?;
            tree_of(&repository, id).map(Some)
        }
        Side::Live(captured) => live(&repository, before.as_deref(), captured).map(Some),
    };
    let (older, newer) = (side(older)?, side(newer)?);
    let mut differences = Differences::default();
    for changed in tree::changes(&repository, older, newer)? {
        if path::is_reserved(&changed.path) {
            continue;
        }
        let list = match (changed.older, changed.newer) {
            (None, _) => &mut differences.added,
            (_, None) => &mut differences.deleted,
            _ => &mut differences.modified,
        };
        list.push(path::decode(&changed.path).unwrap_or(changed.path));
    }
    for list in [&mut differences.added, &mut differences.modified, &mut differences.deleted] {
        list.sort();
    }
    Ok(differences)
}

fn tree_of(repository: &Repository, commit: ObjectId) -> Result<ObjectId, VersionsError> {
    let commit = repository.find_commit(commit).map_err(host("read a version"))?;
    commit.tree_id().map(gix::Id::detach).map_err(host("read a version"))
}

/// The tree that a commit would have now. It exists in memory only, and no file's content does.
fn live(
    repository: &Repository,
    before: Option<&super::recent::Made>,
    captured: &Captured,
) -> Result<ObjectId, VersionsError> {
    write::run(&mut Objects::imagined(repository), before, captured).map(|made| made.tree)
}
