//! Asks the gateway for work.

use super::claims::Work;
use super::hold::Hold;
use super::journal::epoch;
use super::progress::Watched;
use super::reserved::{Ask, Lane, URGENT_HOLD};
use super::shared::Shared;
use super::start::delay;
use crate::base::Backoff;
use crate::client::{CallError, CallErrorKind};
use crate::wire::PROTOCOL;
use crate::wire::node::{Job, LeaseClaim, PollCapacity, PollRequest, PollResponse};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long a job that is about to end may spare a poll that asks for nothing.
const SLOT_SOON: Duration = Duration::from_millis(50);

/// How much longer than its hold a poll may take: the call's own limit.
const BEYOND_HOLD: Duration = Duration::from_secs(10);

/// How long it may take to take in what a poll brought: the journal's disk, and giving jobs back.
const TAKE_IN: Duration = Duration::from_secs(30);

/// How long the gateway may take to answer a node that leaves.
const LEAVE: Duration = Duration::from_secs(2);

/// Polls.
pub(super) struct PollLoop {
    work: Work,
    shared: Arc<Shared>,
    hold: Hold,
    failures: Backoff,
    empties: Backoff,
    journal_failures: Backoff,
    lane: Lane,
}

/// How a turn went, and how long to wait before the next.
#[derive(Debug)]
pub(super) enum Turn {
    /// Jobs came.
    Jobs,
    /// Nothing, after waiting for it.
    Nothing,
    /// Nothing, at once.
    Empty(Duration),
    /// The poll was cut, and holds are shorter from now on.
    Cut,
    /// It failed.
    Failed(Duration),
    /// The journal takes no claims.
    Full(Duration),
}

impl PollLoop {
    pub(super) fn new(work: Work) -> Self {
        let shared = work.shared.clone();
        let intervals = &shared.intervals;
        Self {
            hold: Hold::new(intervals.hold, intervals.shortest_hold),
            failures: intervals.backoff(),
            // Delays are shortened by up to a fifth; spacing is a minimum.
            empties: Backoff::capped(intervals.spacing.mul_f64(1.25), intervals.longest_spacing),
            journal_failures: intervals.backoff(),
            lane: Lane::new(&shared.config),
            work,
            shared,
        }
    }

    /// Polls until `end`.
    pub(super) async fn run(mut self, end: CancellationToken) {
        let shared = self.shared.clone();
        let _rests = shared.progress.guard(Watched::Poll);
        loop {
            tokio::select! {
                biased;
                () = end.cancelled() => return self.leave(None).await,
                () = self.ready() => {}
            }
            let wait = self.wait();
            let request = self.request(wait);
            let drained = shared.link.standing().drained;
            shared.progress.turn(Watched::Poll, wait + BEYOND_HOLD);
            let starved = request.capacity.free_slots == 0 && !self.shared.draining();
            let asked = Instant::now();
            let mut poll = self.ask(&request).boxed();
            let reply = tokio::select! {
                biased;
                () = end.cancelled() => {
                    let brings = request.capacity.free_slots > 0;
                    return self.leave(brings.then_some(poll)).await;
                }
                reply = &mut poll => reply,
                // A poll that asks for nothing brings nothing: dropping it loses no job.
                () = shared.slots.any_free(), if starved => continue,
                () = shared.link.resumed(), if drained => continue,
            };
            drop(poll);
            shared.progress.turn(Watched::Poll, TAKE_IN);
            // After 401 and 410 a heartbeat that is accepted does not prove that polls are: they keep their own pace.
            let refused = reply.as_ref().is_err_and(|error| matches!(error.status(), Some(401 | 410)));
            let turn = self.took(&request, reply, asked.elapsed()).await;
            self.publish(&turn);
            let pause = match turn {
                Turn::Jobs | Turn::Nothing | Turn::Cut => continue,
                Turn::Empty(pause) | Turn::Failed(pause) | Turn::Full(pause) => pause,
            };
            let mends = matches!(turn, Turn::Failed(_)) && !refused;
            shared.progress.turn(Watched::Poll, pause);
            tokio::select! {
                () = end.cancelled() => return self.leave(None).await,
                () = tokio::time::sleep(pause) => {}
                // The gateway answers again.
                () = shared.link.next_beat(), if mends => self.failures.reset(),
            }
        }
    }

    /// Polls. A poll that is held and not refused is as good as an answer: what was wrong before is over.
    async fn ask(&self, request: &PollRequest) -> Result<PollResponse, CallError> {
        let poll = self.shared.client.poll(request);
        tokio::pin!(poll);
        tokio::select! {
            reply = &mut poll => return reply,
            () = tokio::time::sleep(self.shared.intervals.spacing) => self.publish(&Turn::Nothing),
        }
        poll.await
    }

