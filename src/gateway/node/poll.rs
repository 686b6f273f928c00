//! `POST /jobs/poll`: hands out jobs, now or as soon as there are some.

use super::handout::hand_out;
use super::release::OnTheirWay;
use crate::base::unix_ms;
use crate::gateway::auth::{NodeCaller, removed};
use crate::gateway::models::canonical;
use crate::gateway::presence::TELL_AGAIN;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{Claim, JobRecord, StoreError};
use crate::gateway::wake::PollWait;
use crate::wire::PROTOCOL;
use crate::wire::node::{CancelJob, Job, PollRequest, PollResponse};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// However many slots a node says it has, it gets no more than this at once.
const MOST_JOBS: u32 = 64;
/// However many agents a node excludes, no more than this are looked at: as many as nodes send.
const MOST_EXCLUDED: usize = 64;

pub(crate) async fn poll(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let (caller, request) = gateway
        .node_call(&headers, body, gateway.config.max_json_bytes, |request: &PollRequest| &request.node_id)
        .await?;
    caller.current(request.instance_id.as_deref())?;
    ok(&Poll::new(&gateway, caller, request).answer().await?)
}

/// One poll while it is held. Dropping it (its node went away) leaves nothing behind: see [`OnTheirWay`].
struct Poll<'a> {
    gateway: &'a Arc<Gateway>,
    caller: NodeCaller,
    request: PollRequest,
    protocol: u32,
    limit: u32,
    grace_ms: u64,
}

impl<'a> Poll<'a> {
    fn new(gateway: &'a Arc<Gateway>, caller: NodeCaller, request: PollRequest) -> Self {
        let protocol = request.runtime_protocol_version.unwrap_or(1).clamp(1, PROTOCOL);
        let most = if protocol < 2 { 1 } else { MOST_JOBS };
        let drained = request.capacity.drain_mode || caller.node.drain;
        let limit = if drained { 0 } else { request.capacity.free_slots.min(most) };
        let config = &gateway.config;
        let grace = if protocol < 2 { config.lease_grace_protocol_1 } else { config.lease_grace };
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        Self { gateway, caller, request, protocol, limit, grace_ms }
    }

    async fn answer(mut self) -> Result<PollResponse, Refusal> {
        let gateway = self.gateway;
        let (node_id, drain) = (self.caller.node.id.clone(), self.caller.node.drain);
        let hold = Duration::from_millis(self.request.wait_ms).min(gateway.config.max_hold);
        let mut deadline = Instant::now() + hold;
        gateway.presence.told_free(&node_id, self.limit);
        let _seen = gateway.presence.polling(&node_id, gateway.config.heartbeat_timeout);
        let waiting = gateway.wake.poll(&node_id, self.limit > 0);
        let mut claim = true;
        loop {
            if gateway.presence.has_left(&node_id, self.request.instance_id.as_deref()) {
                return Ok(self.nothing(drain));
            }
            if claim && self.limit > 0 {
                let claimed = self.claim(&waiting).await?;
                if !claimed.jobs().is_empty() {
                    // A busy node must hear of cancels too. Failing to read them must not lose the jobs.
                    let cancel = self.cancels().await.unwrap_or_default();
                    return Ok(self.jobs(claimed.arrive(), cancel));
                }
            }
            let cancel = self.cancels().await?;
            if gateway.presence.news(&node_id, &cancel) {
                gateway.presence.told(&node_id, &cancel);
                return Ok(PollResponse { cancel, drain, ..PollResponse::default() });
            }
            if !cancel.is_empty() {
                deadline = deadline.min(Instant::now() + TELL_AGAIN);
            }
            let woken = tokio::select! {
                woken = waiting.woken() => woken,
                () = tokio::time::sleep_until(deadline) => return Ok(self.nothing(drain)),
                () = gateway.shutdown.draining().cancelled() => return Ok(self.nothing(drain)),
            };
            claim = woken.claim;
            if woken.node_changed {
                // Removed, superseded or drained meanwhile?
                let node = gateway.store.node(&node_id).await?.filter(|node| node.removed_ms.is_none());
                let node = Arc::new(node.ok_or_else(|| removed(&node_id))?);
                // Other jobs may fit other labels.
                claim |= node.labels != self.caller.node.labels;
                self.caller.node = node;
                self.caller.current(self.request.instance_id.as_deref())?;
                if self.caller.node.drain != drain {
                    return Ok(self.nothing(self.caller.node.drain));
                }
            }
        }
    }

    /// The agents that shall not get another job, as their names are compared.
    fn excluded(&self) -> Vec<String> {
        let names = self.request.capacity.excluded_agent_slugs.iter().flatten();
        names.take(MOST_EXCLUDED).map(|name| canonical(name)).filter(|name| !name.is_empty()).collect()
    }

    /// The open cancels. Protocol 1 knows none.
    async fn cancels(&self) -> Result<Vec<CancelJob>, Refusal> {
        if self.protocol < 2 {
            return Ok(Vec::new());
        }
        self.gateway.open_cancels(&self.caller.node.id).await
    }

    /// On a task of its own: a claim whose poll went away in the middle must be given back.
    async fn claim(&self, waiting: &PollWait) -> Result<OnTheirWay, Refusal> {
        let claim = Claim {
            node_id: self.caller.node.id.clone(),
            labels: self.caller.node.labels.clone(),
            protocol: self.protocol,
            limit: self.limit,
            max_priority: self.request.capacity.max_requested_priority,
            excluded_agents: self.excluded(),
            grace_ms: self.grace_ms,
        };
        let gateway = Arc::clone(self.gateway);
        let claiming = tokio::spawn(async move {
            let node_id = claim.node_id.clone();
            let jobs = gateway.store.claim(claim, unix_ms()).await?;
            Ok::<_, StoreError>(OnTheirWay::new(gateway, node_id, jobs))
        });
        let claimed = claiming.await.map_err(|fault| Refusal::internal("no job could be claimed", fault))??;
        waiting.settle(claimed.jobs().iter().filter(|record| record.job.node_id.is_none()).count());
        Ok(claimed)
    }

    fn jobs(&self, records: Vec<JobRecord>, cancel: Vec<CancelJob>) -> PollResponse {
        if !cancel.is_empty() {
            self.gateway.presence.told(&self.caller.node.id, &cancel);
        }
        self.gateway.presence.handed(&self.caller.node.id, records.len());
        let hand_out = |record: JobRecord| {
            tracing::debug!(node_id = self.caller.node.id, job_id = record.id, epoch = record.epoch, "job handed out");
            hand_out(record, &self.caller.node.id, self.grace_ms)
        };
        let mut jobs: Vec<Job> = records.into_iter().map(hand_out).collect();
        let job = if self.protocol < 2 { jobs.pop() } else { None };
        PollResponse { job, jobs, cancel, drain: self.caller.node.drain, ..PollResponse::default() }
    }

    fn nothing(&self, drain: bool) -> PollResponse {
        PollResponse { drain, ..PollResponse::default() }
    }
}
