//! Which of the failures that a node reports are new. Nodes report the same ones for as long as they run, so a count says
//! nothing: a node is degraded only by what happened since its heartbeat before.

use crate::wire::node::RecentFailure;

/// The newest failure of a heartbeat, milliseconds since 1970 by the node's clock (0 when there is none), and the codes of
/// those that are newer than `known`. At a node's first heartbeat nothing is known, and nothing counts as new.
pub(super) fn newer(failures: &[RecentFailure], known: Option<i64>) -> (i64, Vec<String>) {
    let mut newest = known.unwrap_or_default();
    let mut codes = Vec::new();
    for failure in failures {
        let Ok(at) = chrono::DateTime::parse_from_rfc3339(&failure.at) else { continue };
        let at = at.timestamp_millis();
        if known.is_some_and(|known| at > known) {
            codes.push(failure.code.clone());
        }
        newest = newest.max(at);
    }
    codes.sort();
    codes.dedup();
    (newest, codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_failures_do_not_count_again() {
        let failure =
            |code: &str, at: &str| RecentFailure { execution_class: "chat".into(), code: code.into(), at: at.into() };
        let old = failure("timeout", "2026-11-20T04:00:00.000Z");
        let (first, codes) = newer(std::slice::from_ref(&old), None);
        assert!(codes.is_empty(), "it happened before this gateway knew the node");
        assert_eq!(newer(std::slice::from_ref(&old), Some(first)), (first, Vec::new()));
        let fresh = failure("upstream_error", "2026-11-20T04:00:01.000Z");
        let (second, codes) = newer(&[fresh.clone(), old.clone(), failure("x", "yesterday")], Some(first));
        assert_eq!((second, codes), (first + 1000, vec!["upstream_error".to_owned()]));
        assert_eq!(newer(&[fresh, old], Some(second)).1, Vec::<String>::new());
        assert_eq!(newer(&[], None), (0, Vec::new()));
    }
}
