//! One job's life on the node, from its slot to the outbox.

use super::admit::request;
use super::answer;
use super::claims::Work;
use super::deliver::Delivery;
use super::events::{EventStream, progress};
use super::fetch::{JobBody, comes_in_pieces};
use super::journal::JournalError;
use super::results;
use super::running::RunningJob;
use super::spool::{Spooled, spool};
use super::start::{Begin, begin, delay, wait};
use crate::base::{Retry, unix_ms};
use crate::jobs::{AnswerStream, Outcome, RunContext, Upload, pipe};
use crate::wire::gateway::JobState;
use crate::wire::node::{Job, Lease, ResultRequest};
use crate::wire::v1::{ErrorCode, Failure, OperationRequest};
use bytes::Bytes;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

/// How long the last output may keep a finished job's result from being sent.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

/// Why a claim is dropped when the node is about to end.
pub(super) const GIVEN_BACK: &str = "given_back";

impl Work {
    /// A claimed job's life, from its slot to the outbox.
    pub(super) async fn run_durable(
        &self,
        job: Job,
        entry: &Arc<RunningJob>,
        slot: Option<OwnedSemaphorePermit>,
        deadline_ms: i64,
        begun: bool,
    ) {
        let (slot, body) = match self.ready(&job, entry, slot, begun).await {
            Ok(ready) => ready,
            Err(Unready::Dropped(why)) => return self.drop_claim(job, entry, deadline_ms, why).await,
            Err(Unready::Ended(result)) => {
                let memory = self.finish(&job, *result, None).await;
                self.shared.running.remove(&job.job_id);
                return self.enqueue(&job.job_id, entry.lease(), deadline_ms, memory);
            }
        };
        let stream = Arc::new(EventStream::new(entry.epoch()));
        let end = CancellationToken::new();
        let sender = tokio::spawn({
            let (stream, end, entry, shared) = (stream.clone(), end.clone(), entry.clone(), self.shared.clone());
            async move { stream.run(&shared, &entry, end, LAST_OUTPUT).await }
        });
        let context = RunContext {
            progress: Some(progress(&stream)),
            cancel: entry.token.clone(),
            timeout: job.timeout_ms.map(Duration::from_millis),
            ..RunContext::default()
        };
        let (result, spooled) = self.run(&job, entry, request(&job, body), context, true).await;
        let memory = self.finish(&job, result, spooled).await;
        self.shared.running.remove(&job.job_id);
        drop(slot);
        // Readers of the output see its end before they see the job's.
        end.cancel();
        let _ = sender.await;
        self.enqueue(&job.job_id, entry.lease(), deadline_ms, memory);
    }

    /// Everything that must be there before the job may run.
    async fn ready(
        &self,
        job: &Job,
        entry: &RunningJob,
        slot: Option<OwnedSemaphorePermit>,
        begun: bool,
    ) -> Result<(Option<OwnedSemaphorePermit>, Bytes), Unready> {
        let ready = self.prepare(job, entry, slot).await?;
        self.start(job, entry, begun).await?;
        Ok(ready)
    }

