//! What the loops share: who the node is, how it stands, what runs.

use super::catalog::Catalog;
use super::deliver::Delivery;
use super::executor::Executor;
use super::health::{Health, iso};
use super::intervals::Intervals;
use super::link::{Link, Mismatch, Over};
use super::progress::Progress;
use super::running::{Running, RunningJob};
use super::slots::Slots;
use crate::base::unix_ms;
use crate::client::{CallError, CallErrorKind, NodeClient};
use crate::state::{Credentials, LastJob, NodeConfig, StatusBoard};
use crate::wire::node::{CancelJob, ClientId, Lease, LeaseClaim, Lifecycle, ReleaseRequest, ResultRequest};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};
use tokio::sync::mpsc;

/// What the loops share.
pub(super) struct Shared {
    pub(super) node_id: String,
    pub(super) version: String,
    pub(super) instance_id: String,
    pub(super) config: NodeConfig,
    pub(super) credentials: Credentials,
    pub(super) client: NodeClient,
    pub(super) executor: Arc<dyn Executor>,
    pub(super) board: Arc<StatusBoard>,
    pub(super) slots: Slots,
    /// The agents that the gateway is told of.
    pub(super) catalog: Catalog,
    /// Callers other than the owner, as the settings have them now.
    pub(super) clients: Mutex<Vec<ClientId>>,
    pub(super) link: Link,
    pub(super) running: Running,
    /// Jobs that have ended and whose results are on their way: their leases are kept too.
    pub(super) delivering: Running,
    pub(super) health: Health,
    pub(super) intervals: Intervals,
    pub(super) progress: Arc<Progress>,
    pub(super) outbox: PathBuf,
    pub(super) deliveries: mpsc::UnboundedSender<Delivery>,
    /// The process is on its way out.
    pub(super) leaving: AtomicBool,
}

impl Shared {
    /// Takes in what a failed call says about the node's standing. The one place where a status becomes a state.
    pub(super) fn saw_error(&self, error: &CallError) {
        if error.conflict() == Some("instance_superseded") {
            self.link.end(Over::Superseded);
            self.board.condition("link", false, "superseded", "a newer instance of this node took over at the gateway");
        }
        match &error.kind {
            CallErrorKind::Unauthorized { .. } => {
                if !self.link.standing().unauthorized {
                    tracing::error!(
                        call = error.call,
                        "the gateway does not accept this node's token: run `waypost node setup`"
                    );
                    self.link.change(|standing| standing.unauthorized = true);
                    self.link.beat_now.notify_one(); // heartbeats find out whether it stays so
                }
                let message = "the gateway does not accept this node's token: run `waypost node setup` with a key";
                self.board.condition("link", false, "unauthorized", message);
            }
            CallErrorKind::Gone { code, .. } => {
                if !self.link.standing().removed {
                    tracing::warn!(call = error.call, "the gateway removed this node; asking again every 15 minutes");
                    self.link.change(|standing| standing.removed = true);
                }
                let message = "the gateway removed this node: run `waypost node setup` with a key to join again";
                self.board.condition("link", false, "removed", message);
                // Without these words it may be undone by whoever did it.
                // Gateways of protocol 1 undo a removal, whatever they say.
                if code.as_deref() == Some("node_removed") && self.link.standing().protocol != 1 {
                    self.link.end(Over::Removed);
                }
            }
            CallErrorKind::Status { status: 404, .. } => self.saw_mismatch(error.call),
            _ => {}
        }
        self.refresh_state();
    }

    /// Takes in that a call succeeded.
    pub(super) fn saw_success(&self, call: &str) {
        if self.link.forget_mismatch(call) {
            tracing::info!(call, "the gateway knows the call again");
            self.board.condition("protocol", true, "matches", "the gateway knows the calls of this node");
        }
    }

    fn saw_mismatch(&self, call: &'static str) {
        let message = format!("{} does not know the call `{call}` (404); trying again", self.client.gateway());
        if self.link.standing().mismatch.is_none() {
            tracing::warn!(call, "the gateway does not know this call (404); trying again");
            self.health.failed("self_hosted_protocol_mismatch");
        }
        let lifecycle = Lifecycle {
            status: "degraded".to_owned(),
            reason: "self_hosted_protocol_mismatch".to_owned(),
            message,
            updated_at: iso(SystemTime::now()),
        };
        self.board.condition("protocol", false, &lifecycle.reason, lifecycle.message.clone());
        self.link.change(|standing| {
            standing.mismatch = Some(Mismatch { call, lifecycle, seen: Instant::now() });
        });
    }

