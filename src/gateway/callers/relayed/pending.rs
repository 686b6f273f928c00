//! A job whose caller waits.

use super::{MARGIN, ready};
use crate::base::unix_ms;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{CancelOutcome, Enqueued, JobRecord, NewJob};
use crate::wire::gateway::JobState;
use crate::wire::v1::ErrorCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long an ending gateway still waits for the results of relayed requests.
const LAST_RESULTS: Duration = Duration::from_secs(1);

/// A job whose caller waits. Dropped before its end (the caller went away), it is cancelled.
pub(super) struct Pending {
    gateway: Arc<Gateway>,
    pub(super) record: JobRecord,
    ended: bool,
}

impl Pending {
    pub(super) async fn enqueue(gateway: &Arc<Gateway>, job: NewJob) -> Result<Self, Refusal> {
        let (sender, receiver) = oneshot::channel();
        let gateway = Arc::clone(gateway);
        // On a task of its own: a caller that goes away in the middle must not leave a job without its guard.
        tokio::spawn(async move {
            let queued = match gateway.store.enqueue(job, unix_ms()).await {
                Ok(Enqueued::New(record) | Enqueued::Existing(record)) => Ok(Self { gateway, record, ended: false }),
                Ok(Enqueued::Mismatch(_)) => {
                    Err(Refusal::internal("the job was not queued", "idempotency without a key"))
                }
                Err(error) => Err(error.into()),
            };
            let _ = sender.send(queued);
        });
        receiver.await.map_err(|gone| Refusal::internal("the job was not queued", gone))?
    }

    /// The job at its end.
    pub(super) async fn ended(mut self, queue_deadline: Instant) -> Result<JobRecord, Refusal> {
        let id = self.record.id.clone();
        let mut changes = self.gateway.wake.job(&id);
        // The node ends it in time; this is for a node that renews for ever.
        let last_deadline = queue_deadline + Duration::from_millis(self.record.job.timeout_ms) + MARGIN;
        let mut queued = true;
        loop {
            let Some(record) = self.gateway.store.job(&id).await? else {
                self.ended = true;
                return Err(Refusal::new(ErrorCode::Lost, format!("job {id} is no longer known")));
            };
            if record.state.is_terminal() {
                self.ended = true;
                if record.epoch == 0 && record.answer.is_none() && record.state != JobState::Cancelled {
                    return Err(self.never_taken().await);
                }
                return Ok(record);
            }
            queued &= record.state == JobState::Queued;
            let now = Instant::now();
            if queued && now >= queue_deadline {
                // The store decides whether the node was a moment faster; then its answer is waited for.
                if let CancelOutcome::Ended(_) = self.gateway.store.cancel(&id, unix_ms()).await? {
                    self.ended = true;
                    return Err(self.never_taken().await);
                }
                queued = false;
                continue;
            }
            if now >= last_deadline {
                return Err(Refusal::new(ErrorCode::TimedOut, format!("job {id} did not end in its time")));
            }
            tokio::select! {
                () = changes.changed() => {}
                () = tokio::time::sleep_until(if queued { queue_deadline } else { last_deadline }) => {}
                () = self.gateway.leaving(), if queued => {
                    return Err(Refusal::new(ErrorCode::NodeUnreachable, "the gateway ends before the node took it"));
                }
                () = self.gateway.leaving() => {
                    return Err(Refusal::new(ErrorCode::Lost, format!("the gateway ends while job {id} is {}", record.state))
                        .hint("it may have run wholly, partly or not at all; look before asking again"));
                }
            }
        }
    }

    /// Why the node did not take it, as the node is now.
    async fn never_taken(&self) -> Refusal {
        let id = self.record.job.node_id.clone().unwrap_or_default();
        let waited = self.gateway.config.relay_queue_timeout.as_secs();
        match self.gateway.present_node(&id).await.and_then(|node| ready(&self.gateway, &node)) {
            Err(refusal) if refusal.failure.code == ErrorCode::NodeNotFound => {
                Refusal::new(ErrorCode::NodeUnreachable, "the node was removed")
            }
            Err(refusal) => refusal,
            Ok(()) => Refusal::new(ErrorCode::NodeUnreachable, format!("the node had no free slot for {waited} s"))
                .hint(format!("GET /v1/nodes/{id} says more")),
        }
    }
}

impl Gateway {
    /// Ends a little after the gateway was told to: results that are on their way may still come, new ones can not.
    async fn leaving(&self) {
        self.shutdown.draining().cancelled().await;
        tokio::time::sleep(LAST_RESULTS).await;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let (store, id) = (Arc::clone(&self.gateway.store), self.record.id.clone());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            match store.cancel(&id, unix_ms()).await {
                Ok(_) => tracing::debug!(job_id = id, "cancelled: its caller waits no longer"),
                Err(error) => tracing::warn!(job_id = id, %error, "cannot cancel the job of a caller that went away"),
            }
        });
    }
}
