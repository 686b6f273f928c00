//! Instants as the protocol writes them.

use chrono::{DateTime, SecondsFormat};

/// Milliseconds since 1970 as ISO 8601 in UTC with milliseconds and `Z`.
pub(super) fn iso(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The other way round.
pub(super) fn parse(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|instant| instant.timestamp_millis())
}