    /// Ends the jobs that a caller no longer wants. Whether that was news.
    pub(super) fn apply_cancels(&self, cancels: &[CancelJob]) -> bool {
        let mut news = false;
        for cancel in cancels {
            if let Some(job) = self.running.get(&cancel.job_id)
                && cancel.epoch >= job.epoch()
            {
                tracing::info!(job = %cancel.job_id, "cancelled by its caller");
                news |= job.cancel("cancel_requested");
            }
        }
        news
    }

    /// Every job whose lease is to be kept.
    pub(super) fn held(&self) -> Vec<Arc<RunningJob>> {
        let mut held = self.running.all();
        held.extend(self.delivering.all());
        held
    }

    /// The job of that lease, while it is kept.
    pub(super) fn holder(&self, job_id: &str, epoch: u64) -> Option<Arc<RunningJob>> {
        let here = [self.running.get(job_id), self.delivering.get(job_id)];
        here.into_iter().flatten().find(|job| job.epoch() == epoch)
    }

    /// A job's result is on its way: its lease is kept until it has arrived.
    pub(super) fn keep_lease(&self, job_id: &str, lease: Option<Lease>) {
        if self.delivering.adopt(job_id, lease.clone()).is_none() {
            self.delivering.add(job_id, lease);
        }
        self.running.added.notify_one(); // where the lease loop listens
    }

    /// Gives jobs back. When that fails, the gateway finds out by the end of their leases.
    pub(super) async fn release(&self, leases: Vec<LeaseClaim>, leaving: bool) -> bool {
        if self.link.standing().protocol < 2 {
            return false;
        }
        let (node_id, instance_id) = (self.node_id.clone(), Some(self.instance_id.clone()));
        let released = self.client.release(&ReleaseRequest { node_id, instance_id, leases, leaving }).await;
        released.inspect_err(|error| tracing::debug!(%error, "jobs are not given back")).is_ok()
    }

    /// Whether the node takes no new jobs, for whatever reason.
    pub(super) fn draining(&self) -> bool {
        let standing = self.link.standing();
        self.leaving.load(Ordering::Relaxed) || standing.drained || standing.drain
    }

    /// Slots that a poll could fill.
    pub(super) fn free_slots(&self) -> u32 {
        if self.draining() { 0 } else { self.slots.free().saturating_sub(self.slots.queued()) }
    }

    /// Whether every part but the link is as it should be; a heartbeat that arrives proves the link.
    pub(super) fn healthy(&self) -> bool {
        self.link.standing().mismatch.is_none()
            && self.board.snapshot().conditions.iter().all(|condition| condition.ok || condition.kind == "link")
    }

    /// Publishes how a job ended.
    pub(super) fn note_end(&self, result: &ResultRequest) {
        let state = result.state.map_or_else(|| result.status.clone(), |state| state.to_string());
        let job = LastJob {
            id: result.job_id.clone(),
            operation: result.operation.clone().unwrap_or_else(|| "chat.completions".to_owned()),
            state,
            reason: result.reason.clone().unwrap_or_default(),
            ended_ms: unix_ms(),
        };
        self.board.update(|status| status.last_job = Some(job));
    }

    /// Publishes the node in one word.
    pub(super) fn refresh_state(&self) {
        let standing = self.link.standing();
        let draining = self.draining();
        self.board.update(|status| {
            status.protocol = standing.protocol;
            status.drained = standing.drained;
            status.active_jobs = self.slots.active();
            status.queued_jobs = self.slots.queued();
            // What ended it stays said, whatever an answer that was on its way says after it.
            let word = if let Some(over) = self.link.over() {
                over.word()
            } else if standing.unauthorized {
                "unauthorized"
            } else if standing.removed {
                "removed"
            } else if standing.protocol == 0 || status.condition("claims").is_none() {
                "starting"
            } else if draining {
                "draining"
            } else if standing.mismatch.is_some() || status.conditions.iter().any(|condition| !condition.ok) {
                "degraded"
            } else {
                "online"
            };
            word.clone_into(&mut status.state);
        });
    }
}
