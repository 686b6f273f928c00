//! Nodes: found, listed, drained. Each change with rules of its own has its file.

mod beat;
mod join;
mod remove;
mod restore;
mod token;

pub use beat::beat;
pub use join::join;
pub use remove::remove;
pub use restore::restore;
pub use token::{by_token, rotate};

use super::Shared;
use super::codec::from_json;
use crate::base::Durability;
use crate::gateway::store::{NodeRecord, Wakeup};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

pub async fn get(shared: &Shared, id_or_name: &str) -> Result<Option<NodeRecord>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM nodes WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1")
        .bind(id_or_name)
        .fetch_optional(shared.database.read());
    row.await?.as_ref().map(record).transpose()
}

pub async fn list(shared: &Shared, with_removed: bool) -> Result<Vec<NodeRecord>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM nodes WHERE ?1 OR removed_ms IS NULL ORDER BY name")
        .bind(with_removed)
        .fetch_all(shared.database.read());
    rows.await?.iter().map(record).collect()
}

pub async fn set_drain(shared: &Shared, node_id: &str, drain: bool) -> Result<bool, sqlx::Error> {
    let update = sqlx::query("UPDATE nodes SET drain = ?2 WHERE id = ?1 AND removed_ms IS NULL");
    change(shared, node_id, update.bind(node_id).bind(drain)).await
}

/// Changes a node and tells it; false when the update found none.
async fn change(
    shared: &Shared,
    node_id: &str,
    update: Query<'_, Sqlite, SqliteArguments>,
) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let done = update.execute(writer.connection()).await?;
    drop(writer);
    let known = done.rows_affected() > 0;
    if known {
        shared.wake(Wakeup::NodeChanged { node_id: node_id.to_owned() });
    }
    Ok(known)
}

fn record(row: &SqliteRow) -> Result<NodeRecord, sqlx::Error> {
    Ok(NodeRecord {
        id: row.try_get("id")?,
        fingerprint: row.try_get("fingerprint")?,
        name: row.try_get("name")?,
        labels: from_json(row.try_get("labels")?)?,
        version: row.try_get("version")?,
        protocol: row.try_get("protocol")?,
        slots: row.try_get("slots")?,
        instance_id: row.try_get("instance_id")?,
        drain: row.try_get("drain")?,
        draining: row.try_get("draining")?,
        status: row.try_get("status")?,
        conditions: from_json(row.try_get("conditions")?)?,
        created_ms: row.try_get("created_ms")?,
        last_beat_ms: row.try_get("last_beat_ms")?,
        removed_ms: row.try_get("removed_ms")?,
    })
}
