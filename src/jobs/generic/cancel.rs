//! Ends a job, whether it waits or runs.

use super::jobs::GenericJobs;
use super::refusal::GenericRefusal;
use super::{history, lifecycle};
use crate::wire::node::generic::{GenericEventType, GenericSnapshot, GenericState};

impl GenericJobs {
    /// Ends a queued job: at once when it waits, soon when it runs. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`GenericRefusal::NotFound`].
    pub fn cancel(&self, job_id: &str) -> Result<GenericSnapshot, GenericRefusal> {
        let mut table = self.0.lock();
        let entry = table.entries.get_mut(job_id).ok_or(GenericRefusal::NotFound)?;
        let state = entry.record.state;
        if state == GenericState::Running {
            if let Some(active) = table.running.get(job_id) {
                active.cancel.cancel();
            }
            table.note(job_id, "job_cancel_requested", None);
        } else if !lifecycle::is_end(state) && entry.go(GenericState::Cancelled) {
            entry.retry_ms = None;
            entry.record.backpressure = None;
            entry.record.retry.next_retry_at = None;
            entry.feed.event(GenericEventType::Cancelled, Some("cancelled before it ran"), None);
            table.note(job_id, "job_cancel_requested", None);
            table.note(job_id, "job_cancelled", None);
            history::ended(&mut table, job_id, self.0.options.max_ended);
        }
        table.snapshot(job_id).ok_or(GenericRefusal::NotFound)
    }

    /// Ends a job that runs, for the request that started it. Gives that request's id.
    ///
    /// # Errors
    /// [`GenericRefusal::NotRunning`]; [`GenericRefusal::OtherRequest`].
    pub fn cancel_running(&self, job_id: &str, request_id: &str, job_type: &str) -> Result<String, GenericRefusal> {
        let table = self.0.lock();
        let active = table.running.get(job_id).ok_or(GenericRefusal::NotRunning)?;
        if active.request_id != request_id || active.job_type != job_type {
            return Err(GenericRefusal::OtherRequest);
        }
        active.cancel.cancel();
        Ok(active.request_id.clone())
    }
}
