//! Direct doors of nodes.

use super::Shared;
use crate::base::{Durability, Secret};
use crate::gateway::store::NodeDoor;
use sqlx::Row;

pub async fn put(shared: &Shared, node_id: &str, door: NodeDoor) -> Result<(), sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    sqlx::query(
        "INSERT INTO node_doors (node_id, url, fingerprint, secret) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (node_id) DO UPDATE SET url = ?2, fingerprint = ?3, secret = ?4",
    )
    .bind(node_id)
    .bind(door.url)
    .bind(door.fingerprint)
    .bind(door.secret.expose())
    .execute(writer.connection())
    .await
    .map(drop)
}

pub async fn shift(
    shared: &Shared,
    node_id: &str,
    url: Option<String>,
    fingerprint: Option<String>,
) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Process).await?;
    let done = sqlx::query("UPDATE node_doors SET url = ?2, fingerprint = ?3 WHERE node_id = ?1")
        .bind(node_id)
        .bind(url)
        .bind(fingerprint)
        .execute(writer.connection())
        .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn get(shared: &Shared, node_id: &str) -> Result<Option<NodeDoor>, sqlx::Error> {
    let row = sqlx::query("SELECT url, fingerprint, secret FROM node_doors WHERE node_id = ?1")
        .bind(node_id)
        .fetch_optional(shared.database.read());
    let Some(row) = row.await? else { return Ok(None) };
    Ok(Some(NodeDoor {
        url: row.try_get("url")?,
        fingerprint: row.try_get("fingerprint")?,
        secret: Secret::new(row.try_get::<String, _>("secret")?),
    }))
}
