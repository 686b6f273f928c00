//! Many jobs meet their fates in few statements.

use super::super::Shared;
use super::super::codec::{count, to_json};
use super::{StoredOutcome, state};
use crate::gateway::store::fate::{End, Fate, KEEP_DURABLE_MS, KEEP_RELAYED_MS, Situation};
use crate::gateway::store::{Reaped, Wakeup};
use crate::wire::gateway::JobState;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// Why a job is queued again that its node did not begin.
const GIVEN_BACK: &str = "given_back";

/// What the rule looks at, from a row.
pub fn situation(row: &SqliteRow) -> Result<Situation, sqlx::Error> {
    let state = state(row)?;
    let leased = matches!(state, JobState::Leased | JobState::Running);
    Ok(Situation {
        state,
        epoch: count(row.try_get("epoch")?),
        max_attempts: count(row.try_get("max_attempts")?),
        started: row.try_get("started")?,
        started_ms: row.try_get("started_ms")?,
        lease_expires_ms: if leased { Some(row.try_get("due_ms")?) } else { None },
        timeout_ms: row.try_get("timeout_ms")?,
        repeatable: row.try_get("repeatable")?,
        cancel_requested: row.try_get("cancel_requested")?,
    })
}

/// Jobs by their fate.
#[derive(Default)]
pub struct Fates {
    groups: Vec<(Fate, Vec<i64>)>,
    moved: Moved,
}

/// What has to be told and synced once the transaction is committed.
#[derive(Default)]
pub struct Moved {
    /// What changed.
    reaped: Vec<Reaped>,
    /// Whether one of the jobs is durable.
    durable: bool,
    claimable: Vec<Option<String>>,
}

impl Fates {
    /// Adds the job of a row.
    pub fn add(&mut self, row: &SqliteRow, fate: Fate) -> Result<(), sqlx::Error> {
        let seq = row.try_get("seq")?;
        match self.groups.iter_mut().find(|(known, _)| *known == fate) {
            Some((_, jobs)) => jobs.push(seq),
            None => self.groups.push((fate, vec![seq])),
        }
        let (state, reason) = match fate {
            Fate::Forget => return Ok(()),
            Fate::End(end) => (end.state, end.reason),
            Fate::Requeue(reason) => (JobState::Queued, reason),
            Fate::GiveBack => (JobState::Queued, GIVEN_BACK),
        };
        if state == JobState::Queued {
            let node_id: String = row.try_get("node_id")?;
            self.moved.claimable.push(Some(node_id).filter(|id| !id.is_empty()));
        }
        self.moved.durable |= row.try_get::<bool, _>("durable")?;
        self.moved.reaped.push(Reaped { job_id: row.try_get("id")?, state, reason: reason.to_owned() });
        Ok(())
    }

    /// Writes them.
    pub async fn apply(self, connection: &mut SqliteConnection, now_ms: i64) -> Result<Moved, sqlx::Error> {
        for (fate, jobs) in &self.groups {
            let jobs = to_json(jobs)?;
            match fate {
                Fate::Requeue(reason) => requeue(connection, &jobs, reason, 0, now_ms).await?,
                // Its epoch is spent, so that nobody else can speak for it; a further attempt makes up for that.
                Fate::GiveBack => requeue(connection, &jobs, GIVEN_BACK, 1, now_ms).await?,
                Fate::End(end) => self::end(connection, &jobs, *end, now_ms).await?,
                Fate::Forget => {
                    sqlx::query("DELETE FROM jobs WHERE seq IN (SELECT value FROM json_each(?1))")
                        .bind(jobs)
                        .execute(&mut *connection)
                        .await?;
                }
            }
        }
        Ok(self.moved)
    }
}

impl Moved {
    /// After the commit: safe on disk if one of the jobs has to be, then told to those who wait.
    pub async fn settle(self, shared: &Shared) -> Result<Vec<Reaped>, sqlx::Error> {
        if self.durable {
            shared.database.harden().await?;
        }
        self.wake(shared);
        Ok(self.reaped)
    }

    /// Tells those who wait.
    pub fn wake(&self, shared: &Shared) {
        for reaped in &self.reaped {
            shared.wake(Wakeup::JobChanged { job_id: reaped.job_id.clone() });
        }
        for node_id in &self.claimable {
            shared.wake(Wakeup::Claimable { node_id: node_id.clone() });
        }
    }
}

/// Its queue time begins anew: it may have run for longer than it may be queued.
async fn requeue(
    connection: &mut SqliteConnection,
    jobs: &str,
    reason: &str,
    more_attempts: u32,
    now_ms: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE jobs SET state = 'queued', reason = ?2, due_ms = ?3 + queue_timeout_ms, started = 0, started_ms = NULL,
             max_attempts = max_attempts + ?4
         WHERE seq IN (SELECT value FROM json_each(?1))",
    )
    .bind(jobs)
    .bind(reason)
    .bind(now_ms)
    .bind(more_attempts)
    .execute(connection)
    .await?;
    Ok(())
}

async fn end(connection: &mut SqliteConnection, jobs: &str, end: End, now_ms: i64) -> Result<(), sqlx::Error> {
    let outcome = StoredOutcome { failure: Some(end.failure()), ..StoredOutcome::default() };
    sqlx::query(
        "UPDATE jobs SET state = ?2, reason = ?3, outcome = ?4, finished_ms = ?5, due_ms = ?5 + iif(durable, ?6, ?7)
         WHERE seq IN (SELECT value FROM json_each(?1))",
    )
    .bind(jobs)
    .bind(end.state.as_str())
    .bind(end.reason)
    .bind(to_json(&outcome)?)
    .bind(now_ms)
    .bind(KEEP_DURABLE_MS)
    .bind(KEEP_RELAYED_MS)
    .execute(connection)
    .await?;
    Ok(())
}
