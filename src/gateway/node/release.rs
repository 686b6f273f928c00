//! `POST /jobs/release`: a node gives back what it has not begun.

use crate::base::unix_ms;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::JobRecord;
use crate::wire::node::{LeaseClaim, ReleaseRequest, ReleaseResponse};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn release(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let (caller, request) = gateway
        .node_call(&headers, body, gateway.config.max_json_bytes, |request: &ReleaseRequest| &request.node_id)
        .await?;
    caller.current(request.instance_id.as_deref())?;
    let node_id = &caller.node.id;
    if let Some(instance) = request.instance_id.filter(|_| request.leaving) {
        // Before its held poll is woken, so that it takes nothing more.
        gateway.presence.leave(node_id, instance);
        gateway.wake.node_changed(node_id);
    }
    for job in gateway.store.give_back(node_id, &request.leases, unix_ms()).await? {
        tracing::debug!(node_id, job_id = job.job_id, state = %job.state, "given back");
    }
    ok(&ReleaseResponse { accepted: true })
}

/// Jobs that were leased to a node and are on their way to it. Dropped on the way (the node went away), they are queued
/// again at once.
pub(crate) struct OnTheirWay {
    gateway: Arc<Gateway>,
    node_id: String,
    jobs: Vec<JobRecord>,
}

impl OnTheirWay {
    pub(crate) fn new(gateway: Arc<Gateway>, node_id: String, jobs: Vec<JobRecord>) -> Self {
        Self { gateway, node_id, jobs }
    }

    pub(crate) fn jobs(&self) -> &[JobRecord] {
        &self.jobs
    }

    /// They go into the answer.
    pub(crate) fn arrive(mut self) -> Vec<JobRecord> {
        std::mem::take(&mut self.jobs)
    }
}

impl Drop for OnTheirWay {
    fn drop(&mut self) {
        let leases = self.jobs.iter().map(|job| LeaseClaim { job_id: job.id.clone(), epoch: job.epoch });
        let leases: Vec<_> = leases.collect();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if leases.is_empty() {
            return;
        }
        let (gateway, node_id) = (Arc::clone(&self.gateway), std::mem::take(&mut self.node_id));
        runtime.spawn(async move {
            if let Err(error) = gateway.store.give_back(&node_id, &leases, unix_ms()).await {
                tracing::warn!(node_id, %error, "jobs whose poll was gone stay leased for their grace");
            }
        });
    }
}
