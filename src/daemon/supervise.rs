//! Looks after the running node: tells the service manager when it is ready and how it is, feeds the watchdog only while the
//! loops go on, and ends a drain that takes too long.

use super::notify::{Ear, Word};
use crate::base::Shutdown;
use crate::relay::Progress;
use crate::state::{NodeStatus, StatusBoard};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// After so long a node that cannot reach its gateway is ready all the same: that is no failure to start.
const OFFLINE_OK: Duration = Duration::from_secs(20);

/// How often to look while nothing changes.
const LOOK: Duration = Duration::from_secs(5);

/// How soon the manager is told again.
const SPACING: Duration = Duration::from_millis(200);

/// How much longer the end may take, said again at every look.
const MORE_TIME: Duration = Duration::from_secs(60);

/// How long jobs may run on once a service manager wants the node to end. After that they are cancelled, so that their end is
/// told; the manager would only kill. Somebody who wants to wait longer drains the node first.
const DRAIN: Duration = Duration::from_secs(5 * 60);

/// Looks after one node.
pub(super) struct Supervisor {
    board: Arc<StatusBoard>,
    progress: Arc<Progress>,
    shutdown: Shutdown,
    ear: Ear,
    ready: bool,
    stopping: Option<Instant>,
    stalled: bool,
    said: String,
}

impl Supervisor {
    pub(super) fn new(board: Arc<StatusBoard>, progress: Arc<Progress>, shutdown: Shutdown) -> Self {
        let ear = Ear::of_environment();
        Self { board, progress, shutdown, ear, ready: false, stopping: None, stalled: false, said: String::new() }
    }

    /// Looks until `end`, then says the last word.
    pub(super) async fn run(mut self, end: CancellationToken) {
        let begun = Instant::now();
        // As the manager's documentation asks: twice in its time.
        let every = self.ear.watchdog.map_or(LOOK, |patience| LOOK.min(patience / 2));
        let mut changes = self.board.watch();
        let mut fed: Option<Instant> = None;
        loop {
            let feed = fed.is_none_or(|fed| fed.elapsed() >= every);
            if feed {
                fed = Some(Instant::now());
            }
            let status = changes.borrow_and_update().clone();
            let words = self.look(&status, begun.elapsed(), feed);
            self.ear.tell(words).await;
            tokio::select! {
                biased;
                () = end.cancelled() => break,
                () = tokio::time::sleep(SPACING.min(every)) => {}
            }
            let left = fed.map_or(every, |fed| every.saturating_sub(fed.elapsed()));
            tokio::select! {
                biased;
                () = end.cancelled() => break,
                () = self.shutdown.draining().cancelled(), if self.stopping.is_none() => {}
                _ = changes.changed() => {}
                () = tokio::time::sleep(left) => {}
            }
        }
        let last = line(&self.board.snapshot());
        self.ear.tell(vec![Word::Status(last)]).await;
    }

    /// One look: what there is to tell.
    fn look(&mut self, status: &NodeStatus, age: Duration, feed: bool) -> Vec<Word> {
        let mut words = Vec::new();
        let line = line(status);
        let joined = status.last_heartbeat_ms.is_some();
        if !self.ready && (joined || (age >= OFFLINE_OK && status.state != "unauthorized")) {
            self.ready = true;
            words.push(Word::Ready);
        }
        if self.stopping.is_none() && self.shutdown.draining().is_cancelled() {
            self.stopping = Some(Instant::now());
            words.extend([Word::Stopping, Word::MoreTime(MORE_TIME)]);
        } else if let Some(since) = self.stopping.filter(|_| feed) {
            words.push(Word::MoreTime(MORE_TIME));
            if self.ear.listens && since.elapsed() >= DRAIN && !self.shutdown.aborting().is_cancelled() {
                tracing::warn!("jobs still run after {} s of draining: cancelling them", DRAIN.as_secs());
                self.shutdown.abort();
            }
        }
        if self.loops_go_on() && feed {
            words.push(Word::Alive);
        }
        if line != self.said {
            self.said.clone_from(&line);
            words.push(Word::Status(line));
        }
        words
    }

