//! Leases: begun, renewed, extended.

use super::super::Shared;
use super::super::codec::{count, int, to_json};
use crate::base::Durability;
use crate::gateway::store::{StartOutcome, Wakeup};
use crate::wire::node::{LeaseClaim, LeaseState, LeaseStatus};
use sqlx::Row;
use std::collections::HashMap;

/// A protocol 1 node renews nothing, so its lease lasts as long as the job may run. Hardened like a claim: a power cut that
/// took the start back would let another node run what this one has begun.
pub async fn start(
    shared: &Shared,
    job_id: &str,
    node_id: &str,
    epoch: Option<u64>,
    ttl_ms: u64,
    now_ms: i64,
) -> Result<StartOutcome, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    let begun: Vec<(bool, bool)> = sqlx::query_as(
        "UPDATE jobs SET state = 'running', started = 1, started_ms = iif(started, started_ms, ?4),
             due_ms = ?4 + iif((SELECT protocol FROM nodes WHERE id = ?2) = 1, timeout_ms, ?5)
         WHERE id = ?1 AND leased_to = ?2 AND epoch = ifnull(?3, epoch) AND state IN ('leased', 'running')
         RETURNING cancel_requested, durable",
    )
    .bind(job_id)
    .bind(node_id)
    .bind(epoch.map(int))
    .bind(now_ms)
    .bind(int(ttl_ms))
    .fetch_all(writer.connection())
    .await?;
    if let [(cancel_requested, durable)] = begun[..] {
        drop(writer);
        if durable {
            shared.database.harden().await?;
        }
        shared.wake(Wakeup::JobChanged { job_id: job_id.to_owned() });
        return Ok(StartOutcome::Started { cancel_requested });
    }
    let there: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM jobs WHERE id = ?1").bind(job_id).fetch_optional(writer.connection()).await?;
    Ok(if there.is_some() { StartOutcome::Stale } else { StartOutcome::Unknown })
}

pub async fn renew(
    shared: &Shared,
    node_id: &str,
    leases: &[LeaseClaim],
    ttl_ms: u64,
    now_ms: i64,
) -> Result<Vec<LeaseStatus>, sqlx::Error> {
    let claims = to_json(&leases)?;
    let mut writer = shared.database.write(Durability::Process).await?;
    let rows = sqlx::query(
        "UPDATE jobs SET due_ms = max(due_ms, ?3)
         FROM (SELECT value ->> 'job_id' AS job_id, value ->> 'epoch' AS epoch FROM json_each(?2)) AS asked
         WHERE jobs.id = asked.job_id AND jobs.epoch = asked.epoch AND leased_to = ?1 AND state IN ('leased', 'running')
         RETURNING id, epoch, cancel_requested",
    )
    .bind(node_id)
    .bind(claims)
    .bind(now_ms + int(ttl_ms))
    .fetch_all(writer.connection())
    .await?;
    drop(writer);
    let mut held = HashMap::new();
    for row in &rows {
        let cancel: bool = row.try_get("cancel_requested")?;
        held.insert((row.try_get::<&str, _>("id")?, count(row.try_get("epoch")?)), cancel);
    }
    let status = |claim: &LeaseClaim| {
        let state = match held.get(&(claim.job_id.as_str(), claim.epoch)) {
            Some(true) => LeaseState::Cancel,
            Some(false) => LeaseState::Held,
            None => LeaseState::Stale,
        };
        let ttl_ms = if state == LeaseState::Stale { 0 } else { ttl_ms };
        LeaseStatus { job_id: claim.job_id.clone(), epoch: claim.epoch, state, ttl_ms }
    };
    Ok(leases.iter().map(status).collect())
}

/// A job that is not durable may run without a start, so its lease is taken for one that has begun.
pub async fn extend_leases(shared: &Shared, until_ms: i64, unstarted_ms: i64) -> Result<(), sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    sqlx::query(
        "UPDATE jobs SET due_ms = max(due_ms, iif(started OR NOT durable, ?1, ?2))
         WHERE state IN ('leased', 'running') AND due_ms < max(?1, ?2)",
    )
    .bind(until_ms)
    .bind(unstarted_ms)
    .execute(writer.connection())
    .await?;
    Ok(())
}

/// The next look at what is due finds them.
pub async fn forsake(shared: &Shared, node_id: &str, now_ms: i64) -> Result<(), sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    sqlx::query(
        "UPDATE jobs SET due_ms = min(due_ms, ?2)
         WHERE leased_to = ?1 AND NOT durable AND state IN ('leased', 'running')",
    )
    .bind(node_id)
    .bind(now_ms)
    .execute(writer.connection())
    .await?;
    Ok(())
}
