//! Whose turn it is: of which of the lines with queued jobs a node is given the next job.
//!
//! In memory only. After a restart everybody is new, which costs each caller at most one turn.

use crate::gateway::store::AGEING_MS;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// More than this is remembered of nobody: the older half is forgotten, which makes those new.
const MOST: usize = 20_000;

/// Jobs that wait one behind the other: of one caller, for one kind of node, with one priority.
#[derive(Debug)]
pub struct Line {
    /// The only node that may take them, by id, or empty; and the text of the lane.
    pub lane: (String, String),
    /// Whose they are; empty when nobody said.
    pub caller: String,
    /// As submitted.
    pub priority: i64,
    /// Their numbers, the first one first.
    pub jobs: VecDeque<i64>,
    /// When the first one was queued; only needed when there are several priorities.
    pub queued_ms: i64,
}

/// Who was served when.
#[derive(Debug, Default)]
pub struct Turns(Mutex<Served>);

#[derive(Debug, Default)]
struct Served {
    /// Counts what was handed out.
    turn: u64,
    /// Callers by node: being served well at one node does not cost a caller its turn at another.
    callers: HashMap<(String, String), Last>,
    /// Lines by home, lane and priority.
    lines: HashMap<(String, String, i64), Last>,
}

/// When somebody was served last.
#[derive(Debug, Clone, Copy)]
struct Last {
    turn: u64,
    at_ms: i64,
}

/// A caller among those who wait at a node.
struct Waiting {
    lines: Vec<usize>,
    /// The last turn at this node.
    turn: u64,
    served_ms: i64,
}

impl Turns {
    /// The jobs that a node gets, at most `limit`, first things first.
    pub fn pick(&self, node_id: &str, mut lines: Vec<Line>, limit: usize, now_ms: i64) -> Vec<i64> {
        let mut served = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut aged: Vec<i64> = lines.iter().map(|line| served.aged(line, now_ms)).collect();
        let mut callers = served.callers_of(node_id, &lines);
        let mut picked = Vec::new();
        while picked.len() < limit {
            let Some(at) = next_caller(&callers, &lines, now_ms) else { break };
            let caller = &mut callers[at];
            // What a caller's turn is spent on is its own affair: the line that is ahead with its age.
            let waiting = caller.lines.iter().copied().filter(|&line| !lines[line].jobs.is_empty());
            let Some(line) = waiting.min_by_key(|&line| (aged[line], lines[line].jobs.front().copied())) else { break };
            picked.extend(lines[line].jobs.pop_front());
            aged[line] = lines[line].priority;
            caller.turn = served.serve(node_id, &lines[line], now_ms);
            caller.served_ms = now_ms;
        }
        served.forget_some();
        picked
    }
}

/// The caller whose turn it is. A caller waits with the priority of its most urgent line, and gains by waiting.
fn next_caller(callers: &[Waiting], lines: &[Line], now_ms: i64) -> Option<usize> {
    let urgent = |caller: &Waiting| {
        let waiting = caller.lines.iter().map(|&line| &lines[line]).filter(|line| !line.jobs.is_empty());
        waiting.min_by_key(|line| (line.priority, line.queued_ms, line.jobs.front().copied()))
    };
    let waiting: Vec<(usize, &Line)> =
        callers.iter().enumerate().filter_map(|(at, caller)| Some((at, urgent(caller)?))).collect();
    // The age of one counts for all of its priority: else a caller whose queue is old because it is long would be ahead of
    // one that is new.
    let mut classes: BTreeMap<i64, i64> = BTreeMap::new();
    for (at, line) in &waiting {
        let aged = line.priority - steps(line.queued_ms.max(callers[*at].served_ms), now_ms);
        let class = classes.entry(line.priority).or_insert(aged);
        *class = aged.min(*class);
    }
    let best = classes.values().min()?;
    let candidates = waiting.iter().filter(|(_, line)| classes.get(&line.priority) == Some(best));
    candidates
        .min_by_key(|(at, line)| (callers[*at].turn, line.priority, line.jobs.front().copied()))
        .map(|(at, _)| *at)
}

/// How many priorities waiting since then is worth.
fn steps(since_ms: i64, now_ms: i64) -> i64 {
    now_ms.saturating_sub(since_ms).max(0) / AGEING_MS
}

