//! Gives slots to jobs, and takes them back.

use super::jobs::Inner;
use super::run::{Run, cannot};
use super::table::{Active, Table};
use super::{clock, history, lifecycle, queue};
use crate::base::{Backoff, mint, unix_ms};
use crate::wire::node::generic::{
    Backpressure, GenericEventType, GenericResult, GenericState, GenericStatus, Reservation,
};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The first pause before a job is run again by itself.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Gives out the slots that are free.
pub(super) fn dispatch(inner: &Arc<Inner>, table: &mut Table) {
    expire(inner, table);
    while !table.draining && table.running.len() < inner.options.max_concurrency.max(1) {
        let Some(id) = queue::next(table) else { return };
        give(inner, table, &id);
    }
    // Told to those who look; the order is decided when a slot is free.
    for entry in table.entries.values_mut().filter(|entry| entry.record.state == GenericState::Queued) {
        entry.record.backpressure.get_or_insert_with(|| Backpressure {
            reason: "no_free_slot".to_owned(),
            message: "all slots for generic jobs are taken".to_owned(),
            retry_after_ms: 1_000,
        });
    }
}

/// Ends those that nobody wants any more.
fn expire(inner: &Inner, table: &mut Table) {
    let now = unix_ms();
    let waits = |state| matches!(state, GenericState::Queued | GenericState::Retrying);
    let late: Vec<String> = (table.entries.iter())
        .filter(|(_, entry)| waits(entry.record.state) && entry.deadline_ms.is_some_and(|deadline| deadline < now))
        .map(|(id, _)| id.clone())
        .collect();
    for id in late {
        if let Some(entry) = table.entries.get_mut(&id)
            && entry.go(GenericState::Expired)
        {
            entry.retry_ms = None;
            entry.record.backpressure = None;
            table.note(&id, "job_completed", Some("expired before it began".to_owned()));
            history::ended(table, &id, inner.options.max_ended);
        }
    }
}

fn give(inner: &Arc<Inner>, table: &mut Table, id: &str) {
    let Some(entry) = table.entries.get_mut(id) else { return };
    if let Some((code, message)) = cannot(&inner.runners, &entry.job) {
        entry.go(GenericState::Blocked);
        let reason = "no_capable_node".to_owned();
        entry.record.backpressure = Some(Backpressure { reason, message: message.clone(), retry_after_ms: 0 });
        entry.feed.event(GenericEventType::Failed, Some(&message), Some(serde_json::json!({ "code": code })));
        table.note(id, "job_blocked", Some(message));
        history::ended(table, id, inner.options.max_ended);
        return;
    }
    let now = clock::iso(unix_ms());
    let tenant = entry.record.tenant_id.clone();
    entry.go(GenericState::Scheduled);
    entry.feed.event(GenericEventType::Scheduled, None, None);
    entry.go(GenericState::Running);
    entry.record.backpressure = None;
    entry.record.scheduled_at = Some(now.clone());
    entry.record.started_at = Some(now.clone());
    entry.record.reservation =
        Some(Reservation { id: mint("rsv"), tenant_id: tenant.clone(), reserved_at: now, released_at: None });
    let cancel = CancellationToken::new();
    let run = Run {
        job_id: id.to_owned(),
        job: entry.job.clone(),
        feed: entry.feed.clone(),
        store: inner.store.clone(),
        runners: inner.runners.clone(),
        timeout: inner.options.timeout,
        cancel: cancel.clone(),
    };
    let active = Active {
        request_id: entry.record.request_id.clone(),
        job_type: entry.job.kind.job_type,
        tenant_id: tenant.clone(),
        cancel,
    };
    table.slots_given += 1;
    table.served.insert(tenant, table.slots_given);
    table.running.insert(id.to_owned(), active);
    for action in ["job_scheduled", "reservation_created", "job_started"] {
        table.note(id, action, None);
    }
    tokio::spawn({
        let (inner, id) = (inner.clone(), id.to_owned());
        async move {
            // A runner that panics must not keep its slot.
            let result = tokio::spawn(run.run()).await.unwrap_or_else(|_| panicked(&id));
            inner.ended(&id, result);
        }
    });
}

impl Inner {
    /// A queued job's run has ended.
    fn ended(self: &Arc<Self>, id: &str, result: GenericResult) {
        let mut table = self.lock();
        table.running.remove(id);
        if let Some(entry) = table.entries.get_mut(id) {
            let now = clock::iso(unix_ms());
            if let Some(reservation) = &mut entry.record.reservation {
                reservation.released_at = Some(now);
            }
            entry.record.artifacts.clone_from(&result.artifacts);
            let retry = &mut entry.record.retry;
            let code = result.error.as_ref().map(|error| error.code.clone()).unwrap_or_default();
            let again = retry.retryable_error_codes.contains(&code) && retry.retry_count < retry.max_retries;
            let status = result.status;
            entry.record.result = Some(result);
            if again {
                let pause =
                    Backoff::capped(FIRST_PAUSE * 2_u32.pow(retry.retry_count.min(5)), Backoff::CAP).next_delay();
                let at = unix_ms() + i64::try_from(pause.as_millis()).unwrap_or(0);
                retry.retry_count += 1;
                retry.next_retry_at = Some(clock::iso(at));
                entry.retry_ms = Some(at);
                entry.go(GenericState::Retrying);
            } else {
                entry.go(match status {
                    GenericStatus::Succeeded => GenericState::Succeeded,
                    GenericStatus::Failed => GenericState::Failed,
                    GenericStatus::Cancelled => GenericState::Cancelled,
                });
            }
            let end = lifecycle::is_end(entry.record.state);
            table.note(id, "reservation_released", None);
            let cancelled = status == GenericStatus::Cancelled;
            table.note(
                id,
                if cancelled { "job_cancelled" } else { "job_completed" },
                Some(code).filter(|c| !c.is_empty()),
            );
            if again {
                table.note(id, "job_retry_scheduled", None);
            }
            if end {
                history::ended(&mut table, id, self.options.max_ended);
            }
        }
        dispatch(self, &mut table);
        drop(table);
        self.changed.notify_waiters();
        self.changed.notify_one();
    }
}

/// The result of a run that went down with its task.
pub(super) fn panicked(id: &str) -> GenericResult {
    tracing::error!(job_id = id, "the run of a generic job panicked");
    let message = "the node failed while it ran the job; its log has more".to_owned();
    GenericResult {
        job_id: id.to_owned(),
        status: GenericStatus::Failed,
        exit_code: None,
        started_at: None,
        finished_at: Some(clock::iso(unix_ms())),
        artifacts: Vec::new(),
        metrics: serde_json::Map::new(),
        error: Some(crate::wire::node::generic::GenericError {
            code: "runner_error".to_owned(),
            message,
            retryable: false,
        }),
    }
}
