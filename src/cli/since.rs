//! `--since`: how long ago, or when.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, TimeZone};

/// Milliseconds since 1970 UTC, from how long ago or from a time, local when it names no zone.
pub fn since(text: &str) -> Result<i64, String> {
    if let Ok(ago) = humantime::parse_duration(text) {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        return Ok(crate::base::unix_ms().saturating_sub(ago));
    }
    let zoned = ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"];
    let exact = DateTime::parse_from_rfc3339(text).ok();
    let exact = exact.or_else(|| zoned.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()));
    if let Some(time) = exact {
        return Ok(time.timestamp_millis());
    }
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let local = local.or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0));
    local
        .and_then(|local| Local.from_local_datetime(&local).earliest())
        .map(|time| time.timestamp_millis())
        .ok_or_else(|| "it is neither how long ago (10m, 2h) nor a time (2026-11-20T13:00Z)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_as_people_write_them() {
        let now = crate::base::unix_ms();
        for (text, ago) in [("10m", 600_000), ("2h", 7_200_000), ("1d", 86_400_000)] {
            let found = since(text).unwrap();
            assert!((now - ago..now - ago + 60_000).contains(&found), "{text}: {found}");
        }
        for text in
            ["2026-11-20T13:00:00Z", "2026-11-20T13:00Z", "2026-11-20T14:00+01:00", "2026-11-20 13:00:00.000+00:00"]
        {
            assert_eq!(since(text).unwrap(), 1_795_179_600_000, "{text}");
        }
        for text in ["2026-11-20", "2026-11-20T13:00", "2026-11-20 13:00:07"] {
            assert!(since(text).is_ok(), "{text}");
        }
        for text in ["", "soon", "10", "2026-13-01"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
