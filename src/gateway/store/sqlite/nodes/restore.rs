//! A removed node comes back without joining again: its token is good as before.

use super::super::Shared;
use super::join::own_name;
use crate::base::Durability;
use crate::gateway::store::Wakeup;

/// False when no node of that id was removed since `since_ms`.
pub async fn restore(shared: &Shared, node_id: &str, since_ms: i64) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM nodes WHERE id = ?1 AND removed_ms >= ?2")
        .bind(node_id)
        .bind(since_ms)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(name) = name else { return Ok(false) };
    let name = own_name(&mut *connection, &name).await?;
    sqlx::query("UPDATE nodes SET removed_ms = NULL, name = ?2, drain = 0, draining = 0 WHERE id = ?1")
        .bind(node_id)
        .bind(name)
        .execute(&mut *connection)
        .await?;
    transaction.commit().await?;
    drop(writer);
    shared.wake(Wakeup::NodeChanged { node_id: node_id.to_owned() });
    Ok(true)
}
