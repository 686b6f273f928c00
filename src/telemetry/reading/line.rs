//! One line of a log, and which lines are wanted.

use chrono::DateTime;

/// A line without its break, with bytes that are no UTF-8 replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(pub String);

impl Line {
    /// From a file.
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }

    /// When it was written, milliseconds since 1970 UTC. None: it goes on where the line before ended.
    pub fn time_ms(&self) -> Option<i64> {
        let (time, _) = self.0.split_once(' ')?;
        DateTime::parse_from_rfc3339(time).ok().map(|time| time.timestamp_millis())
    }

    /// Its level, e.g. `INFO`.
    pub fn level(&self) -> Option<&str> {
        self.time_ms()?;
        self.0.split_whitespace().nth(1)
    }

    /// Whether it is about that job: it has the field `job` or `job_id` with that value.
    fn is_about(&self, job: &str) -> bool {
        let value = |word: &str| {
            let (name, value) = word.trim_start_matches('{').split_once('=')?;
            matches!(name, "job" | "job_id").then(|| value.trim_matches(|c| matches!(c, '"' | ',' | '}' | ':')) == job)
        };
        self.0.split_whitespace().any(|word| value(word) == Some(true))
    }
}

/// Which lines are wanted. What goes on from a line before is wanted with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Not older than this, milliseconds since 1970 UTC.
    pub since_ms: Option<i64>,
    /// Only errors and warnings.
    pub errors: bool,
    /// Only what is about this job.
    pub job: Option<String>,
}

impl Filter {
    /// Whether it lets everything through.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a line that begins a record is wanted.
    pub(super) fn takes(&self, line: &Line, time_ms: i64) -> bool {
        self.since_ms.is_none_or(|since| time_ms >= since)
            && (!self.errors || matches!(line.level(), Some("ERROR" | "WARN")))
            && self.job.as_ref().is_none_or(|job| line.is_about(job))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_its_time_its_level_and_its_job() {
        let line = Line("2026-11-20T13:12:03.123456Z  WARN waypost::relay: too late job=job_1 code=\"x\"".to_owned());
        assert_eq!((line.time_ms(), line.level()), (Some(1_795_180_323_123), Some("WARN")));
        assert!(line.is_about("job_1") && !line.is_about("job_") && !line.is_about("job_12"));
        let more = Line("  at line 3 of the script".to_owned());
        assert_eq!((more.time_ms(), more.level()), (None, None));
    }
}
