//! `workspaces.snapshot_to`: a workspace as a tar in a file of the node's own host.

use super::disk_files::MountedFiles;
use super::done;
use crate::jobs::archive_file::{NewArchive, Place};
use crate::jobs::engine::Inner;
use crate::jobs::stop::Stop;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{ErrorCode, Failure, SnapshotToParams, WrittenSnapshot};
use crate::workspace::snapshot::{self, DiskFiles};
use crate::workspace::{DiskMount, StoredWorkspace};
use serde_json::{Map, Value};
use std::io::{self, BufWriter, Write};

/// Bytes that are written at once.
const CHUNK: usize = 256 << 10;

pub(super) async fn run(engine: &Inner, params: Map<String, Value>, stop: &Stop) -> Result<Outcome, Failure> {
    let params: SnapshotToParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    let path = place(params.path, params.key)?;
    let roots = engine.policy.snapshot_roots(&path)?.to_vec();
    let (state, disks, stop) = (workspace.state(), workspace.disk_mounts(), stop.clone());
    let written = tokio::task::spawn_blocking(move || {
        let place = Place::locate(&roots, &path)?;
        let size = write(place.create()?, &state, disks, &stop);
        let size = size.map_err(|error| stop.check().err().unwrap_or_else(|| failure::file(&error, &path)))?;
        Ok((place.path(), size))
    });
    let (path, size) = written.await.map_err(|error| failure::task(&error))??;
    tracing::info!(workspace = params.id, path = %path.display(), size, "snapshot written");
    done(&WrittenSnapshot { id: params.id, path: path.to_string_lossy().into_owned(), size })
}

/// The path of a request, which may name a store instead or nothing at all.
pub(super) fn place(path: Option<String>, key: Option<String>) -> Result<String, Failure> {
    let invalid = |text| Err(Failure::new(ErrorCode::InvalidRequest, text));
    match (path.filter(|path| !path.is_empty()), key) {
        (Some(path), None) => Ok(path),
        (_, Some(_)) => invalid("this server has no snapshot store"),
        (None, None) => invalid("path is required"),
    }
}

fn write(archive: NewArchive, state: &StoredWorkspace, disks: Vec<DiskMount>, stop: &Stop) -> io::Result<u64> {
    let disks: Vec<_> = disks.into_iter().map(MountedFiles).collect();
    let disks: Vec<&dyn DiskFiles> = disks.iter().map(|disk| disk as &dyn DiskFiles).collect();
    let mut out = BufWriter::with_capacity(CHUNK, Stoppable { archive, stop });
    snapshot::write(state, &disks, &mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.archive.finish()
}

/// The archive, until its caller no longer wants it.
struct Stoppable<'a> {
    archive: NewArchive,
    stop: &'a Stop,
}

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stop.check().map_err(io::Error::other)?;
        self.archive.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.archive.flush()
    }
}
