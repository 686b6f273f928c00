//! The relay as a whole: starts the loops in their order and ends them in theirs.

use super::catalog::Catalog;
use super::claims::Work;
use super::deliver::{DeliverLoop, Delivery};
use super::drain::Drain;
use super::error::RelayError;
use super::executor::Executor;
use super::health::Health;
use super::heartbeat::HeartbeatLoop;
use super::intervals::Intervals;
use super::journal::Journal;
use super::lease::LeaseLoop;
use super::link::{Link, Over};
use super::poll::PollLoop;
use super::progress::Progress;
use super::recover::Recovery;
use super::running::Running;
use super::setup::clients;
use super::shared::Shared;
use super::slots::Slots;
use crate::base::{Shutdown, mint};
use crate::client::NodeClient;
use crate::state::{Credentials, Home, NodeConfig, StatusBoard};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long cancelled jobs may take to end when the node is told to abort.
const ABORTED: Duration = Duration::from_secs(10);

/// What the relay works with.
pub struct RelayOptions {
    /// The node's directory.
    pub home: Home,
    /// Its settings, as setup left them.
    pub config: NodeConfig,
    /// Where its token is.
    pub credentials: Credentials,
    /// Its gateway, see [`connect`](super::connect).
    pub client: NodeClient,
    /// What runs operations.
    pub executor: Arc<dyn Executor>,
    /// Where its parts say how they are. Whoever composes the node runs its writer.
    pub board: Arc<StatusBoard>,
    /// How many jobs run at once.
    pub slots: u32,
    /// The version of the program.
    pub version: String,
    /// Waits.
    pub intervals: Intervals,
}

/// Keeps the node joined to its gateway.
pub struct Relay {
    pub(super) shared: Arc<Shared>,
    pub(super) deliveries: mpsc::UnboundedReceiver<Delivery>,
    pub(super) journal: PathBuf,
}

impl Relay {
    /// A relay that has done nothing yet.
    ///
    /// # Errors
    /// [`RelayError::NotJoined`] before setup.
    pub fn new(options: RelayOptions) -> Result<Self, RelayError> {
        let node_id = options.config.node_id.clone().ok_or(RelayError::NotJoined)?;
        let instance_id = mint("ins");
        let (send, deliveries) = mpsc::unbounded_channel();
        let slots = Slots::new(options.slots);
        options.board.update(|status| {
            status.node_id.clone_from(&node_id);
            status.instance_id.clone_from(&instance_id);
            status.name = options.config.server_name.clone().unwrap_or_default();
            status.gateway = options.client.gateway().to_string();
            status.slots = slots.total();
            "starting".clone_into(&mut status.state);
        });
        options.board.condition("process", true, "running", "the node runs");
        let clients = clients(&options.config);
        let shared = Arc::new(Shared {
            node_id,
            version: options.version,
            instance_id,
            config: options.config,
            credentials: options.credentials,
            client: options.client,
            executor: options.executor,
            board: options.board,
            slots,
            catalog: Catalog::new(Vec::new()),
            clients: Mutex::new(clients),
            link: Link::new(),
            running: Running::default(),
            delivering: Running::default(),
            health: Health::default(),
            intervals: options.intervals,
            outbox: options.home.outbox(),
            deliveries: send,
            leaving: AtomicBool::new(false),
            progress: Arc::default(),
        });
        shared.link.change(|standing| standing.drained = shared.config.drain_mode.unwrap_or(false));
        Ok(Self { shared, deliveries, journal: options.home.journal() })
    }

    /// Whether its loops go on.
    pub fn progress(&self) -> Arc<Progress> {
        self.shared.progress.clone()
    }

    /// Changes, while it runs, whether it takes new jobs; the gateway is told at once.
    pub fn drain(&self) -> Drain {
        Drain::new(self.shared.clone())
    }

