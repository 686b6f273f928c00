//! A node's tokens: the one in force and the one that will replace it.

use super::super::Shared;
use super::{change, record, select_nodes};
use crate::base::Durability;
use crate::gateway::store::{NodeRecord, acts};
use sqlx::Row;

pub async fn by_token(shared: &Shared, token_hash: &str) -> Result<Option<NodeRecord>, sqlx::Error> {
    let row = sqlx::query(select_nodes!("WHERE token_hash = ?1 OR next_token_hash = ?1"))
        .bind(token_hash)
        .fetch_optional(shared.database.read())
        .await?;
    let Some(row) = row else { return Ok(None) };
    if row.try_get::<&str, _>("token_hash")? != token_hash {
        // Not hardened: after a power cut both tokens are good until the new one is used again.
        let mut writer = shared.database.write(Durability::Process).await?;
        sqlx::query("UPDATE nodes SET token_hash = next_token_hash, next_token_hash = NULL WHERE next_token_hash = ?1")
            .bind(token_hash)
            .execute(writer.connection())
            .await?;
    }
    record(&row).map(Some)
}

pub async fn rotate(shared: &Shared, actor: &str, node_id: &str, new_hash: &str) -> Result<bool, sqlx::Error> {
    let update = sqlx::query("UPDATE nodes SET next_token_hash = ?2 WHERE id = ?1 AND removed_ms IS NULL");
    change(shared, actor, acts::NODE_ROTATED, node_id, update.bind(node_id).bind(new_hash)).await
}
