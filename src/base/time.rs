//! Wall-clock time, for what is stored and shown. Never for measuring a duration.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 UTC.
pub fn unix_ms() -> i64 {
    i64::try_from(since_epoch().as_millis()).unwrap_or(i64::MAX)
}

/// Seconds since 1970 UTC with a fraction, rounded to the millisecond: the form of times in `/v1` answers.
pub fn unix_seconds() -> f64 {
    unix_ms() as f64 / 1000.0
}

fn since_epoch() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
