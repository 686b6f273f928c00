//! `/start`: the last question before a job runs.

use super::running::RunningJob;
use super::shared::Shared;
use crate::base::Retry;
use crate::client::{CallError, CallErrorKind};
use crate::wire::node::{Job, LeaseClaim, StartRequest};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Why a job without a lease ends before it begins, in protocol 1's word for everything that lies between node and gateway.
pub(super) const NOT_ACKNOWLEDGED: &str = "upstream_error";

/// Whether the job may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// It may.
    Started,
    /// Its caller no longer wants it.
    Cancelled,
    /// It must not be run here: nothing is reported, the gateway knows or will find out by itself.
    Dropped(&'static str),
}

/// Asks until the gateway answers, for as long as the lease stands: one failed call does not fail a job.
///
/// Once a question may have arrived, it is asked beyond that: a gateway that said yes without being heard takes the job for
/// begun, and would give it up as lost however soon the link is back. What it says then is right in any case.
pub(super) async fn begin(shared: &Shared, entry: &RunningJob, job: &Job) -> Begin {
    let mut in_doubt = false;
    let mut backoff = shared.intervals.backoff();
    let asked = Instant::now();
    loop {
        if !in_doubt && entry.ends_at() <= Instant::now() {
            return Begin::Dropped("lease_ended");
        }
        if !entry.ask() {
            return Begin::Cancelled;
        }
        let request = request(shared, entry, job);
        let reply = tokio::select! {
            biased;
            () = entry.token.cancelled() => return unwanted(entry),
            reply = shared.client.start(&entry.job_id, &request) => reply,
        };
        let error = match reply {
            Ok(reply) => {
                shared.saw_success("start");
                if let Some(ttl) = reply.ttl_ms {
                    entry.renewed(Duration::from_millis(ttl));
                }
                return Begin::Started;
            }
            Err(error) => error,
        };
        entry.asked_in_vain();
        shared.saw_error(&error);
        if shared.leaving.load(Ordering::Relaxed) && entry.give_back() {
            // The poll loop gave back the others and passed this one by, because its start was under way.
            shared.release(vec![LeaseClaim { job_id: entry.job_id.clone(), epoch: entry.epoch() }], true).await;
            return Begin::Cancelled;
        }
        if let Some(why) = refused(&error) {
            if why == "lease_stale" && request.epoch != entry.lease().map(|lease| lease.epoch) {
                continue; // handed out again meanwhile: that attempt may be ours
            }
            if why == "start_refused" && entry.lease().is_none() {
                return unacknowledged(entry);
            }
            return Begin::Dropped(why);
        }
        if entry.lease().is_none() && asked.elapsed() >= shared.intervals.start_without_lease {
            return unacknowledged(entry);
        }
        in_doubt |= !error.is_connect();
        tracing::debug!(job = %entry.job_id, %error, "start not acknowledged yet");
        wait(shared, entry, delay(&error, backoff.next_delay())).await;
    }
}

/// Without a lease nothing tells the gateway that the job does not run, unless the node does.
fn unacknowledged(entry: &RunningJob) -> Begin {
    entry.cancel(NOT_ACKNOWLEDGED);
    Begin::Cancelled
}

/// Why it does not begin. A lease that is over is no wish of the caller: the gateway has put the job back, and a result from
/// here would end what another attempt is to do.
fn unwanted(entry: &RunningJob) -> Begin {
    match entry.cancelled() {
        Some(why @ "lease_stale") => Begin::Dropped(why),
        _ => Begin::Cancelled,
    }
}

/// Sleeps, but no longer than the lease (still) stands, the caller wants the job, or the link is away.
pub(super) async fn wait(shared: &Shared, entry: &RunningJob, delay: Duration) {
    let left = entry.ends_at().saturating_duration_since(Instant::now());
    let delay = if left.is_zero() { delay } else { delay.min(left) };
    tokio::select! {
        () = tokio::time::sleep(delay) => {}
        () = entry.token.cancelled() => {}
        () = shared.link.next_beat() => {}
    }
}

/// The wait that an error asks for.
pub(super) fn delay(error: &CallError, backoff: Duration) -> Duration {
    match error.retry {
        Retry::After(wait) => wait.min(crate::base::Backoff::CAP),
        Retry::Never | Retry::Backoff => backoff,
    }
}

/// Why an error is the gateway's last word on whether the job may run. 401 and 404 are not: the node's standing is what is
/// wrong then, and it may mend while the lease stands.
fn refused(error: &CallError) -> Option<&'static str> {
    match &error.kind {
        CallErrorKind::Status { status: 409, .. } => Some("lease_stale"),
        CallErrorKind::Gone { .. } => Some("node_removed"),
        CallErrorKind::Unauthorized { .. } | CallErrorKind::Status { status: 404, .. } => None,
        _ if error.retry == Retry::Never => Some("start_refused"),
        _ => None,
    }
}

fn request(shared: &Shared, entry: &RunningJob, job: &Job) -> StartRequest {
    let text = |key: &str| job.rest.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
    StartRequest {
        node_id: shared.node_id.clone(),
        agent_slug: text("agent_slug").unwrap_or_default(),
        source_agent_slug: text("source_agent_slug"),
        model: text("model").unwrap_or_default(),
        epoch: entry.lease().map(|lease| lease.epoch),
        instance_id: entry.lease().map(|_| shared.instance_id.clone()),
    }
}
