//! A removal is taken back.

use super::super::{Shared, audit};
use super::join::{GIVEN_UP, free_name};
use crate::base::Durability;
use crate::gateway::store::{NewAudit, Wakeup, acts};
use serde_json::json;

/// Its token was kept, so the node is there again with its next call.
pub async fn restore(shared: &Shared, actor: &str, node_id: &str, now_ms: i64) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let known: Option<(String, bool)> = sqlx::query_as("SELECT name, removed_ms IS NOT NULL FROM nodes WHERE id = ?1")
        .bind(node_id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some((name, removed)) = known else { return Ok(false) };
    if !removed {
        return Ok(true);
    }
    let name = match name.split_once(GIVEN_UP) {
        Some((name, _)) => free_name(connection, name).await?,
        None => name,
    };
    sqlx::query("UPDATE nodes SET removed_ms = NULL, name = ?2 WHERE id = ?1")
        .bind(node_id)
        .bind(&name)
        .execute(&mut *connection)
        .await?;
    let act = acts::NODE_RESTORED.to_owned();
    let entry = NewAudit { act, subject: node_id.to_owned(), detail: json!({"name": name}) };
    audit::write(connection, actor, entry, now_ms).await?;
    transaction.commit().await?;
    drop(writer);
    shared.wake(Wakeup::NodeChanged { node_id: node_id.to_owned() });
    Ok(true)
}
