//! A node is removed, and its jobs with it.

use super::super::jobs::{Fates, situation};
use super::super::{Shared, audit};
use crate::base::Durability;
use crate::gateway::store::{NewAudit, Wakeup, acts, fate};
use serde_json::json;
use sqlx::Row;

pub async fn remove(shared: &Shared, actor: &str, node_id: &str, now_ms: i64) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let known: Option<(String, bool)> = sqlx::query_as("SELECT name, removed_ms IS NULL FROM nodes WHERE id = ?1")
        .bind(node_id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some((name, present)) = known else { return Ok(false) };
    if present {
        sqlx::query("UPDATE nodes SET removed_ms = ?2 WHERE id = ?1")
            .bind(node_id)
            .bind(now_ms)
            .execute(&mut *connection)
            .await?;
        // An approval can be claimed again and again until its time is over: it would let the machine in again.
        sqlx::query("DELETE FROM registrations WHERE node_id = ?1 AND state = 'approved'")
            .bind(node_id)
            .execute(&mut *connection)
            .await?;
        let act = acts::NODE_REMOVED.to_owned();
        let entry = NewAudit { act, subject: node_id.to_owned(), detail: json!({"name": name}) };
        audit::write(connection, actor, entry, now_ms).await?;
    }
    let rows = sqlx::query(
        "SELECT * FROM jobs WHERE state = 'queued' AND node_id = ?1
         UNION ALL SELECT * FROM jobs WHERE state IN ('leased', 'running') AND leased_to = ?1",
    )
    .bind(node_id)
    .fetch_all(&mut *connection)
    .await?;
    let mut fates = Fates::default();
    for row in &rows {
        let bound = row.try_get::<&str, _>("node_id")? == node_id;
        fates.add(row, fate::when_node_removed(&situation(row)?, bound))?;
    }
    let moved = fates.apply(connection, now_ms).await?;
    transaction.commit().await?;
    drop(writer);
    moved.wake(shared);
    shared.wake(Wakeup::NodeChanged { node_id: node_id.to_owned() });
    Ok(true)
}