    /// A slot and the job's body.
    pub(super) async fn prepare(
        &self,
        job: &Job,
        entry: &RunningJob,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Result<(Option<OwnedSemaphorePermit>, Bytes), Unready> {
        let slot = match slot {
            Some(slot) => Some(slot),
            None => tokio::select! {
                slot = self.shared.slots.take() => slot,
                () = entry.token.cancelled() => return Err(self.cancelled(job, entry)),
            },
        };
        self.shared.refresh_state();
        let held = job.body.as_ref().filter(|_| !comes_in_pieces(job));
        let Some(body) = held else { return Ok((slot, Bytes::new())) };
        let mut backoff = self.shared.intervals.backoff();
        loop {
            let epoch = entry.epoch();
            let error = tokio::select! {
                fetched = self.shared.client.fetch_body(&job.job_id, epoch, body) => match fetched {
                    Ok(bytes) => return Ok((slot, bytes)),
                    Err(error) => error,
                },
                () = entry.token.cancelled() => return Err(self.cancelled(job, entry)),
            };
            self.shared.saw_error(&error);
            if error.conflict().is_some() {
                if entry.epoch() != epoch {
                    continue; // handed out again meanwhile
                }
                return Err(Unready::Dropped("lease_stale"));
            }
            if error.retry == Retry::Never && !matches!(error.status(), Some(401 | 404 | 410)) {
                let failure = Failure::new(ErrorCode::Internal, format!("the job's body cannot be had: {error}"));
                let result = results::failed_before_start(&self.shared.node_id, job, failure);
                return Err(Unready::Ended(Box::new(result)));
            }
            if entry.ends_at() <= Instant::now() {
                return Err(Unready::Dropped("lease_ended"));
            }
            wait(&self.shared, entry, delay(&error, backoff.next_delay())).await;
        }
    }

    /// `/start`, then the journal. Only after both may the job run.
    async fn start(&self, job: &Job, entry: &RunningJob, begun: bool) -> Result<(), Unready> {
        match begin(&self.shared, entry, job).await {
            Begin::Started => {}
            Begin::Cancelled => return Err(self.cancelled(job, entry)),
            Begin::Dropped(why) => return Err(Unready::Dropped(why)),
        }
        if !entry.begin() {
            return Err(Unready::Dropped(GIVEN_BACK));
        }
        if !begun && let Err(error) = self.journal.started(&job.job_id).await {
            self.journal_failed(&error);
            let failure = Failure::new(ErrorCode::InsufficientStorage, "the node's disk does not take its journal");
            let result = results::failed_before_start(&self.shared.node_id, job, failure);
            return Err(Unready::Ended(Box::new(result)));
        }
        Ok(())
    }

    fn cancelled(&self, job: &Job, entry: &RunningJob) -> Unready {
        if entry.given_back() {
            return Unready::Dropped(GIVEN_BACK);
        }
        let why = entry.cancelled().unwrap_or("cancel_requested");
        if why == "lease_stale" {
            // No wish of the caller: the gateway put the job back, and a result would end what another attempt is to do.
            return Unready::Dropped(why);
        }
        Unready::Ended(Box::new(results::cancelled_before_start(&self.shared.node_id, job, why)))
    }

    async fn drop_claim(&self, job: Job, entry: &RunningJob, deadline_ms: i64, why: &'static str) {
        let epoch = entry.epoch();
        self.shared.running.remove(&job.job_id);
        if entry.epoch() != epoch {
            // Handed out again in this very moment: the journal has the newer attempt, and it is to be run.
            return self.begin_durable(Job { lease: entry.lease(), ..job }, deadline_ms, false);
        }
        tracing::info!(job = %job.job_id, why, "claim dropped, not run");
        if why == "start_refused" {
            self.shared.health.failed(why);
        }
        if let Err(error) = self.journal.forget(&job.job_id, epoch).await {
            self.journal_failed(&error); // the next start asks for the lease and forgets it then
        }
        self.shared.refresh_state();
    }

    /// Runs the operation to its end, whatever that is, and makes the result of it.
    pub(super) async fn run(
        &self,
        job: &Job,
        entry: &Arc<RunningJob>,
        request: OperationRequest,
        context: RunContext,
        durable: bool,
    ) -> (ResultRequest, Option<Spooled>) {
        let began = Instant::now();
        let executor = self.shared.executor.clone();
        let (upload, feeding) = self.upload(job, entry);
        // Its own task, so that a fault in an operation ends the operation and nothing else.
        let run = tokio::spawn(async move { executor.run(request, upload, context).await });
        let (ended, fed) = tokio::join!(run, feeding);
        let mut outcome = ended.unwrap_or_else(|fault| {
            tracing::error!(job = %job.job_id, %fault, "the operation broke off");
            Outcome::failed(Failure::new(ErrorCode::Internal, "the operation broke off by a fault of the node"))
        });
        if let (Err(failure), Some(_)) = (fed, &outcome.failure) {
            // The operation only knows that it got no more; why is known here.
            outcome = Outcome::failed(failure);
        }
        let (mut spooled, mut streamed) = (None, None);
        if let Some(answer) = &mut outcome.answer
            && let Some(stream) = answer.body.take()
        {
            let kept = if job.stream_answer && !durable {
                answer::stream(&self.shared, entry, &answer.value, stream).await.map(|body| streamed = Some(body))
            } else {
                self.spool(job, entry, stream, durable).await.map(|body| spooled = Some(body))
            };
            if let Err(failure) = kept {
                outcome = Outcome::failed(failure);
            }
        }
        if outcome.state == JobState::Cancelled
            && let Some(why) = entry.cancelled()
        {
            why.clone_into(&mut outcome.reason);
        }
        let took = began.elapsed();
        self.shared.health.took(took);
        if let Some(failure) = &outcome.failure
            && matches!(failure.code, ErrorCode::Internal | ErrorCode::InsufficientStorage | ErrorCode::Lost)
        {
            self.shared.health.failed(failure.code.as_str());
        }
        tracing::info!(job = %job.job_id, state = %outcome.state, reason = %outcome.reason, ?took, "ended");
        let body = spooled.as_ref().map(|spooled: &Spooled| spooled.body.clone()).or(streamed);
        let result = results::ended(&self.shared.node_id, job, outcome, body, took);
        (ResultRequest { lease: entry.lease(), ..result }, spooled)
    }

    /// What the operation reads of a body that comes in pieces, and who sees to it that it comes.
    fn upload(
        &self,
        job: &Job,
        entry: &Arc<RunningJob>,
    ) -> (Option<Upload>, impl Future<Output = Result<(), Failure>> + use<>) {
        let body = job.body.clone().filter(|_| comes_in_pieces(job));
        let (fed, upload) = match body {
            None => (None, None),
            Some(body) => {
                let (feeder, archive) = pipe();
                let body = JobBody::new(self.shared.clone(), entry.clone(), body);
                (Some((feeder, body)), Some(Box::new(archive) as Upload))
            }
        };
        let feeding = async move {
            match fed {
                Some((feeder, mut body)) => feeder.feed(&mut body).await,
                None => Ok(()),
            }
        };
        (upload, feeding)
    }

    async fn spool(
        &self,
        job: &Job,
        entry: &RunningJob,
        stream: AnswerStream,
        durable: bool,
    ) -> Result<Spooled, Failure> {
        let spooled = spool(&self.shared.outbox, &job.job_id, entry.epoch(), stream, durable).await;
        spooled.map_err(|error| {
            tracing::warn!(job = %job.job_id, %error, "the answer's body could not be kept");
            match error.kind() {
                _ if entry.cancelled().is_some() => Failure::new(ErrorCode::Cancelled, "the job was cancelled"),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Failure::new(
                    ErrorCode::InsufficientStorage,
                    "the node's disk is full: the answer could not be kept",
                ),
                _ => Failure::new(ErrorCode::Internal, "the answer broke off while it was made"),
            }
        })
    }

    /// Journals the end. When the journal does not take it, gives it back to be sent from memory: better a result that a
    /// crash can lose than none.
    async fn finish(
        &self,
        job: &Job,
        result: ResultRequest,
        spooled: Option<Spooled>,
    ) -> Option<(Bytes, Option<Spooled>)> {
        let bytes = results::bytes(&result);
        self.shared.note_end(&result);
        match self.journal.finished(&job.job_id, bytes.clone(), spooled.clone()).await {
            Ok(()) => None,
            Err(error) => {
                self.journal_failed(&error);
                Some((Bytes::from(bytes), spooled))
            }
        }
    }

    pub(super) fn journal_failed(&self, error: &JournalError) {
        let message = format!("{error}: free space on the disk of the node's home; no new jobs until then");
        self.shared.board.condition("journal", false, "not_writable", message);
        self.shared.health.failed("journal_not_writable");
    }

    /// Sends a result that is in the journal.
    pub(super) fn deliver(&self, job: &Job, deadline_ms: i64, since_ms: i64) {
        let delivery = Delivery::new(&job.job_id, job.lease.clone(), deadline_ms, since_ms, None);
        let _ = self.shared.deliveries.send(delivery);
    }

    pub(super) fn enqueue(
        &self,
        job_id: &str,
        lease: Option<Lease>,
        deadline_ms: i64,
        memory: Option<(Bytes, Option<Spooled>)>,
    ) {
        self.shared.refresh_state();
        // Closed only when the relay has ended; the journal has it then.
        let _ = self.shared.deliveries.send(Delivery::new(job_id, lease, deadline_ms, unix_ms(), memory));
    }
}

/// Why a claimed job does not run.
pub(super) enum Unready {
    Ended(Box<ResultRequest>),
    Dropped(&'static str),
}
