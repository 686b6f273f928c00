//! Tells the gateway that the node is there, and learns from its reply how to go on.

use super::capabilities::Capabilities;
use super::link::Over;
use super::progress::Watched;
use super::report;
use super::shared::Shared;
use super::start::delay;
use crate::base::{Backoff, Secret, jittered, unix_ms};
use crate::client::{CallError, CallErrorKind};
use crate::wire::PROTOCOL;
use crate::wire::node::HeartbeatResponse;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio_util::sync::CancellationToken;

/// Between heartbeats when neither settings nor gateway say.
const INTERVAL: Duration = Duration::from_secs(30);

/// How long one heartbeat may take: the call's own limit, and reading or storing a token.
const BEAT: Duration = Duration::from_secs(15);

/// So often at least a gateway must refuse the token before the node believes it and ends.
const REFUSALS: u32 = 3;

/// Sends heartbeats.
pub(super) struct HeartbeatLoop {
    shared: Arc<Shared>,
    capabilities: Capabilities,
    /// No heartbeat was answered yet: the next one takes over from any other instance.
    starting: bool,
    failures: Backoff,
    /// Since when, and how often, a gateway has refused the token.
    refused: Option<(Instant, u32)>,
}

impl HeartbeatLoop {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let capabilities = Capabilities::unknown(&shared.node_id, SystemTime::now());
        let failures = shared.intervals.backoff();
        Self { shared, capabilities, starting: true, failures, refused: None }
    }

    /// Beats until `end`.
    pub(super) async fn run(mut self, end: CancellationToken) -> Self {
        let shared = self.shared.clone();
        let progress = &shared.progress;
        let _rests = progress.guard(Watched::Heartbeat);
        loop {
            progress.turn(Watched::Heartbeat, BEAT);
            let pause = tokio::select! {
                biased;
                () = end.cancelled() => return self,
                beat = self.step() => match beat {
                    Ok(()) => self.interval(),
                    Err(error) => self.failed(&error),
                },
            };
            progress.turn(Watched::Heartbeat, pause);
            tokio::select! {
                () = end.cancelled() => return self,
                () = tokio::time::sleep(pause) => {}
                () = self.shared.link.beat_now.notified() => {}
            }
        }
    }

    /// One heartbeat.
    pub(super) async fn step(&mut self) -> Result<(), CallError> {
        if self.shared.link.standing().unauthorized {
            self.reload_token().await;
        }
        let request = report::heartbeat(&self.shared, &self.capabilities, self.starting);
        match self.shared.client.heartbeat(&request).await {
            Ok(reply) => {
                if self.starting || self.failures.failures() > 0 {
                    tracing::info!(gateway = %self.shared.client.gateway(), "the gateway answers");
                }
                self.starting = false;
                self.failures.reset();
                self.refused = None;
                self.apply(reply).await;
                Ok(())
            }
            Err(error) => {
                self.shared.saw_error(&error);
                self.count_refusal(&error);
                Err(error)
            }
        }
    }

    /// A gateway that restarts, or something in front of it, may refuse a good token for a moment: only one that goes on is
    /// believed. A new setup is seen meanwhile.
    fn count_refusal(&mut self, error: &CallError) {
        if !matches!(error.kind, CallErrorKind::Unauthorized { by_gateway: true, .. }) {
            return;
        }
        let (since, times) = self.refused.unwrap_or_else(|| (Instant::now(), 0));
        self.refused = Some((since, times + 1));
        if times + 1 >= REFUSALS && since.elapsed() >= self.shared.intervals.refused {
            self.shared.link.end(Over::Unauthorized);
        }
    }

    async fn apply(&self, reply: HeartbeatResponse) {
        let shared = &self.shared;
        if let Some(token) = reply.runtime_token.map(Secret::new).filter(|token| !token.is_empty()) {
            self.rotate(token).await;
        }
        if self.shared.link.over().is_some() {
            return;
        }
        let protocol = reply.runtime_protocol_version.unwrap_or(1).clamp(1, PROTOCOL);
        let before = shared.link.standing();
        if before.removed || before.unauthorized {
            tracing::info!("the gateway accepts this node again");
        }
        shared.saw_success("heartbeat");
        shared.link.change(|standing| {
            standing.protocol = protocol;
            standing.beats += 1;
            standing.unauthorized = false;
            standing.removed = false;
            standing.drain = reply.drain;
            standing.interval = reply.heartbeat_interval_seconds.map(Duration::from_secs).or(standing.interval);
        });
        shared.apply_cancels(&reply.cancel);
        let message = format!("{} answers, protocol {protocol}", shared.client.gateway());
        shared.board.condition("link", true, "fresh", message);
        shared.board.update(|status| status.last_heartbeat_ms = Some(unix_ms()));
        shared.refresh_state();
    }

    /// Stores the new token, then uses it: the old one works until the new one was used once.
    async fn rotate(&self, token: Secret) {
        let credentials = self.shared.credentials.clone();
        let stored = tokio::task::spawn_blocking({
            let token = token.clone();
            move || credentials.store(&token)
        });
        match stored.await {
            Ok(Ok(())) => {
                tracing::info!("the gateway gave this node a new token");
                self.shared.client.set_token(token);
            }
            Ok(Err(error)) => tracing::error!(%error, "the new token cannot be stored; going on with the old one"),
            Err(fault) => tracing::error!(%fault, "the new token cannot be stored; going on with the old one"),
        }
    }

    /// A new setup may have put another token in place.
    async fn reload_token(&self) {
        let credentials = self.shared.credentials.clone();
        match tokio::task::spawn_blocking(move || credentials.token()).await {
            Ok(Ok(Some(token))) => self.shared.client.set_token(token),
            Ok(Ok(None)) | Err(_) => {}
            Ok(Err(error)) => tracing::error!(%error, "the token cannot be read"),
        }
    }

    fn interval(&self) -> Duration {
        let said = self.shared.link.standing().interval;
        let set = self.shared.config.heartbeat_interval_seconds.map(Duration::from_secs);
        let wanted = said.or(set).unwrap_or(INTERVAL).clamp(Duration::from_secs(1), Duration::from_secs(900));
        jittered(self.shared.intervals.heartbeat.unwrap_or(wanted))
    }

    /// How long to wait after a failure, and what to say meanwhile.
    fn failed(&mut self, error: &CallError) -> Duration {
        let standing = self.shared.link.standing();
        if standing.removed {
            return jittered(self.shared.intervals.removed);
        }
        let mut backoff = self.failures.next_delay();
        if self.refused.is_some() {
            // Whether it stays refused is to be known soon.
            backoff = backoff.min(jittered(self.shared.intervals.refused / 3));
        }
        if self.failures.failures() == 1 {
            tracing::warn!(%error, "heartbeat failed; trying again");
        }
        if !standing.unauthorized && self.shared.link.over().is_none() {
            let message = format!("the gateway does not answer heartbeats: {error}; trying again, results are kept");
            self.shared.board.condition("link", false, "backing_off", message);
            self.shared.refresh_state();
        }
        delay(error, backoff)
    }
}
