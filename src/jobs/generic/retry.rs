//! Runs a job again that ended badly, because somebody asks for it.

use super::jobs::GenericJobs;
use super::refusal::GenericRefusal;
use super::{clock, dispatch, lifecycle};
use crate::base::unix_ms;
use crate::wire::node::generic::{GenericEventType, GenericSnapshot, GenericState};

impl GenericJobs {
    /// Queues an ended job again. `deadline_ms` is until when it may begin (milliseconds since 1970); the job's own deadline
    /// still counts. `permit` is asked last.
    ///
    /// # Errors
    /// [`GenericRefusal::NotFound`], [`GenericRefusal::NotRetryable`], [`GenericRefusal::Draining`],
    /// [`GenericRefusal::NotPermitted`].
    pub fn retry(
        &self,
        job_id: &str,
        deadline_ms: Option<i64>,
        permit: impl FnOnce() -> bool,
    ) -> Result<GenericSnapshot, GenericRefusal> {
        let mut table = self.0.lock();
        let draining = table.draining;
        let running = table.running.contains_key(job_id);
        let entry = table.entries.get_mut(job_id).ok_or(GenericRefusal::NotFound)?;
        match entry.record.state {
            GenericState::Succeeded => return Err(GenericRefusal::NotRetryable("the job succeeded")),
            state if !lifecycle::is_end(state) => return Err(GenericRefusal::NotRetryable("the job has not ended")),
            _ if draining => return Err(GenericRefusal::Draining),
            _ if running => return Err(GenericRefusal::AlreadyRunning),
            _ if !permit() => return Err(GenericRefusal::NotPermitted),
            _ => {}
        }
        let now = unix_ms();
        entry.go(GenericState::Retrying);
        entry.go(GenericState::Queued);
        let record = &mut entry.record;
        record.retry.retry_count += 1;
        record.queued_at = clock::iso(now);
        (record.scheduled_at, record.started_at, record.finished_at) = (None, None, None);
        (record.result, record.reservation, record.backpressure) = (None, None, None);
        record.artifacts.clear();
        entry.queued_ms = now;
        entry.deadline_ms = [deadline_ms, entry.job.deadline_ms].into_iter().flatten().min();
        entry.feed.event(GenericEventType::Queued, None, None);
        table.ended.retain(|id| id != job_id);
        table.note(job_id, "job_retry_scheduled", Some("asked for".to_owned()));
        table.note(job_id, "job_queued", None);
        dispatch::dispatch(&self.0, &mut table);
        self.0.changed.notify_one();
        table.snapshot(job_id).ok_or(GenericRefusal::NotFound)
    }
}
