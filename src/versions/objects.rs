//! Writes objects, or only finds out what they would be called.

use super::error::host;
use crate::workspace::VersionsError;
use gix::objs::{Commit, FindHeader, Kind, Tree, Write, WriteTo};
use gix::{ObjectId, Repository};
use std::error::Error;
use std::io;

/// How often an object is written at most: `git gc` removes a directory that is empty, also when it was made for an object
/// that is just to be put there.
const TRIES: usize = 5;

/// Where a tree of a workspace goes.
pub(super) struct Objects<'r> {
    repository: &'r Repository,
    keep: bool,
    new: Vec<ObjectId>,
}

impl<'r> Objects<'r> {
    /// Objects that stay.
    pub(super) fn kept(repository: &'r Repository) -> Self {
        Self { repository, keep: true, new: Vec::new() }
    }

    /// Objects that are gone with `repository`, whose objects are in memory. Blobs are not even there.
    pub(super) fn imagined(repository: &'r Repository) -> Self {
        Self { repository, keep: false, new: Vec::new() }
    }

    pub(super) fn repository(&self) -> &'r Repository {
        self.repository
    }

    /// What was not there before.
    pub(super) fn written(&self) -> &[ObjectId] {
        &self.new
    }

    pub(super) fn blob(&mut self, bytes: &[u8]) -> Result<ObjectId, VersionsError> {
        if self.keep {
            return self.object(Kind::Blob, bytes, "write a file");
        }
        hash(self.repository, Kind::Blob, bytes)
    }

    pub(super) fn tree(&mut self, tree: &Tree) -> Result<ObjectId, VersionsError> {
        let mut bytes = Vec::new();
        tree.write_to(&mut bytes).map_err(host("write a directory"))?;
        self.object(Kind::Tree, &bytes, "write a directory")
    }

    pub(super) fn commit(&mut self, commit: &Commit) -> Result<ObjectId, VersionsError> {
        let mut bytes = Vec::new();
        commit.write_to(&mut bytes).map_err(host("write a commit"))?;
        self.object(Kind::Commit, &bytes, "write a commit")
    }

    fn object(&mut self, kind: Kind, bytes: &[u8], what: &'static str) -> Result<ObjectId, VersionsError> {
        let id = hash(self.repository, kind, bytes)?;
        // By its size, not by its name: a power cut may have left the name of an object that nothing refers to yet.
        let there = self.repository.objects.try_header(&id);
        if !matches!(there, Ok(Some(header)) if header.size == bytes.len() as u64) {
            self.write(kind, bytes, id).map_err(host(what))?;
            self.new.push(id);
        }
        Ok(id)
    }

    fn write(&self, kind: Kind, bytes: &[u8], id: ObjectId) -> Result<(), gix::Error> {
        for _ in 1..TRIES {
            match self.repository.objects.write_buf_with_known_id(kind, bytes, id) {
                Err(error) if is_missing(&error) => {}
                written => return written.map(drop),
            }
        }
        self.repository.objects.write_buf_with_known_id(kind, bytes, id).map(drop)
    }
}

/// Whether a file or directory was not there.
fn is_missing(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn hash(repository: &Repository, kind: Kind, bytes: &[u8]) -> Result<ObjectId, VersionsError> {
    gix::objs::compute_hash(repository.object_hash(), kind, bytes).map_err(host("hash an object"))
}
