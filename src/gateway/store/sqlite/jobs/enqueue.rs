//! A job is queued.

use super::super::Shared;
use super::super::codec::{int, to_json};
use super::{Lane, record};
use crate::base::{Durability, mint};
use crate::gateway::store::{Enqueued, JobRecord, NewJob, Wakeup};
use crate::wire::gateway::JobState;

/// One statement, whose conflict with the idempotency index says that the job is there already.
pub async fn enqueue(shared: &Shared, job: NewJob, now_ms: i64) -> Result<Enqueued, sqlx::Error> {
    let id = job.id.clone().unwrap_or_else(|| mint("job"));
    let lane = to_json(&Lane::of(&job))?;
    let params = to_json(&job.params)?;
    let body = job.body.as_ref().map(to_json).transpose()?;
    let (owner, key, hash) = match &job.idempotency {
        Some((caller, key, hash)) => (Some(caller), Some(key), Some(hash)),
        None => (None, None, None),
    };
    let caller = owner.or(job.caller.as_ref());

    let mut writer = shared.database.write(Durability::Process).await?;
    let done = sqlx::query(
        "INSERT INTO jobs (id, state, node_id, lane, priority, due_ms, operation, timeout_ms, queue_timeout_ms,
             max_attempts, repeatable, durable, created_ms, caller, idempotency_key, request_hash, params, body)
         VALUES (?1, 'queued', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (caller, idempotency_key) WHERE caller IS NOT NULL DO NOTHING",
    )
    .bind(&id)
    .bind(job.node_id.as_deref().unwrap_or_default())
    .bind(lane)
    .bind(job.priority)
    .bind(now_ms + int(job.queue_timeout_ms))
    .bind(&job.operation)
    .bind(int(job.timeout_ms))
    .bind(int(job.queue_timeout_ms))
    .bind(job.max_attempts)
    .bind(job.repeatable)
    .bind(job.durable)
    .bind(now_ms)
    .bind(caller)
    .bind(key)
    .bind(hash)
    .bind(params)
    .bind(body)
    .execute(writer.connection())
    .await?;
    if done.rows_affected() == 0 {
        let there = sqlx::query("SELECT * FROM jobs WHERE caller = ?1 AND idempotency_key = ?2")
            .bind(caller)
            .bind(key)
            .fetch_one(writer.connection())
            .await?;
        drop(writer);
        let there = record(&there)?;
        if there.job.durable {
            shared.database.harden().await?; // the first submission may still be on its way to the disk
        }
        let same = there.job.idempotency.as_ref().map(|(_, _, hash)| hash) == hash;
        return Ok(if same { Enqueued::Existing(there) } else { Enqueued::Mismatch(there.id) });
    }
    drop(writer);
    if job.durable {
        shared.database.harden().await?;
    }
    shared.wake(Wakeup::Claimable { node_id: job.node_id.clone() });
    Ok(Enqueued::New(queued(id, job, now_ms)))
}

fn queued(id: String, job: NewJob, now_ms: i64) -> JobRecord {
    JobRecord {
        id,
        job,
        state: JobState::Queued,
        reason: None,
        epoch: 0,
        lease_id: None,
        leased_to: None,
        lease_expires_ms: None,
        started: false,
        cancel_requested: false,
        created_ms: now_ms,
        started_ms: None,
        finished_ms: None,
        answer: None,
        answer_body: None,
        failure: None,
        late_results: Vec::new(),
    }
}
