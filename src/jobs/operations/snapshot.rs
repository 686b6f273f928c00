//! `workspaces.snapshot`: a workspace as a tar, made while it is read.

use super::disk_files::MountedFiles;
use crate::jobs::engine::Inner;
use crate::jobs::outcome::{Answer, AnswerStream, Outcome};
use crate::jobs::stop::Stop;
use crate::jobs::{failure, params};
use crate::wire::gateway::JobState;
use crate::wire::v1::{Failure, WorkspaceParams};
use crate::workspace::snapshot::{self, DiskFiles};
use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Bytes per chunk.
const CHUNK: usize = 128 << 10;
/// Chunks that are made ahead of their reader.
const AHEAD: usize = 4;

pub(super) fn run(engine: &Inner, params: Map<String, Value>, stop: &Stop) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    let state = workspace.state();
    let disks: Vec<_> = workspace.disk_mounts().into_iter().map(MountedFiles).collect();
    let (chunks, receiver) = mpsc::channel(AHEAD);
    let mut out = ChunkWriter { buffer: BytesMut::with_capacity(CHUNK), chunks, stop: stop.clone() };
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

/// Hands bytes to a reader in chunks, no faster than it takes them.
struct ChunkWriter {
    buffer: BytesMut,
    chunks: mpsc::Sender<io::Result<Bytes>>,
    stop: Stop,
}

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == CHUNK {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stop.check().map_err(io::Error::other)?;
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, BytesMut::with_capacity(CHUNK)).freeze();
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader went away");
        self.chunks.blocking_send(Ok(chunk)).map_err(gone)
    }
}