impl Served {
    /// The priority of a line with its age among those of its caller.
    fn aged(&self, line: &Line, now_ms: i64) -> i64 {
        let (home, lane) = line.lane.clone();
        let served = self.lines.get(&(home, lane, line.priority)).map_or(i64::MIN, |last| last.at_ms);
        line.priority - steps(line.queued_ms.max(served), now_ms)
    }

    fn callers_of(&self, node_id: &str, lines: &[Line]) -> Vec<Waiting> {
        let mut callers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            callers.entry(&line.caller).or_default().push(at);
        }
        let waiting = |(name, lines): (&str, Vec<usize>)| {
            let last = self.callers.get(&(node_id.to_owned(), name.to_owned()));
            let Last { turn, at_ms: served_ms } = last.copied().unwrap_or(Last { turn: 0, at_ms: i64::MIN });
            Waiting { lines, turn, served_ms }
        };
        callers.into_iter().map(waiting).collect()
    }

    fn serve(&mut self, node_id: &str, line: &Line, at_ms: i64) -> u64 {
        self.turn += 1;
        let last = Last { turn: self.turn, at_ms };
        let (home, lane) = line.lane.clone();
        self.callers.insert((node_id.to_owned(), line.caller.clone()), last);
        self.lines.insert((home, lane, line.priority), last);
        self.turn
    }

    fn forget_some(&mut self) {
        let kept = self.turn.saturating_sub(MOST as u64 / 2);
        if self.callers.len() > MOST {
            self.callers.retain(|_, last| last.turn > kept);
        }
        if self.lines.len() > MOST {
            self.lines.retain(|_, last| last.turn > kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(caller: &str, priority: i64, jobs: std::ops::Range<i64>, queued_ms: i64) -> Line {
        let lane = (String::new(), format!("[2,{{}},\"{caller}\"]"));
        Line { lane, caller: caller.into(), priority, jobs: jobs.collect(), queued_ms }
    }

    #[test]
    fn callers_take_turns_within_a_priority_and_the_older_job_is_first() {
        let turns = Turns::default();
        let lines = || vec![line("a", 0, 0..9, 0), line("b", 0, 10..12, 0), line("c", -1, 20..21, 0)];
        assert_eq!(turns.pick("n", lines(), 6, 0), [20, 0, 10, 1, 11, 2]);
        // a was last at n: it is b's turn. At another node everybody is new.
        assert_eq!(turns.pick("n", vec![line("a", 0, 0..9, 0), line("b", 0, 10..12, 0)], 1, 0), [10]);
        assert_eq!(turns.pick("m", vec![line("a", 0, 0..9, 0), line("b", 0, 10..12, 0)], 1, 0), [0]);
    }

    #[test]
    fn a_line_that_waits_gains_a_priority_from_time_to_time_until_it_is_served() {
        let turns = Turns::default();
        let at = |now_ms| {
            let lines = vec![line("a", 0, 0..9, now_ms), line("b", 2, 10..20, 0)];
            turns.pick("n", lines, 1, now_ms)[0]
        };
        assert_eq!((at(0), at(2 * AGEING_MS - 1)), (0, 0));
        assert_eq!(at(2 * AGEING_MS), 10, "it has come level, and its caller waits for longer");
        assert_eq!(at(2 * AGEING_MS), 0, "served, it begins anew");
        assert_eq!((at(4 * AGEING_MS - 1), at(4 * AGEING_MS)), (0, 10));
    }

    #[test]
    fn a_queue_that_is_old_because_it_is_long_is_not_ahead_of_a_new_caller() {
        let turns = Turns::default();
        let hour = 3_600_000;
        let lines = || vec![line("a", 0, 0..9, 0), line("b", 0, 10..12, hour), line("a", 7, 30..39, 0)];
        assert_eq!(turns.pick("n", lines(), 5, hour), [0, 10, 30, 11, 1]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let turns = Turns::default();
        for n in 0..(MOST as i64 + 10) {
            turns.pick("n", vec![line(&n.to_string(), 0, n..n + 1, 0)], 1, 0);
        }
        let served = turns.0.lock().unwrap();
        assert!(served.callers.len() <= MOST && served.lines.len() <= MOST);
    }
}
