//! Making a branch.

use super::{name, refs};
use crate::workspace::VersionsError;
use gix::Repository;

pub(super) fn run(repository: Option<&Repository>, name: &str, from: &str) -> Result<String, VersionsError> {
    name::check(name)?;
    let not_found = || VersionsError::BranchNotFound { name: from.to_owned() };
    let repository = repository.ok_or_else(not_found)?;
    let there = refs::all(repository)?;
    if there.iter().any(|other| other == name) {
        return Err(VersionsError::BranchExists { name: name.to_owned() });
    }
    let below = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    if let Some(other) = there.iter().find(|other| below(name, other) || below(other, name)) {
        return Err(VersionsError::BranchConflict { name: name.to_owned(), other: other.clone() });
    }
    let head = refs::head(repository, from)?.ok_or_else(not_found)?;
    match refs::prepare(repository, name, head).and_then(|moved| moved.finish(repository, None, refs::Synced::No)) {
        Err(VersionsError::Moved { .. }) => Err(VersionsError::BranchExists { name: name.to_owned() }),
        other => other.map(|()| head.to_string()),
    }
}
