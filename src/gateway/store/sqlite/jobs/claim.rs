//! Jobs are leased to a node.
//!
//! Small statements under the writer: which lanes have queued jobs, the heads of those that the node fits, the lease. One
//! statement that does it all costs three times as much, nearly all of it in setting up temporary tables. A caller has lanes
//! of its own, so the cost is that of lanes × callers, however long the queue is.

use super::super::Shared;
use super::super::codec::{from_json, int, to_json};
use super::super::grants;
use super::turns::Line;
use super::{Lane, Turns, record};
use crate::base::{Durability, mint};
use crate::gateway::store::{Claim, JobRecord, Wakeup};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;

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

/// The first jobs of a lane above a priority, from the index alone unless agents are excluded. None is queued while its end is asked for.
const HEADS: &str = "
SELECT priority, seq FROM jobs
WHERE state = 'queued' AND node_id = ?1 AND lane = ?2 AND priority > ?3 AND priority <= ?4
    AND (?6 IS NULL OR NOT EXISTS (
        SELECT 1 FROM json_each(params, '$.agent_aliases') AS own
        WHERE own.value IN (SELECT value FROM json_each(?6))))
ORDER BY priority, seq LIMIT ?5";

/// Since when jobs are queued.
const AGES: &str = "SELECT seq, created_ms FROM jobs WHERE seq IN (SELECT value FROM json_each(?1))";

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
    let picked = pick(writer.connection(), &claim, &shared.turns, now_ms).await?;
    if picked.is_empty() {
        return Ok(Vec::new());
    }
    let leases: Vec<(i64, String)> = picked.iter().map(|seq| (*seq, mint("lease"))).collect();
    let rows = sqlx::query(LEASE)
        .bind(&claim.node_id)
        .bind(now_ms + int(claim.grace_ms))
        .bind(to_json(&leases)?)
        .fetch_all(writer.connection())
        .await?;
    drop(writer);
    // `RETURNING` gives rows in any order.
    let place = |seq: i64| picked.iter().position(|picked| *picked == seq);
    let mut jobs = Vec::with_capacity(rows.len());
    for row in &rows {
        jobs.push((place(row.try_get("seq")?), record(row)?));
    }
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

/// The jobs that the node gets, first things first.
async fn pick(
    connection: &mut SqliteConnection,
    claim: &Claim,
    turns: &Turns,
    now_ms: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    let limit = claim.limit.min(LIMIT);
    let mut lanes: Vec<(String, String, Lane)> = Vec::new();
    for row in sqlx::query(LANES).bind(&claim.node_id).fetch_all(&mut *connection).await? {
        let text: String = row.try_get("lane")?;
        let lane: Lane = from_json(&text)?;
        if fits(claim, &lane) {
            lanes.push((row.try_get("home")?, text, lane));
        }
    }
    let callers: Vec<&str> = lanes.iter().filter_map(|(_, _, lane)| lane.checked_caller()).collect();
    let refused = grants::refused(connection, &callers, &claim.node_id, &claim.labels).await?;
    lanes.retain(|(_, _, lane)| lane.checked_caller().is_none_or(|caller| !refused.contains(caller)));
    let mut lines = Vec::new();
    for (home, text, lane) in lanes {
        lines.extend(heads(connection, claim, limit, (home, text), lane.caller().unwrap_or_default()).await?);
    }
    if lines.windows(2).any(|pair| pair[0].priority != pair[1].priority) {
        add_ages(connection, &mut lines).await?;
    }
    Ok(turns.pick(&claim.node_id, lines, limit as usize, now_ms))
}

fn fits(claim: &Claim, lane: &Lane) -> bool {
    lane.min_protocol() <= claim.protocol
        && lane.labels().iter().all(|(key, value)| claim.labels.get(key) == Some(value))
}

/// The lines of a lane, one for each of its priorities, with as many jobs as a claim may take.
async fn heads(
    connection: &mut SqliteConnection,
    claim: &Claim,
    limit: u32,
    lane: (String, String),
    caller: &str,
) -> Result<Vec<Line>, sqlx::Error> {
    let mut lines: Vec<Line> = Vec::new();
    let excluded = if claim.excluded_agents.is_empty() { None } else { Some(to_json(&claim.excluded_agents)?) };
    let mut above = i64::MIN;
    // One more than can be taken tells whether there are more.
    let read = limit + 1;
    loop {
        let heads: Vec<(i64, i64)> = sqlx::query_as(HEADS)
            .bind(&lane.0)
            .bind(&lane.1)
            .bind(above)
            .bind(claim.max_priority.unwrap_or(i64::MAX))
            .bind(read)
            .bind(excluded.as_deref())
            .fetch_all(&mut *connection)
            .await?;
        for (priority, seq) in &heads {
            match lines.last_mut().filter(|line| line.priority == *priority) {
                Some(line) => line.jobs.push_back(*seq),
                None => lines.push(Line {
                    lane: lane.clone(),
                    caller: caller.to_owned(),
                    priority: *priority,
                    jobs: [*seq].into(),
                    queued_ms: i64::MAX, // no age
                }),
            }
        }
        match heads.last() {
            // Jobs of this priority fill what was read: behind them may be those of the next.
            Some((priority, _)) if heads.len() == read as usize => above = *priority,
            _ => return Ok(lines),
        }
    }
}

/// Only where there are several priorities: age is nothing among equals.
async fn add_ages(connection: &mut SqliteConnection, lines: &mut [Line]) -> Result<(), sqlx::Error> {
    let firsts: Vec<i64> = lines.iter().filter_map(|line| line.jobs.front().copied()).collect();
    let ages: Vec<(i64, i64)> = sqlx::query_as(AGES).bind(to_json(&firsts)?).fetch_all(connection).await?;
    let ages: HashMap<i64, i64> = ages.into_iter().collect();
    for line in lines {
        if let Some(queued_ms) = line.jobs.front().and_then(|seq| ages.get(seq)) {
            line.queued_ms = *queued_ms;
        }
    }
    Ok(())
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
        for sql in [LANES, HEADS, AGES, LEASE] {
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
            let rows = plan.fetch_all(writer.connection()).await.unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            assert!(steps.iter().any(|step| step.starts_with("SEARCH jobs USING")), "{steps:#?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN jobs") || step.contains("ORDER BY")), "{steps:#?}");
        }
    }
}
