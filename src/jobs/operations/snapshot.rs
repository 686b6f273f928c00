//! `workspaces.snapshot`: a workspace as a tar, made while it is read.

use super::disk_files::MountedFiles;
use crate::jobs::engine::Inner;
use crate::jobs::outcome::{Answer, AnswerStream, Outcome};
use crate::jobs::stop::Stop;
use crate::jobs::{failure, params};
use crate::wire::gateway::JobState;
use crate::wire::v1::{Failure, WorkspaceParams};
use crate::workspace::snapshot::{self, DiskFiles, SnapshotOut};
use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use tokio::sync::mpsc;

/// The most bytes of a chunk that is put together.
const CHUNK: usize = 128 << 10;
/// From how many bytes on a file's content is handed on as it is.
const SHARED: usize = 16 << 10;
/// The most bytes of a chunk that is a part of a file's content; nothing is copied, so it may be long.
const PIECE: usize = 1 << 20;
/// Chunks that are made ahead of their reader.
const AHEAD: usize = 16;

pub(super) fn run(engine: &Inner, params: Map<String, Value>, stop: &Stop) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    let state = workspace.state();
    let disks: Vec<_> = workspace.disk_mounts().into_iter().map(MountedFiles).collect();
    let (chunks, receiver) = mpsc::channel(AHEAD);
    let mut out = ChunkWriter { buffer: BytesMut::new(), chunks, stop: stop.clone() };
    tokio::task::spawn_blocking(move || {
        let disks: Vec<&dyn DiskFiles> = disks.iter().map(|disk| disk as &dyn DiskFiles).collect();
        let written = snapshot::write(&state, &disks, &mut out).and_then(|()| out.flush());
        if let Err(error) = written {
            tracing::warn!(workspace = state.record.id, %error, "a snapshot was not finished");
            // Nobody may be there to hear it.
            let _ = out.chunks.blocking_send(Err(error));
        }
    });
    let body = AnswerStream { content_type: "application/x-tar", size: None, chunks: receiver };
    Ok(Outcome {
        state: JobState::Succeeded,
        reason: "done".to_owned(),
        answer: Some(Answer { value: json!({ "id": params.id }), body: Some(body) }),
        failure: None,
    })
}

/// Hands bytes to a reader in chunks, no faster than it takes them. Small ones are put together, long ones go as they are.
struct ChunkWriter {
    buffer: BytesMut,
    chunks: mpsc::Sender<io::Result<Bytes>>,
    stop: Stop,
}

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What was handed on is taken back when its reader is done with it.
        if self.buffer.is_empty() {
            self.buffer.reserve(SHARED.max(bytes.len().min(CHUNK)));
        }
        let taken = bytes.len().min(CHUNK - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == CHUNK {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = self.buffer.split().freeze();
        self.send(chunk)
    }
}

impl SnapshotOut for ChunkWriter {
    fn write_shared(&mut self, bytes: &Bytes) -> io::Result<()> {
        if bytes.len() < SHARED {
            return self.write_all(bytes);
        }
        self.flush()?;
        let mut left = bytes.clone();
        while !left.is_empty() {
            let piece = left.split_to(left.len().min(PIECE));
            self.send(piece)?;
        }
        Ok(())
    }
}

impl ChunkWriter {
    fn send(&self, chunk: Bytes) -> io::Result<()> {
        self.stop.check().map_err(io::Error::other)?;
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader went away");
        self.chunks.blocking_send(Ok(chunk)).map_err(gone)
    }
}
