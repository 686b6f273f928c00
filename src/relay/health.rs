//! Recent failures and durations, for the heartbeat.

use crate::wire::node::{HealthReport, RecentFailure};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Older failures are forgotten, so that none degrades the node for ever.
const MEMORY: Duration = Duration::from_secs(3600);
const LISTED: usize = 10;
const DURATIONS: usize = 50;

/// What went wrong lately and how long jobs took. Codes only, never texts.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    failures: VecDeque<(Instant, RecentFailure)>,
    durations: VecDeque<Duration>,
}

impl Health {
    pub(super) fn failed(&self, code: &str) {
        self.failed_at(code, Instant::now());
    }

    fn failed_at(&self, code: &str, when: Instant) {
        let failure = RecentFailure {
            execution_class: "operation".to_owned(),
            code: code.to_owned(),
            at: iso(SystemTime::now()),
        };
        let mut memory = self.lock();
        memory.failures.push_front((when, failure));
        memory.failures.truncate(LISTED);
    }

    pub(super) fn took(&self, duration: Duration) {
        let mut memory = self.lock();
        memory.durations.push_front(duration);
        memory.durations.truncate(DURATIONS);
    }

    /// The report; `online` says whether the node is well, `now` when.
    pub(super) fn report(&self, online: bool) -> HealthReport {
        self.report_at(online, Instant::now())
    }

    fn report_at(&self, online: bool, now: Instant) -> HealthReport {
        let mut memory = self.lock();
        memory.failures.retain(|(when, _)| now.saturating_duration_since(*when) < MEMORY);
        let recent_failures: Vec<_> = memory.failures.iter().map(|(_, failure)| failure.clone()).collect();
        let total: Duration = memory.durations.iter().sum();
        let mean = total.checked_div(u32::try_from(memory.durations.len()).unwrap_or(1)).unwrap_or_default();
        HealthReport {
            avg_latency_ms: u64::try_from(mean.as_millis()).unwrap_or(u64::MAX),
            recent_failure_count: u32::try_from(recent_failures.len()).unwrap_or(u32::MAX),
            recent_failures,
            last_success_at: online.then(|| iso(SystemTime::now())),
            ..HealthReport::default()
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// ISO 8601 UTC with milliseconds, as protocol 1 has times.
pub(super) fn iso(when: SystemTime) -> String {
    humantime::format_rfc3339_millis(when).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_age_out() {
        let health = Health::default();
        let now = Instant::now();
        health.failed_at("internal", now);
        assert_eq!(health.report_at(false, now).recent_failure_count, 1);
        assert_eq!(health.report_at(true, now + MEMORY).recent_failure_count, 0);
        for _ in 0..30 {
            health.failed("internal");
        }
        assert_eq!(health.report(true).recent_failures.len(), LISTED);
    }
}
