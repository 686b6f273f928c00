//! A job's long body, read by the operation while it comes from the gateway. What is cut goes on where it was.

use super::running::RunningJob;
use super::shared::Shared;
use super::start::delay;
use crate::base::Backoff;
use crate::client::{BodyPiece, CallError};
use crate::jobs::Source;
use crate::wire::node::{BodyRef, Job};
use crate::wire::v1::{BodyKind, ErrorCode, Failure, Operation};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// The longest wait before asking again: an operation, and perhaps a caller, waits.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Whether a job's body is read while it comes.
pub(super) fn comes_in_pieces(job: &Job) -> bool {
    let operation = job.operation.as_deref().and_then(Operation::named);
    operation.is_some_and(|operation| operation.body == BodyKind::Archive)
        && job.body.as_ref().is_some_and(|body| body.base64.is_none())
}

/// Such a body.
pub(super) struct JobBody {
    shared: Arc<Shared>,
    entry: Arc<RunningJob>,
    announced: BodyRef,
    offset: u64,
    hash: Sha256,
    piece: Option<BodyPiece>,
    ended: bool,
    backoff: Backoff,
}

impl JobBody {
    pub(super) fn new(shared: Arc<Shared>, entry: Arc<RunningJob>, announced: BodyRef) -> Self {
        let backoff = Backoff::capped(shared.intervals.backoff.min(LONGEST_WAIT), LONGEST_WAIT);
        Self { shared, entry, announced, offset: 0, hash: Sha256::new(), piece: None, ended: false, backoff }
    }

    async fn step(&mut self) -> Result<Option<Bytes>, CallError> {
        let piece = match &mut self.piece {
            Some(piece) => piece,
            none => {
                let asked = self.shared.client.body_piece(&self.entry.job_id, self.entry.epoch(), self.offset);
                none.insert(asked.await?)
            }
        };
        let chunk = piece.next().await?;
        self.ended = chunk.is_none() && piece.is_last();
        if chunk.is_none() {
            self.piece = None;
        }
        Ok(chunk)
    }

    /// A body that was kept has a hash; one that comes from its caller has its place in one connection only.
    fn check(&self) -> Result<(), Failure> {
        let announced = &self.announced;
        if announced.stream || hex::encode(self.hash.clone().finalize()) == announced.sha256 {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::Internal, "the job's body is not the one that was announced"))
    }
}

impl Source for JobBody {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            if self.ended {
                return self.check().map(|()| None);
            }
            let entry = self.entry.clone();
            let cancelled = || Failure::new(ErrorCode::Cancelled, "the job was cancelled while its body came");
            let error = tokio::select! {
                () = entry.token.cancelled() => return Err(cancelled()),
                step = self.step() => match step {
                    Ok(Some(chunk)) => {
                        self.backoff.reset();
                        self.offset += chunk.len() as u64;
                        self.hash.update(&chunk);
                        return Ok(Some(chunk));
                    }
                    Ok(None) => continue,
                    Err(error) => error,
                },
            };
            self.piece = None;
            if error.conflict().is_some() {
                return Err(Failure::new(ErrorCode::InvalidRequest, format!("the upload broke off: {error}")));
            }
            self.shared.saw_error(&error);
            tracing::debug!(job = %entry.job_id, offset = self.offset, %error, "body cut; going on");
            tokio::select! {
                () = entry.token.cancelled() => return Err(cancelled()),
                () = tokio::time::sleep(delay(&error, self.backoff.next_delay()).min(LONGEST_WAIT)) => {}
            }
        }
    }
}
