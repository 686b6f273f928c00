//! What a gateway does without being asked: hands wake-ups on, ends what ran out of time, sweeps bodies nobody needs.

use super::presence::millis;
use super::shared::Gateway;
use super::store::{Reaped, StoreError, Wakeup};
use crate::base::unix_ms;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

const REAP_EVERY: Duration = Duration::from_secs(1);
/// A look that comes this much too late means that the gateway did not run.
const AWAY: Duration = Duration::from_secs(5);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// The first sweep comes soon, for gateways that never live for an hour.
const FIRST_SWEEP: Duration = Duration::from_secs(300);

/// Wakes requests for what the store says, until the store is gone.
pub(crate) async fn dispatch(gateway: Arc<Gateway>, mut wakeups: mpsc::UnboundedReceiver<Wakeup>) {
    while let Some(wakeup) = wakeups.recv().await {
        if let Wakeup::NodeChanged { node_id } = &wakeup {
            gateway.presence.expect_cancels(node_id);
        }
        gateway.wake.dispatch(&wakeup);
    }
}

/// Ends what ran out of time.
pub(crate) struct ReapLoop {
    gateway: Arc<Gateway>,
    /// When it last looked, on the wall clock, which leases are kept by.
    looked_ms: i64,
}

impl ReapLoop {
    pub(crate) fn new(gateway: Arc<Gateway>, now_ms: i64) -> Self {
        Self { gateway, looked_ms: now_ms }
    }

    /// Looks every second.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(REAP_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => return,
            }
            match self.step(unix_ms()).await {
                Ok(reaped) => {
                    for job in reaped {
                        tracing::info!(job_id = job.job_id, state = %job.state, reason = job.reason, "job ran out of time");
                    }
                }
                Err(error) => tracing::error!(%error, "cannot end what ran out of time"),
            }
            self.looked_ms = unix_ms();
        }
    }

    /// Looks once. Nodes could not renew while the gateway was stopped or its machine slept, and cannot know of a clock
    /// that was set: then they get a new term first.
    async fn step(&mut self, now_ms: i64) -> Result<Vec<Reaped>, StoreError> {
        let away_ms = now_ms - self.looked_ms;
        if away_ms > millis(REAP_EVERY + AWAY) {
            tracing::warn!(away_ms, "the gateway stood still, or its clock was set: every lease gets a new term");
            self.gateway.extend_leases(now_ms).await?;
        }
        self.looked_ms = now_ms;
        self.gateway.store.reap(now_ms).await
    }
}

impl Gateway {
    /// Gives every lease a new term, because no node could renew.
    pub(crate) async fn extend_leases(&self, now_ms: i64) -> Result<(), StoreError> {
        let until = now_ms + millis(self.config.lease_ttl * 2);
        self.store.extend_leases(until, now_ms + millis(self.config.lease_grace)).await
    }
}

/// Removes bodies that nobody needs, every hour.
pub(crate) async fn sweep(gateway: Arc<Gateway>, stop: CancellationToken) {
    let mut pause = FIRST_SWEEP;
    while tokio::time::timeout(pause, stop.cancelled()).await.is_err() {
        pause = SWEEP_EVERY;
        match gateway.blobs.sweep(gateway.store.as_ref()).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "removed bodies that no job refers to"),
            Err(refusal) => {
                tracing::warn!(cause = refusal.cause.as_deref(), "cannot sweep bodies: {}", refusal.failure)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::blobs::Blobs;
    use crate::gateway::config::GatewayConfig;
    use crate::gateway::store::{Claim, NewJob, NewNode, SqliteStore, Store};

    #[tokio::test]
    async fn a_gateway_that_stood_still_does_not_hold_it_against_its_nodes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&dir.path().join("gateway.db")).await.unwrap());
        let blobs = Blobs::open(&dir.path().join("blobs")).unwrap();
        let mut config = GatewayConfig::new(([127, 0, 0, 1], 0).into(), dir.path());
        config.lease_ttl = Duration::from_secs(30);
        let gateway = Arc::new(Gateway::new(config, store.clone(), blobs));
        let now = 1_800_000_000_000;
        let node = NewNode {
            id: None,
            fingerprint: "sha256:a".into(),
            name: "a".into(),
            labels: Default::default(),
            token_hash: "t".into(),
            version: "1".into(),
            protocol: 2,
            slots: 1,
        };
        let node = store.join_node(node, now).await.unwrap().0;
        let job = NewJob {
            durable: true,
            queue_timeout_ms: 60_000,
            timeout_ms: 7_200_000,
            max_attempts: 1,
            ..NewJob::default()
        };
        store.enqueue(job, now).await.unwrap();
        let claim = Claim {
            node_id: node.id.clone(),
            labels: Default::default(),
            protocol: 2,
            limit: 1,
            max_priority: None,
            excluded_agents: Vec::new(),
            grace_ms: 10_000,
        };
        let id = store.claim(claim, now).await.unwrap().remove(0).id;
        store.start(&id, &node.id, Some(1), 30_000, now).await.unwrap();

        let mut reaper = ReapLoop::new(gateway, now);
        let (hour, second) = (3_600_000, 1_000);
        assert!(reaper.step(now + hour).await.unwrap().is_empty(), "its node could not renew");
        for n in 1..60 {
            assert!(reaper.step(now + hour + n * second).await.unwrap().is_empty());
        }
        assert_eq!(reaper.step(now + hour + 60 * second).await.unwrap()[0].reason, "lease_expired");
    }
}
