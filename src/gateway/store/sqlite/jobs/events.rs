//! Events of running jobs: appended, read.

use super::super::Shared;
use super::super::codec::{count, int, unknown_word};
use crate::base::Durability;
use crate::gateway::store::{Appended, StoredEvent, Wakeup};
use crate::wire::node::{Event, EventKind};
use base64::Engine as _;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

/// Events of one statement: SQLite takes 32,766 parameters.
const ROWS: usize = 1000;
/// Statements of up to so many events stay prepared; each length is one of the hundred that the connection keeps.
const KEPT: usize = 8;

/// An event with its bytes.
struct Decoded<'a> {
    event: &'a Event,
    data: Vec<u8>,
}

/// Never shortens a lease: that of a protocol 1 node lasts as long as its job may run.
pub async fn append(
    shared: &Shared,
    job_id: &str,
    node_id: &str,
    epoch: u64,
    events: &[Event],
    ttl_ms: u64,
    now_ms: i64,
) -> Result<Appended, sqlx::Error> {
    let events = decode(events)?;
    let mut writer = shared.database.write(Durability::Process).await?;
    let extended = sqlx::query(
        "UPDATE jobs SET due_ms = max(due_ms, ?4)
         WHERE id = ?1 AND leased_to = ?2 AND epoch = ?3 AND state IN ('leased', 'running')
         RETURNING seq, cancel_requested,
             (SELECT ifnull(max(events.seq) + 1, 0) FROM events WHERE job = jobs.seq AND events.epoch = ?3) AS next_seq",
    )
    .bind(job_id)
    .bind(node_id)
    .bind(int(epoch))
    .bind(now_ms + int(ttl_ms))
    .fetch_all(writer.connection())
    .await?;
    let Some(row) = extended.first() else {
        let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM jobs WHERE id = ?1")
            .bind(job_id)
            .fetch_optional(writer.connection())
            .await?;
        return Ok(if there.is_some() { Appended::Stale } else { Appended::Unknown });
    };
    let job: i64 = row.try_get("seq")?;
    let first = count(row.try_get("next_seq")?);
    let mut next_seq = first;
    let mut new = Vec::new();
    for decoded in events {
        if decoded.event.seq > next_seq {
            break;
        }
        if decoded.event.seq == next_seq {
            next_seq += 1;
            new.push(decoded);
        }
    }
    // A fault between two statements leaves a shorter list without a gap, and the node sends the rest again.
    for rows in new.chunks(ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO events (job, epoch, seq, kind, offset, data) ");
        insert.push_values(rows, |mut row, Decoded { event, data }| {
            row.push_bind(job).push_bind(int(epoch)).push_bind(int(event.seq));
            row.push_bind(word(event.kind)).push_bind(int(event.offset)).push_bind(data.as_slice());
        });
        insert.build().persistent(rows.len() <= KEPT).execute(writer.connection()).await?;
    }
    drop(writer);
    if next_seq > first {
        shared.wake(Wakeup::JobChanged { job_id: job_id.to_owned() });
    }
    Ok(Appended::Kept { next_seq, cancel_requested: row.try_get("cancel_requested")? })
}

fn decode<'a>(events: &'a [Event]) -> Result<Vec<Decoded<'a>>, sqlx::Error> {
    let decode = |event: &'a Event| {
        let data = base64::engine::general_purpose::STANDARD.decode(&event.data);
        data.map(|data| Decoded { event, data }).map_err(|failed| sqlx::Error::Encode(failed.into()))
    };
    events.iter().map(decode).collect()
}

pub async fn events(
    shared: &Shared,
    job_id: &str,
    after: Option<(u64, u64)>,
    limit: u32,
) -> Result<Vec<StoredEvent>, sqlx::Error> {
    let (epoch, seq) = after.map_or((-1, -1), |(epoch, seq)| (int(epoch), int(seq)));
    let rows = sqlx::query(
        "SELECT epoch, seq, kind, offset, data FROM events
         WHERE job = (SELECT seq FROM jobs WHERE id = ?1) AND (epoch, seq) > (?2, ?3)
         ORDER BY epoch, seq LIMIT ?4",
    )
    .bind(job_id)
    .bind(epoch)
    .bind(seq)
    .bind(limit)
    .fetch_all(shared.database.read());
    rows.await?.iter().map(stored).collect()
}

fn stored(row: &SqliteRow) -> Result<StoredEvent, sqlx::Error> {
    let kind: &str = row.try_get("kind")?;
    Ok(StoredEvent {
        epoch: count(row.try_get("epoch")?),
        seq: count(row.try_get("seq")?),
        kind: KINDS.into_iter().find(|known| word(*known) == kind).ok_or_else(|| unknown_word("events.kind", kind))?,
        offset: count(row.try_get("offset")?),
        data: row.try_get("data")?,
    })
}

const KINDS: [EventKind; 3] = [EventKind::Stdout, EventKind::Stderr, EventKind::Progress];

fn word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Stdout => "stdout",
        EventKind::Stderr => "stderr",
        EventKind::Progress => "progress",
    }
}
