//! Forgets jobs that ended long ago.

use super::table::Table;

/// Bytes that jobs which ended may hold together.
const MAX_BYTES: usize = 256 << 20;

/// A job has ended: it is kept, and the oldest go when there are too many.
pub(super) fn ended(table: &mut Table, job_id: &str, most: usize) {
    table.ended.retain(|id| id != job_id);
    table.ended.push_back(job_id.to_owned());
    let mut bytes: usize = table.ended.iter().filter_map(|id| table.entries.get(id)).map(|entry| entry.bytes()).sum();
    while table.ended.len() > most || (bytes > MAX_BYTES && table.ended.len() > 1) {
        let Some(oldest) = table.ended.pop_front() else { return };
        if let Some(entry) = table.entries.remove(&oldest) {
            bytes -= entry.bytes();
            table.keys.remove(&entry.record.idempotency_key);
        }
    }
    if table.served.len() > 4 * most.max(16) {
        // Only the order among tenants is lost.
        table.served.clear();
    }
}
