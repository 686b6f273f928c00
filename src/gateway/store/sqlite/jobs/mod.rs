//! Jobs: how a row is read. Each thing that happens to a job has its file.

mod cancel;
mod claim;
mod enqueue;
mod events;
mod fates;
mod finish;
mod give_back;
mod lane;
mod lease;
mod list;
mod reap;
mod turns;

pub use cancel::{abandon_relayed, cancel, cancels_for};
pub use claim::claim;
pub use enqueue::enqueue;
pub use events::{append, events};
pub use fates::{Fates, situation};
pub use finish::finish;
pub use give_back::give_back;
pub use lease::{extend_leases, forsake, renew, start};
pub use list::{active, get, list, referred_blobs};
pub use reap::reap;
pub use turns::Turns;

use lane::Lane;

use super::codec::{count, from_json, unknown_word};
use crate::gateway::store::{JobRecord, NewJob};
use crate::wire::gateway::JobState;
use crate::wire::node::AnswerBody;
use crate::wire::v1::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// How a job ended, as the column `outcome` holds it.
#[derive(Default, Serialize, Deserialize)]
struct StoredOutcome {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer_body: Option<AnswerBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
}

fn state(row: &SqliteRow) -> Result<JobState, sqlx::Error> {
    let word: &str = row.try_get("state")?;
    JobState::parse(word).ok_or_else(|| unknown_word("jobs.state", word))
}

fn record(row: &SqliteRow) -> Result<JobRecord, sqlx::Error> {
    let state = state(row)?;
    let leased = matches!(state, JobState::Leased | JobState::Running);
    let outcome: StoredOutcome = json(row, "outcome")?.unwrap_or_default();
    Ok(JobRecord {
        id: row.try_get("id")?,
        job: submission(row)?,
        state,
        reason: row.try_get("reason")?,
        epoch: count(row.try_get("epoch")?),
        lease_id: row.try_get("lease_id")?,
        leased_to: row.try_get("leased_to")?,
        lease_expires_ms: if leased { Some(row.try_get("due_ms")?) } else { None },
        started: row.try_get("started")?,
        cancel_requested: row.try_get("cancel_requested")?,
        created_ms: row.try_get("created_ms")?,
        started_ms: row.try_get("started_ms")?,
        finished_ms: row.try_get("finished_ms")?,
        answer: outcome.answer,
        answer_body: outcome.answer_body,
        failure: outcome.failure,
        late_results: json(row, "late")?.unwrap_or_default(),
    })
}

fn submission(row: &SqliteRow) -> Result<NewJob, sqlx::Error> {
    let lane: Lane = from_json(row.try_get("lane")?)?;
    let node_id: String = row.try_get("node_id")?;
    let idempotency = match row.try_get("idempotency_key")? {
        Some(key) => Some((row.try_get("caller")?, key, row.try_get("request_hash")?)),
        None => None,
    };
    Ok(NewJob {
        id: None,
        node_id: Some(node_id).filter(|id| !id.is_empty()),
        labels: lane.labels().clone(),
        operation: row.try_get("operation")?,
        params: from_json(row.try_get("params")?)?,
        body: json(row, "body")?,
        min_protocol: lane.min_protocol(),
        priority: row.try_get("priority")?,
        timeout_ms: count(row.try_get("timeout_ms")?),
        queue_timeout_ms: count(row.try_get("queue_timeout_ms")?),
        max_attempts: row.try_get("max_attempts")?,
        repeatable: row.try_get("repeatable")?,
        durable: row.try_get("durable")?,
        caller: lane.caller().map(str::to_owned),
        idempotency,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<Option<T>, sqlx::Error> {
    row.try_get::<Option<&str>, _>(column)?.map(from_json).transpose()
}
