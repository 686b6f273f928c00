//! A request to a model while its caller waits: a job of the node that answers, cancelled when the caller goes away.

use super::caller::ModelCaller;
use super::completion::with_model;
use super::failed::ModelFailure;
use super::offer::Offer;
use super::request::ModelRequest;
use super::resolve::unavailable;
use crate::base::unix_ms;
use crate::gateway::callers::nodes::Standing;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{CancelOutcome, Enqueued, JobRecord, NewJob};
use crate::gateway::wake::JobWait;
use crate::wire::gateway::JobState;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an answer may take once its node has begun, milliseconds.
const TIMEOUT_MS: u64 = 3_600_000;
/// How long a request waits for a slot of a node that is there, milliseconds.
const QUEUE_TIMEOUT_MS: u64 = 600_000;
/// How often it is looked whether the node is still there.
const LOOK: Duration = Duration::from_secs(1);

/// A job whose caller waits for a model's answer. Dropped before its end, it is cancelled.
pub(crate) struct Asked {
    pub(super) gateway: Arc<Gateway>,
    pub(super) id: String,
    pub(super) request: ModelRequest,
    offer: Offer,
    changes: JobWait,
    ended: bool,
}

impl Gateway {
    /// Finds the agent and gives its node the job.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        caller: &ModelCaller,
        request: ModelRequest,
    ) -> Result<Asked, ModelFailure> {
        let offer = self.resolve(caller, &request.model, request.operation).await?;
        let job = NewJob {
            caller: Some(caller.key.id.clone()),
            node_id: Some(offer.node.id.clone()),
            operation: request.operation.to_owned(),
            params: request.params(&offer),
            min_protocol: 1,
            priority: request.priority,
            timeout_ms: TIMEOUT_MS,
            queue_timeout_ms: QUEUE_TIMEOUT_MS,
            // An answer to a poll that was lost is made good; an answer that has begun to come is not given twice.
            max_attempts: 3,
            repeatable: false,
            durable: false,
            ..NewJob::default()
        };
        let (sender, receiver) = oneshot::channel();
        let gateway = Arc::clone(self);
        // On a task of its own: a caller that goes away in the middle must not leave a job without its guard.
        tokio::spawn(async move {
            let asked = match gateway.store.enqueue(job, unix_ms()).await {
                Ok(Enqueued::New(record) | Enqueued::Existing(record)) => {
                    let changes = gateway.wake.job(&record.id);
                    Ok(Asked { gateway, id: record.id, request, offer, changes, ended: false })
                }
                Ok(Enqueued::Mismatch(_)) => Err(Refusal::internal("the job was not queued", "no idempotency").into()),
                Err(error) => Err(error.into()),
            };
            let _ = sender.send(asked);
        });
        receiver.await.map_err(|gone| Refusal::internal("the job was not queued", gone))?
    }
}

impl Asked {
    /// The whole answer.
    pub(crate) async fn answer(mut self) -> Result<Value, ModelFailure> {
        loop {
            let record = self.look().await?;
            if record.state.is_terminal() {
                return self.answer_of(record);
            }
            self.wait(&record).await?;
        }
    }

    /// The answer of a job that has ended.
    pub(super) fn answer_of(&self, record: JobRecord) -> Result<Value, ModelFailure> {
        if record.state != JobState::Succeeded {
            return Err(ModelFailure::of(&record));
        }
        match record.answer {
            Some(answer @ Value::Object(_)) => Ok(with_model(answer, &self.request.model)),
            _ => Err(ModelFailure::new(502, "upstream_error", "the node says that it succeeded, but sent no answer")
                .detail("job_id", record.id)),
        }
    }

    /// The job as it is now.
    pub(super) async fn look(&mut self) -> Result<JobRecord, ModelFailure> {
        let Some(record) = self.gateway.store.job(&self.id).await? else {
            self.ended = true;
            return Err(ModelFailure::new(502, "upstream_error", "the request is no longer known")
                .detail("job_id", self.id.clone()));
        };
        self.ended = record.state.is_terminal();
        Ok(record)
    }

    /// Waits for a change of a job that was as `record` says; fails when its node is gone or the gateway ends.
    pub(super) async fn wait(&mut self, record: &JobRecord) -> Result<(), ModelFailure> {
        tokio::select! {
            () = self.changes.changed() => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
            () = self.gateway.shutdown.draining().cancelled() => {
                return Err(ModelFailure::new(503, "upstream_error", "the gateway ends").detail("job_id", self.id.clone()));
            }
        }
        let node = self.gateway.node(&self.offer.node.id).await?;
        let standing = self.gateway.standing(&node);
        let hopeless = match record.state {
            JobState::Queued => standing != Standing::Ready,
            _ => matches!(standing, Standing::Unreachable | Standing::Removed),
        };
        if hopeless {
            // The store decides whether the node was a moment faster.
            if let CancelOutcome::AlreadyEnded(_) = self.gateway.store.cancel(&self.id, unix_ms()).await? {
                return Ok(());
            }
            let offer = Offer { standing, ..self.offer.clone() };
            return Err(unavailable(&self.request.model, &offer).detail("job_id", self.id.clone()));
        }
        Ok(())
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let (store, id) = (Arc::clone(&self.gateway.store), std::mem::take(&mut self.id));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            match store.cancel(&id, unix_ms()).await {
                Ok(_) => tracing::debug!(job_id = id, "cancelled: its caller waits no longer"),
                Err(error) => tracing::warn!(job_id = id, %error, "cannot cancel the job of a caller that went away"),
            }
        });
    }
}