    /// Whether every loop keeps what it said. One that does not is a fault of ours: the watchdog's end is the way out.
    fn loops_go_on(&mut self) -> bool {
        let Some(stall) = self.progress.stalled() else {
            if std::mem::take(&mut self.stalled) {
                tracing::warn!("the loops go on again");
                self.board.condition("process", true, "running", "the node runs");
            }
            return true;
        };
        if !std::mem::replace(&mut self.stalled, true) {
            let quiet = stall.quiet.as_secs();
            tracing::error!(stalled = stall.name, quiet, "a loop does not go on: the watchdog is not fed any more");
        }
        let message = format!(
            "the {} loop has not gone on for {} s: the watchdog of a service starts the node again; without one, restart it",
            stall.name,
            stall.quiet.as_secs()
        );
        self.board.condition("process", false, "stalled", message);
        false
    }
}

/// The node in one line.
fn line(status: &NodeStatus) -> String {
    let jobs = match status.active_jobs + status.queued_jobs {
        1 => "1 job".to_owned(),
        jobs => format!("{jobs} jobs"),
    };
    let bad = || status.conditions.iter().find(|part| !part.ok).map(|part| part.message.as_str());
    let text = match status.state.as_str() {
        "online" => {
            format!("{} is online at {}, {}/{} jobs", status.name, status.gateway, status.active_jobs, status.slots)
        }
        "draining" => format!("draining: no new jobs, {jobs} left"),
        "stopped" => "stopped".to_owned(),
        _ if status.last_heartbeat_ms.is_none()
            && !matches!(status.state.as_str(), "unauthorized" | "removed" | "superseded") =>
        {
            format!(
                "waiting for the gateway {}{}",
                status.gateway,
                bad().map(|why| format!(": {why}")).unwrap_or_default()
            )
        }
        state => format!("{state}{}", bad().map(|why| format!(": {why}")).unwrap_or_default()),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Condition, Home};

    fn supervisor() -> (tempfile::TempDir, Supervisor) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        let board = Arc::new(StatusBoard::new(&home, NodeStatus::default()));
        (dir, Supervisor::new(board, Arc::default(), Shutdown::new()))
    }

    #[test]
    fn an_unreachable_gateway_is_no_failed_start_but_a_refused_token_is() {
        let (_dir, mut one) = supervisor();
        let status = NodeStatus { gateway: "https://gw".to_owned(), ..NodeStatus::default() };
        let words = one.look(&status, Duration::from_secs(1), true);
        assert_eq!(words, [Word::Alive, Word::Status("waiting for the gateway https://gw".to_owned())]);
        let refused = NodeStatus { state: "unauthorized".to_owned(), ..status.clone() };
        assert!(!one.look(&refused, OFFLINE_OK, true).contains(&Word::Ready));
        assert_eq!(one.look(&status, OFFLINE_OK, false)[0], Word::Ready);
        assert!(one.look(&status, OFFLINE_OK, false).is_empty());

        let (_dir, mut other) = supervisor();
        let joined = NodeStatus { last_heartbeat_ms: Some(1), ..status };
        assert!(other.look(&joined, Duration::ZERO, false).contains(&Word::Ready));
    }

    #[test]
    fn the_end_is_announced_once_and_asks_for_time_while_it_lasts() {
        let (_dir, mut one) = supervisor();
        let status = NodeStatus { state: "draining".to_owned(), active_jobs: 2, ..NodeStatus::default() };
        one.shutdown.advance();
        let words = one.look(&status, Duration::ZERO, false);
        assert_eq!(words[..2], [Word::Stopping, Word::MoreTime(MORE_TIME)]);
        assert_eq!(words[2], Word::Status("draining: no new jobs, 2 jobs left".to_owned()));
        assert_eq!(one.look(&status, Duration::ZERO, true), [Word::MoreTime(MORE_TIME), Word::Alive]);
    }

    #[test]
    fn the_line_says_what_is_wrong_and_is_one_line() {
        let condition =
            Condition { kind: "outbox".to_owned(), message: "full\nof it".to_owned(), ..Condition::default() };
        let status = NodeStatus {
            state: "degraded".to_owned(),
            last_heartbeat_ms: Some(1),
            conditions: vec![condition],
            ..NodeStatus::default()
        };
        assert_eq!(line(&status), "degraded: full of it");
    }
}
