//! Whose turn it is.
//!
//! The lowest priority number goes first. Among equals, the tenant that has the fewest runs, then the one that waits the
//! longest for a slot, then what was queued first. Nobody waits behind a job of another tenant.

use super::table::Table;
use crate::wire::node::generic::GenericState;
use std::collections::HashMap;

/// The job that gets the next slot.
pub(super) fn next(table: &Table) -> Option<String> {
    let mut runs: HashMap<&str, usize> = HashMap::new();
    for active in table.running.values() {
        *runs.entry(&active.tenant_id).or_default() += 1;
    }
    let waiting = table.entries.iter().filter(|(_, entry)| entry.record.state == GenericState::Queued);
    let first = waiting.min_by_key(|(id, entry)| {
        let tenant = entry.record.tenant_id.as_str();
        (
            entry.record.priority,
            runs.get(tenant).copied().unwrap_or(0),
            table.served.get(tenant).copied().unwrap_or(0),
            entry.queued_ms,
            entry.number,
            id.as_str(),
        )
    });
    first.map(|(id, _)| id.clone())
}
