//! Jobs are leased to a node.
//!
//! Three small statements under the writer: which lanes have queued jobs, the heads of those that the node fits, the
//! lease. One statement that does it all costs three times as much, nearly all of it in setting up temporary tables.

use super::super::Shared;
use super::super::codec::{from_json, int, to_json};
use super::{Lane, record};
use crate::base::{Durability, mint};
use crate::gateway::store::{Claim, JobRecord, Wakeup};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// The most jobs that one claim leases.
const LIMIT: u32 = 1000;

/// The lanes that have queued jobs for this node (`home` is its id) or for any node (`home` is empty), by jumping from one
/// to the next in the index.
const LANES: &str = "
WITH RECURSIVE lanes (home, lane) AS (
    SELECT column1, (SELECT min(lane) FROM jobs WHERE state = 'queued' AND node_id = column1)
    FROM (VALUES (?1), (''))
    WHERE EXISTS (SELECT 1 FROM nodes WHERE id = ?1 AND removed_ms IS NULL)
    UNION ALL
    SELECT home,
        (SELECT min(jobs.lane) FROM jobs WHERE state = 'queued' AND node_id = lanes.home AND jobs.lane > lanes.lane)
    FROM lanes WHERE lane IS NOT NULL
)
SELECT home, lane FROM lanes WHERE lane IS NOT NULL";

/// The first jobs of a lane, from the index alone unless agents are excluded. None is queued while its end is asked for.
const HEADS: &str = "
SELECT priority, seq FROM jobs WHERE state = 'queued' AND node_id = ?1 AND lane = ?2 AND priority <= ?3
    AND (?5 IS NULL OR NOT EXISTS (
        SELECT 1 FROM json_each(params, '$.agent_aliases') AS own
        WHERE own.value IN (SELECT value FROM json_each(?5))))
ORDER BY priority, seq LIMIT ?4";

const LEASE: &str = "
UPDATE jobs SET
    state = 'leased', reason = NULL, epoch = epoch + 1, leased_to = ?1, due_ms = ?2, started = 0, started_ms = NULL,
    lease_id = (SELECT value ->> 1 FROM json_each(?3) WHERE value ->> 0 = seq),
    earlier = iif(epoch = 0, earlier, json_set(ifnull(earlier, '{}'), '$.\"' || epoch || '\"', leased_to))
WHERE seq IN (SELECT value ->> 0 FROM json_each(?3)) AND state = 'queued'
RETURNING *";

pub async fn claim(shared: &Shared, claim: Claim, now_ms: i64) -> Result<Vec<JobRecord>, sqlx::Error> {
    if claim.limit == 0 {
        return Ok(Vec::new());
    }
    let mut writer = shared.database.write(Durability::Process).await?;
    let picked = pick(writer.connection(), &claim).await?;
    if picked.is_empty() {
        return Ok(Vec::new());
    }
    let leases: Vec<(i64, String)> = picked.into_iter().map(|(_, seq)| (seq, mint("lease"))).collect();
    let rows = sqlx::query(LEASE)
        .bind(&claim.node_id)
        .bind(now_ms + int(claim.grace_ms))
        .bind(to_json(&leases)?)
        .fetch_all(writer.connection())
        .await?;
    drop(writer);
    let mut jobs = rows.iter().map(in_order).collect::<Result<Vec<_>, _>>()?;
    jobs.sort_by_key(|(place, _)| *place);
    if jobs.iter().any(|(_, job)| job.job.durable) {
        // Else a power cut would take the epoch back, and two attempts would share a number.
        shared.database.harden().await?;
    }
    for (_, job) in &jobs {
        shared.wake(Wakeup::JobChanged { job_id: job.id.clone() });
    }
    Ok(jobs.into_iter().map(|(_, job)| job).collect())
}

/// The jobs that the node gets, as (priority, seq), first things first.
async fn pick(connection: &mut SqliteConnection, claim: &Claim) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    let limit = claim.limit.min(LIMIT);
    let mut picked = Vec::new();
    let excluded = if claim.excluded_agents.is_empty() { None } else { Some(to_json(&claim.excluded_agents)?) };
    for row in sqlx::query(LANES).bind(&claim.node_id).fetch_all(&mut *connection).await? {
        let lane: &str = row.try_get("lane")?;
        if !fits(claim, &from_json(lane)?) {
            continue;
        }
        let heads: Vec<(i64, i64)> = sqlx::query_as(HEADS)
            .bind(row.try_get::<&str, _>("home")?)
            .bind(lane)
            .bind(claim.max_priority.unwrap_or(i64::MAX))
            .bind(limit)
            .bind(excluded.as_deref())
            .fetch_all(&mut *connection)
            .await?;
        picked.extend(heads);
    }
    picked.sort_unstable();
    picked.truncate(limit as usize);
    Ok(picked)
}

fn fits(claim: &Claim, (min_protocol, wanted): &Lane) -> bool {
    *min_protocol <= claim.protocol && wanted.iter().all(|(key, value)| claim.labels.get(key) == Some(value))
}

/// `RETURNING` gives rows in any order.
fn in_order(row: &SqliteRow) -> Result<((i64, i64), JobRecord), sqlx::Error> {
    Ok(((row.try_get("priority")?, row.try_get("seq")?), record(row)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Database;
    use crate::gateway::store::sqlite::schema::SCHEMA;
    use sqlx::AssertSqlSafe;

    #[tokio::test]
    async fn a_claim_never_scans_the_jobs() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(&dir.path().join("plan.db"), SCHEMA).await.unwrap();
        let mut writer = database.write(Durability::Process).await.unwrap();
        for sql in [LANES, HEADS, LEASE] {
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
            let rows = plan.fetch_all(writer.connection()).await.unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            assert!(steps.iter().any(|step| step.starts_with("SEARCH jobs USING")), "{steps:#?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN jobs") || step.contains("ORDER BY")), "{steps:#?}");
        }
    }
}
