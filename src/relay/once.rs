//! One turn of everything: a heartbeat, a poll, what it brought, and the end.

use super::claims::Work;
use super::deliver::DeliverLoop;
use super::error::RelayError;
use super::heartbeat::HeartbeatLoop;
use super::journal::Journal;
use super::lease::LeaseLoop;
use super::node::Relay;
use super::poll::PollLoop;
use super::recover::Recovery;
use super::shared::Shared;
use crate::base::Shutdown;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What [`Relay::once`] did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OnceSummary {
    /// The protocol in use with the gateway.
    pub protocol: u32,
    /// The jobs that the poll brought.
    pub jobs: Vec<OnceJob>,
    /// Results that the gateway now has, of this turn and of earlier ones.
    pub delivered: u64,
    /// Results that it does not have yet; they go out at the next run.
    pub pending: u64,
}

/// A job that [`Relay::once`] took.
#[derive(Debug, Clone, Serialize)]
pub struct OnceJob {
    /// The job.
    pub job_id: String,
    /// Its operation.
    pub operation: String,
}

impl Relay {
    /// One heartbeat and nothing else: whether the gateway knows the node.
    ///
    /// # Errors
    /// When the heartbeat fails.
    pub async fn greet(self) -> Result<(), RelayError> {
        beat(&self.shared).await
    }

    /// One heartbeat, one poll that is not held, what came is run and delivered.
    ///
    /// # Errors
    /// When the heartbeat or the poll fails, or the journal cannot be used.
    pub async fn once(self, shutdown: Shutdown) -> Result<OnceSummary, RelayError> {
        let Self { shared, deliveries, journal } = self;
        let end = CancellationToken::new();
        let _guard = end.clone().drop_guard();
        beat(&shared).await?;
        let work = Work { shared: shared.clone(), journal: Journal::open(&journal).await?, jobs: TaskTracker::new() };
        let recovery = Recovery::read(&work).await?;
        let flush = CancellationToken::new();
        let outbox = DeliverLoop::new(shared.clone(), work.journal.clone(), deliveries, recovery.undeliverable);
        let outbox = tokio::spawn(outbox.run(flush.clone(), end.clone()));
        tokio::spawn(LeaseLoop::new(shared.clone()).run(end.clone()));
        recovery.settle(&work).await;

        let mut poll = PollLoop::new(work.clone());
        let request = poll.request(Duration::ZERO);
        let reply = shared.client.poll(&request).await?;
        let jobs = reply.job.iter().chain(&reply.jobs).map(|job| OnceJob {
            job_id: job.job_id.clone(),
            operation: job.operation.clone().unwrap_or_else(|| "chat.completions".to_owned()),
        });
        let mut summary = OnceSummary { jobs: jobs.collect(), ..OnceSummary::default() };
        poll.took(&request, Ok(reply), Duration::ZERO).await;

        work.jobs.close();
        tokio::select! {
            () = work.jobs.wait() => {}
            () = shutdown.aborting().cancelled() => {
                shared.running.cancel_all("node_stopped");
                let _ = tokio::time::timeout(Duration::from_secs(10), work.jobs.wait()).await;
            }
        }
        flush.cancel();
        let late = tokio::spawn({
            let (end, farewell) = (end.clone(), shared.intervals.farewell);
            async move {
                tokio::time::sleep(farewell).await;
                end.cancel();
            }
        });
        let (delivered, pending) = outbox.await.unwrap_or_default();
        late.abort();
        summary.protocol = shared.link.standing().protocol;
        (summary.delivered, summary.pending) = (delivered, pending as u64);
        Ok(summary)
    }
}

async fn beat(shared: &Arc<Shared>) -> Result<(), RelayError> {
    HeartbeatLoop::new(shared.clone()).step().await.map(drop).map_err(|error| match error.conflict() {
        Some("instance_superseded") => RelayError::InstanceSuperseded,
        _ => RelayError::Call(error),
    })
}
