//! A node sends a result.

use super::super::Shared;
use super::super::codec::{count, int, to_json};
use super::{StoredOutcome, json, state};
use crate::base::Durability;
use crate::gateway::store::fate::{KEEP_DURABLE_MS, KEEP_RELAYED_MS};
use crate::gateway::store::{Finish, FinishedJob, Wakeup};
use crate::wire::gateway::{JobState, LateResult};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

/// One statement when the result ends its job. A job that went back to the queue may still be ended by its newest attempt,
/// but only with the operation's own end: a node that lost its lease and stopped must not end the job for the next one.
pub async fn finish(shared: &Shared, node_id: &str, finish: Finish, now_ms: i64) -> Result<FinishedJob, sqlx::Error> {
    if !finish.state.is_terminal() {
        return Err(sqlx::Error::Encode(format!("{} is no end of a job", finish.state).into()));
    }
    let own_end = !matches!(finish.state, JobState::Cancelled | JobState::Lost);
    let outcome = StoredOutcome { answer: finish.answer, answer_body: finish.answer_body, failure: finish.failure };
    let text = to_json(&outcome)?;
    let mut writer = shared.database.write(Durability::Process).await?;
    let ended = sqlx::query_scalar(
        "UPDATE jobs SET state = ?4, reason = ?5, outcome = ?6, ended_by = epoch, finished_ms = ?7,
             due_ms = ?7 + iif(durable, ?8, ?9)
         WHERE id = ?1 AND leased_to = ?2 AND epoch = ifnull(?3, epoch)
             AND (state IN ('leased', 'running') OR (state = 'queued' AND ?10))
         RETURNING durable",
    )
    .bind(&finish.job_id)
    .bind(node_id)
    .bind(finish.epoch.map(int))
    .bind(finish.state.as_str())
    .bind(finish.reason)
    .bind(text)
    .bind(now_ms)
    .bind(KEEP_DURABLE_MS)
    .bind(KEEP_RELAYED_MS)
    .bind(own_end)
    .fetch_all(writer.connection())
    .await?;
    let (disposition, durable) = match ended[..] {
        [durable] => (FinishedJob::Recorded, durable),
        _ => {
            let late =
                |epoch| LateResult { epoch, state: finish.state, result: outcome.answer, error: outcome.failure };
            too_late(writer.connection(), node_id, &finish.job_id, finish.epoch, late).await?
        }
    };
    drop(writer);
    if durable {
        shared.database.harden().await?; // also for a duplicate: the first may still be on its way to the disk
    }
    if matches!(disposition, FinishedJob::Recorded | FinishedJob::Superseded) {
        shared.wake(Wakeup::JobChanged { job_id: finish.job_id });
    }
    Ok(disposition)
}

async fn too_late(
    connection: &mut SqliteConnection,
    node_id: &str,
    job_id: &str,
    epoch: Option<u64>,
    late: impl FnOnce(u64) -> LateResult,
) -> Result<(FinishedJob, bool), sqlx::Error> {
    let row = sqlx::query("SELECT state, epoch, leased_to, earlier, ended_by, durable FROM jobs WHERE id = ?1")
        .bind(job_id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok((FinishedJob::Unknown, false)) };
    let Some(epoch) = attempt(&row, node_id, epoch)? else { return Ok((FinishedJob::Unknown, false)) };
    let ended_by: Option<i64> = row.try_get("ended_by")?;
    if state(&row)?.is_terminal() && ended_by.map(count) == Some(epoch) {
        return Ok((FinishedJob::Duplicate, row.try_get("durable")?));
    }
    sqlx::query(
        "UPDATE jobs SET late = json_insert(ifnull(late, '[]'), '$[#]', json(?3))
         WHERE id = ?1 AND NOT EXISTS (
             SELECT 1 FROM json_each(ifnull(late, '[]')) AS kept WHERE kept.value ->> 'epoch' = ?2)",
    )
    .bind(job_id)
    .bind(int(epoch))
    .bind(to_json(&late(epoch))?)
    .execute(connection)
    .await?;
    Ok((FinishedJob::Superseded, row.try_get("durable")?))
}

/// Which attempt a result is of; none when the job was never leased to that node so.
fn attempt(row: &SqliteRow, node_id: &str, epoch: Option<u64>) -> Result<Option<u64>, sqlx::Error> {
    let mut attempts: BTreeMap<u64, String> = json(row, "earlier")?.unwrap_or_default();
    if let Some(holder) = row.try_get("leased_to")? {
        attempts.insert(count(row.try_get("epoch")?), holder);
    }
    let mut of_node = attempts.into_iter().filter(|(_, holder)| holder == node_id).map(|(epoch, _)| epoch);
    Ok(match epoch {
        Some(epoch) => of_node.find(|known| *known == epoch),
        None => of_node.next_back(),
    })
}
