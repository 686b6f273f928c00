//! A node is removed, and its jobs with it.

use super::super::Shared;
use super::super::jobs::{Fates, situation};
use crate::base::Durability;
use crate::gateway::store::{Wakeup, fate};
use sqlx::Row;

pub async fn remove(shared: &Shared, node_id: &str, now_ms: i64) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let done = sqlx::query("UPDATE nodes SET removed_ms = ifnull(removed_ms, ?2) WHERE id = ?1")
        .bind(node_id)
        .bind(now_ms)
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
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
