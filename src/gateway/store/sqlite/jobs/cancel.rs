//! A job's end is asked for.

use super::super::Shared;
use super::super::codec::{count, to_json};
use super::{StoredOutcome, record};
use crate::base::Durability;
use crate::gateway::store::fate::{End, KEEP_DURABLE_MS, KEEP_RELAYED_MS};
use crate::gateway::store::{CancelOutcome, Wakeup};
use crate::wire::node::CancelJob;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row, Sqlite};

pub async fn cancel(shared: &Shared, job_id: &str, now_ms: i64) -> Result<CancelOutcome, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    let rows = ask(writer.connection(), Some(job_id), now_ms).await?;
    let Some(row) = rows.first() else {
        let row = sqlx::query("SELECT * FROM jobs WHERE id = ?1").bind(job_id).fetch_optional(writer.connection());
        return match row.await? {
            Some(row) => record(&row).map(CancelOutcome::AlreadyEnded),
            None => Ok(CancelOutcome::Unknown),
        };
    };
    drop(writer);
    let job = record(row)?;
    if job.job.durable {
        shared.database.harden().await?;
    }
    shared.wake(Wakeup::JobChanged { job_id: job.id.clone() });
    if job.state.is_terminal() {
        return Ok(CancelOutcome::Ended(job));
    }
    if let Some(node_id) = job.leased_to.clone() {
        shared.wake(Wakeup::NodeChanged { node_id });
    }
    Ok(CancelOutcome::Requested(job))
}

/// Asks for the end of one job, or of all that are not durable. Those that ended or are to end come back.
async fn ask(
    connection: &mut SqliteConnection,
    job_id: Option<&str>,
    now_ms: i64,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let outcome = StoredOutcome { failure: Some(End::CANCELLED.failure()), ..StoredOutcome::default() };
    let which = if job_id.is_some() { "id = ?1" } else { "?1 IS NULL AND NOT durable" };
    let mut query = QueryBuilder::<Sqlite>::new(
        "UPDATE jobs SET cancel_requested = 1,
             reason = iif(state = 'queued', ?3, reason),
             outcome = iif(state = 'queued', ?4, outcome),
             finished_ms = iif(state = 'queued', ?5, finished_ms),
             due_ms = iif(state = 'queued', ?5 + iif(durable, ?6, ?7), due_ms),
             state = iif(state = 'queued', ?2, state)
         WHERE state IN ('queued', 'leased', 'running') AND ",
    );
    let rows = query.push(which).push(" RETURNING *").build();
    rows.bind(job_id)
        .bind(End::CANCELLED.state.as_str())
        .bind(End::CANCELLED.reason)
        .bind(to_json(&outcome)?)
        .bind(now_ms)
        .bind(KEEP_DURABLE_MS)
        .bind(KEEP_RELAYED_MS)
        .fetch_all(connection)
        .await
}

pub async fn abandon_relayed(shared: &Shared, now_ms: i64) -> Result<usize, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    let rows = ask(writer.connection(), None, now_ms).await?;
    drop(writer);
    for row in &rows {
        shared.wake(Wakeup::JobChanged { job_id: row.try_get("id")? });
        if let Some(node_id) = row.try_get("leased_to")? {
            shared.wake(Wakeup::NodeChanged { node_id });
        }
    }
    Ok(rows.len())
}

pub async fn cancels_for(shared: &Shared, node_id: &str) -> Result<Vec<CancelJob>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, epoch FROM jobs
         WHERE leased_to = ?1 AND cancel_requested = 1 AND state IN ('leased', 'running') ORDER BY id",
    )
    .bind(node_id)
    .fetch_all(shared.database.read())
    .await?;
    rows.iter().map(|row| Ok(CancelJob { job_id: row.try_get("id")?, epoch: count(row.try_get("epoch")?) })).collect()
}
