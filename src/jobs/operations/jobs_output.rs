//! `jobs.output`: what a job has written, from any byte on, while it runs and after.

use super::{done, job_not_found};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{Failure, JobOutput, OutputParams};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Bytes per answer.
const MAX_PIECE: usize = 1 << 20;

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let OutputParams { job_id, stream, offset, limit } = params::parse(params)?;
    let limit = limit.map_or(MAX_PIECE, |limit| usize::try_from(limit).unwrap_or(MAX_PIECE).min(MAX_PIECE));
    let piece = engine.jobs.output(&job_id, stream, offset, limit).await;
    let piece = piece.map_err(|error| failure::database(&error))?.ok_or_else(|| job_not_found(&job_id))?;
    let next_offset = offset.saturating_add(piece.bytes.len() as u64);
    let data = STANDARD.encode(&piece.bytes);
    done(&JobOutput {
        job_id_camel: job_id.clone(),
        job_id,
        stream,
        offset,
        next_offset,
        next_offset_camel: next_offset,
        data_base64_camel: data.clone(),
        data_base64: data,
        ended: piece.ended,
    })
}