    /// The node takes nothing more: what has not begun goes back to the gateway, and so does what the held poll brings.
    async fn leave(&self, poll: Option<BoxFuture<'_, Result<PollResponse, CallError>>>) {
        let shared = &self.shared;
        shared.leaving.store(true, Ordering::Relaxed);
        let unbegun = shared.running.all().into_iter().filter(|job| job.give_back());
        let unbegun: Vec<_> =
            unbegun.map(|job| LeaseClaim { job_id: job.job_id.clone(), epoch: job.epoch() }).collect();
        if (unbegun.is_empty() && poll.is_none()) || !shared.link.standing().workable() {
            return;
        }
        let last = async {
            if !self.shared.release(unbegun, true).await {
                return;
            }
            let Some(poll) = poll else { return };
            let Ok(reply) = poll.await else { return };
            let jobs = claims(reply.job.iter().chain(&reply.jobs));
            if !jobs.is_empty() {
                self.shared.release(jobs, true).await;
            }
        };
        let _ = tokio::time::timeout(LEAVE, last).await;
    }

    /// Waits until a poll makes sense.
    async fn ready(&mut self) {
        loop {
            if !self.shared.link.standing().workable() {
                self.publish_unworkable();
                // Only a heartbeat ends this.
                self.shared.progress.rest(Watched::Poll);
                self.shared.link.workable().await;
            }
            self.shared.progress.turn(Watched::Poll, Backoff::CAP);
            if self.shared.board.snapshot().condition("journal").is_some_and(|journal| !journal.ok) {
                match self.work.journal.probe().await {
                    Ok(()) => {
                        self.journal_failures.reset();
                        self.shared.board.condition("journal", true, "writable", "claims and results are safe on disk");
                    }
                    Err(_) => {
                        tokio::time::sleep(self.journal_failures.next_delay()).await;
                        continue;
                    }
                }
            }
            if self.shared.free_slots() > 0 {
                return;
            }
            if self.shared.link.standing().protocol >= 2 {
                if !self.shared.draining() {
                    let _ = tokio::time::timeout(SLOT_SOON, self.shared.slots.any_free()).await;
                }
                return;
            }
            // Protocol 1 has nothing to say to a node that takes no job: a slot or a heartbeat ends this.
            self.publish(&Turn::Nothing);
            self.shared.progress.rest(Watched::Poll);
            let mut standing = self.shared.link.watch();
            standing.mark_unchanged();
            tokio::select! {
                () = self.shared.slots.any_free(), if !self.shared.draining() => {}
                _ = standing.changed() => {}
            }
        }
    }

    fn wait(&self) -> Duration {
        if self.shared.link.standing().protocol >= 2 {
            self.hold.current()
        } else {
            self.shared.intervals.hold_protocol_1
        }
    }

    /// The request. To a gateway of protocol 1 it has that protocol's fields only.
    pub(super) fn request(&mut self, wait: Duration) -> PollRequest {
        let shared = &self.shared;
        let new = shared.link.standing().protocol >= 2;
        let ask =
            if new { Ask { free: shared.free_slots(), urgent: None, excluded: None } } else { self.lane.ask(shared) };
        let wait = if ask.urgent.is_some() { wait.min(URGENT_HOLD) } else { wait };
        PollRequest {
            node_id: shared.node_id.clone(),
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            capacity: PollCapacity {
                active_jobs: shared.slots.active(),
                queued_jobs: shared.slots.queued(),
                max_jobs: shared.slots.total(),
                max_concurrency: shared.slots.total(),
                free_slots: ask.free,
                drain_mode: shared.draining(),
                excluded_agent_slugs: ask.excluded,
                max_requested_priority: ask.urgent,
            },
            runtime_protocol_version: new.then_some(PROTOCOL),
            instance_id: new.then(|| shared.instance_id.clone()),
        }
    }