    /// Has the gateway told at once of what has changed on the board.
    pub fn announce(&self) -> impl Fn() + Send + 'static + use<> {
        let shared = self.shared.clone();
        move || shared.link.beat_now.notify_one()
    }

    /// Works for the gateway until told to end. Draining: takes nothing new, lets jobs end, delivers, says goodbye.
    /// Aborting: cancels the jobs first.
    ///
    /// # Errors
    /// [`RelayError::InstanceSuperseded`] when another process took over as this node; [`RelayError::Unauthorized`] and
    /// [`RelayError::Removed`] when the gateway does not know it any more; or the journal cannot be used.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), RelayError> {
        let Self { shared, deliveries, journal } = self;
        let (beats_end, others_end) = (CancellationToken::new(), CancellationToken::new());
        // The first heartbeat is on its way before anything touches the disk.
        let beats = tokio::spawn(HeartbeatLoop::new(shared.clone()).run(beats_end.clone()));
        // Whatever way this ends, nothing goes on behind its back.
        let _guards = (beats_end.clone().drop_guard(), others_end.clone().drop_guard());
        let work = Work { shared: shared.clone(), journal: Journal::open(&journal).await?, jobs: TaskTracker::new() };
        shared.board.condition("journal", true, "writable", "claims and results are safe on disk");
        let recovery = Recovery::read(&work).await?;
        let flush = CancellationToken::new();
        let outbox = DeliverLoop::new(shared.clone(), work.journal.clone(), deliveries, recovery.undeliverable);
        let mut outbox = tokio::spawn(outbox.run(flush.clone(), others_end.clone()));
        tokio::spawn(LeaseLoop::new(shared.clone()).run(others_end.clone()));

        tokio::select! {
            biased;
            () = shared.link.ended.cancelled() => return Err(over(&work).await),
            () = async {
                tokio::select! {
                    biased;
                    () = shutdown.draining().cancelled() => return,
                    () = recovery.settle(&work) => {}
                }
                if shared.config.is_direct_only() {
                    return shutdown.draining().cancelled().await;
                }
                // Ends with the shutdown too, once it has given back what it must not keep.
                PollLoop::new(work.clone()).run(shutdown.draining().clone()).await;
            } => {}
        }
        shared.leaving.store(true, Ordering::Relaxed);
        shared.board.condition("claims", true, "draining", "no new jobs are taken: the node is about to end");
        shared.refresh_state();
        shared.link.beat_now.notify_one();

        work.jobs.close();
        tokio::select! {
            biased;
            () = shared.link.ended.cancelled() => return Err(over(&work).await),
            () = work.jobs.wait() => {}
            () = shutdown.aborting().cancelled() => {
                shared.running.cancel_all("node_stopped");
                let _ = tokio::time::timeout(ABORTED, work.jobs.wait()).await;
            }
        }
        flush.cancel();
        if shared.link.standing().workable() {
            let _ = tokio::time::timeout(shared.intervals.farewell, &mut outbox).await;
        }
        others_end.cancel();
        beats_end.cancel();
        if let Ok(mut beats) = beats.await
            && shared.link.standing().workable()
        {
            let _ = tokio::time::timeout(Duration::from_secs(2), beats.step()).await;
        }
        shared.board.update(|status| "stopped".clone_into(&mut status.state));
        Ok(())
    }
}

/// There is nothing more to do for this gateway: ends what runs, and says why.
async fn over(work: &Work) -> RelayError {
    let gateway = work.shared.client.gateway().to_string();
    let (error, why) = match work.shared.link.over() {
        Some(Over::Unauthorized) => (RelayError::Unauthorized(gateway), "node_unauthorized"),
        Some(Over::Removed) => (RelayError::Removed(gateway), "node_removed"),
        Some(Over::Superseded) | None => (RelayError::InstanceSuperseded, "instance_superseded"),
    };
    tracing::error!(%error, "ending");
    work.shared.running.cancel_all(why);
    if !matches!(error, RelayError::InstanceSuperseded) {
        // How they ended is kept: after a new setup the gateway may still want to know.
        work.jobs.close();
        let _ = tokio::time::timeout(ABORTED, work.jobs.wait()).await;
    }
    if let Some(over) = work.shared.link.over() {
        work.shared.board.condition("link", false, over.word(), error.to_string());
    }
    work.shared.refresh_state();
    error
}
