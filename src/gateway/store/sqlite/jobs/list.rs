//! Jobs: found, listed, counted.

use super::super::Shared;
use super::super::codec::to_json;
use super::record;
use crate::gateway::store::{JobFilter, JobRecord};
use futures_util::TryStreamExt;
use sqlx::{QueryBuilder, Sqlite};
use std::collections::HashSet;

pub async fn get(shared: &Shared, job_id: &str) -> Result<Option<JobRecord>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM jobs WHERE id = ?1").bind(job_id).fetch_optional(shared.database.read());
    row.await?.as_ref().map(record).transpose()
}

/// A job is of the node that has or had it, or else that it is meant for.
pub async fn list(shared: &Shared, filter: JobFilter) -> Result<Vec<JobRecord>, sqlx::Error> {
    // ids begin with a letter, and `~` is behind all letters
    let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM jobs WHERE id < ");
    query.push_bind(filter.before.as_deref().unwrap_or("~"));
    if let Some(node_id) = &filter.node_id {
        query.push(" AND ifnull(leased_to, node_id) = ").push_bind(node_id);
    }
    if let Some(caller) = &filter.caller {
        query.push(" AND caller = ").push_bind(caller);
    }
    if !filter.states.is_empty() {
        if filter.states.iter().all(|state| !state.is_terminal()) {
            query.push(" AND state IN ('queued', 'leased', 'running')"); // the condition of the index on open jobs
        }
        query.push(" AND state IN (SELECT value FROM json_each(").push_bind(to_json(&filter.states)?).push("))");
    }
    query.push(" ORDER BY id DESC LIMIT ").push_bind(filter.limit);
    query.build().fetch_all(shared.database.read()).await?.iter().map(record).collect()
}

/// Row by row and without the rest of the rows: results can be large.
pub async fn referred_blobs(shared: &Shared) -> Result<HashSet<String>, sqlx::Error> {
    let rows = sqlx::query_scalar(
        "SELECT body ->> 'sha256' FROM jobs WHERE body IS NOT NULL AND body ->> 'base64' IS NULL
         UNION ALL
         SELECT outcome ->> '$.answer_body.sha256' FROM jobs WHERE outcome ->> '$.answer_body.sha256' IS NOT NULL",
    );
    rows.fetch(shared.database.read()).try_collect().await
}

pub async fn active(shared: &Shared, node_id: &str) -> Result<u32, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM jobs WHERE leased_to = ?1 AND state IN ('leased', 'running')")
        .bind(node_id)
        .fetch_one(shared.database.read())
        .await
}