    /// Takes in what a poll came to.
    pub(super) async fn took(
        &mut self,
        request: &PollRequest,
        reply: Result<PollResponse, CallError>,
        elapsed: Duration,
    ) -> Turn {
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return self.failed(request, &error, elapsed),
        };
        self.failures.reset();
        self.hold.answered(elapsed);
        self.shared.saw_success("poll");
        let new = request.runtime_protocol_version.is_some();
        if new && self.shared.link.standing().drain != reply.drain {
            self.shared.link.change(|standing| standing.drain = reply.drain);
            self.shared.link.beat_now.notify_one(); // callers see by the heartbeat whether the node takes jobs
        }
        let jobs: Vec<_> = reply.job.into_iter().chain(reply.jobs).collect();
        self.lane.took(&jobs, request.capacity.max_requested_priority.is_some());
        let came = claims(jobs.iter().filter(|job| job.durable.unwrap_or(true)));
        // Its owner may have drained it while the poll was held.
        let drained = !jobs.is_empty() && self.shared.link.standing().drained;
        let given_back = drained && self.shared.release(claims(jobs.iter()), false).await;
        let taken = if jobs.is_empty() || given_back { None } else { Some(self.work.take(jobs).await) };
        // After the jobs: one of them may be meant.
        let news = new && self.shared.apply_cancels(&reply.cancel);
        if let Some(taken) = taken {
            self.empties.reset();
            if let Err(error) = taken {
                self.work.journal_failed(&error);
                self.shared.release(came, false).await;
                return Turn::Full(self.journal_failures.next_delay());
            }
            return Turn::Jobs;
        }
        let held = elapsed.as_millis() as u64 >= request.wait_ms / 2;
        if held || news {
            self.empties.reset();
            return Turn::Nothing;
        }
        Turn::Empty(self.empties.next_delay().max(self.shared.intervals.spacing))
    }

    fn failed(&mut self, request: &PollRequest, error: &CallError, elapsed: Duration) -> Turn {
        self.shared.saw_error(error);
        let cut = matches!(error.kind, CallErrorKind::Transport { connect: false, .. })
            || matches!(error.status(), Some(502 | 504 | 524 | 408));
        // Only a poll that was being held can have been cut for it.
        let in_time = elapsed < Duration::from_millis(request.wait_ms) + Duration::from_secs(1);
        if cut && in_time && request.runtime_protocol_version.is_some() && self.hold.cut(elapsed) {
            tracing::info!(?elapsed, hold = ?self.hold.current(), "something cuts held polls; holding them shorter");
            return Turn::Cut;
        }
        if error.is_connect() {
            self.hold.unreachable();
        }
        let backoff = self.failures.next_delay();
        if self.failures.failures() == 1 {
            tracing::warn!(%error, "poll failed; trying again");
        }
        Turn::Failed(delay(error, backoff))
    }

    fn publish(&self, turn: &Turn) {
        let shared = &self.shared;
        let claims_ok = || shared.board.snapshot().condition("claims").is_some_and(|claims| claims.ok);
        let was_ok = claims_ok();
        let say = |ok, reason, message: String| shared.board.condition("claims", ok, reason, message);
        match turn {
            Turn::Failed(_) if !shared.link.standing().workable() => self.publish_unworkable(),
            Turn::Failed(pause) => {
                let message = format!("polls fail; trying again in {} s", pause.as_secs().max(1));
                say(false, "backing_off", message);
            }
            Turn::Full(_) => {
                say(false, "journal_not_writable", "no new jobs until the journal can be written".to_owned())
            }
            _ if shared.link.standing().drained => {
                say(true, "drained", "no new jobs, as its owner wants: `waypost node resume` ends that".to_owned())
            }
            _ if shared.link.standing().drain => {
                say(true, "draining", "no new jobs, as its gateway wants".to_owned());
            }
            _ if shared.draining() => say(true, "draining", "no new jobs are taken".to_owned()),
            _ if shared.free_slots() == 0 => say(true, "slots_busy", "every slot has a job".to_owned()),
            Turn::Empty(pause) if *pause > shared.intervals.spacing * 2 => {
                let message = format!("the gateway does not hold polls: asking every {} ms", pause.as_millis());
                say(true, "spaced", message);
            }
            _ if self.hold.learned() => {
                let message = format!(
                    "polls are cut on their way: holding them {} s instead of {} s",
                    self.hold.current().as_secs_f64().round(),
                    shared.intervals.hold.as_secs_f64().round()
                );
                say(true, "hold_learned", message);
            }
            _ => say(true, "polling", "waiting for work".to_owned()),
        }
        shared.refresh_state();
        if !was_ok && claims_ok() {
            // The last heartbeat said otherwise.
            shared.link.beat_now.notify_one();
        }
    }

    fn publish_unworkable(&self) {
        let standing = self.shared.link.standing();
        let (reason, message) = if standing.unauthorized {
            ("unauthorized", "no polls while the gateway does not accept the token: run `waypost node setup`")
        } else if standing.removed {
            ("removed", "no polls while the node is removed from its gateway")
        } else {
            ("starting", "no polls before the gateway has answered a heartbeat")
        };
        self.shared.board.condition("claims", reason == "starting", reason, message);
    }
}

/// The leases of jobs.
fn claims<'a>(jobs: impl Iterator<Item = &'a Job>) -> Vec<LeaseClaim> {
    jobs.map(|job| LeaseClaim { job_id: job.job_id.clone(), epoch: epoch(job) }).collect()
}
