//! `vfs.read` and `vfs.read_stream`: a file's bytes.

use super::run::Ended;
use crate::jobs::failure;
use crate::jobs::operations::done;
use crate::jobs::outcome::{Answer, AnswerStream, Outcome};
use crate::jobs::stop::Stop;
use crate::wire::gateway::JobState;
use crate::wire::v1::vfs::{PathParams, ReadFile, ReadFileParams};
use crate::wire::v1::{ErrorCode, Failure};
use crate::workspace::Files;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use serde_json::json;
use std::io::{self, Read};
use tokio::sync::mpsc;

/// What one JSON answer holds, bytes before base64. More can be read in pieces or as a stream.
const MOST: u64 = 64 << 20;
/// Bytes per chunk of a stream.
const CHUNK: usize = 128 << 10;
/// Chunks that are read ahead of their reader.
const AHEAD: usize = 4;

pub(super) async fn read(files: Files, params: ReadFileParams) -> Ended {
    let read = files.read(params.path, params.offset, params.size, MOST).await;
    let content = read.map_err(failure::workspace).map_err(|failure| match failure.errno.as_deref() {
        Some("EFBIG") => failure.hint("read it in pieces with `offset` and `size`, or with vfs/read_stream"),
        _ => failure,
    })?;
    done(&ReadFile { data_base64: STANDARD.encode(content) })
}

pub(super) async fn stream(files: Files, params: PathParams, stop: Stop) -> Ended {
    let path = params.path.clone();
    let file = files.open(params.path).await.map_err(failure::workspace)?;
    let (chunks, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = pump(file, &chunks, &stop) {
            tracing::debug!(%error, "a file was not read to its end");
            // Nobody may be there to hear it.
            let _ = chunks.blocking_send(Err(error));
        }
    });
    let body = AnswerStream { content_type: "application/octet-stream", size: None, chunks: receiver };
    Ok(Outcome {
        state: JobState::Succeeded,
        reason: "done".to_owned(),
        answer: Some(Answer { value: json!({ "path": path }), body: Some(body) }),
        failure: None,
    })
}

fn pump(mut file: Box<dyn Read + Send>, chunks: &mpsc::Sender<io::Result<Bytes>>, stop: &Stop) -> io::Result<()> {
    loop {
        stop.check().map_err(io::Error::other)?;
        let mut chunk = BytesMut::zeroed(CHUNK);
        let length = match file.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if length == 0 {
            return Ok(());
        }
        chunk.truncate(length);
        if chunks.blocking_send(Ok(chunk.freeze())).is_err() {
            return Ok(()); // the reader went away
        }
    }
}

/// The bytes of an argument in base64.
pub(super) fn bytes(call: &str, name: &str, text: &str) -> Result<Bytes, Failure> {
    STANDARD.decode(text).map(Bytes::from).map_err(|wrong| {
        Failure::new(
            ErrorCode::InvalidRequest,
            format!("invalid arguments for vfs/{call}: '{name}' must be base64: {wrong}"),
        )
    })
}
