//! Nodes: found, listed, drained. Each change with rules of its own has its file.

mod beat;
mod edit;
mod join;
mod remove;
mod restore;
mod token;

pub use beat::beat;
pub use edit::edit;
pub use join::join;
pub use remove::remove;
pub use restore::restore;
pub use token::{by_token, rotate};

use super::codec::from_json;
use super::{Shared, audit};
use crate::base::{Durability, unix_ms};
use crate::gateway::store::{NewAudit, NodeRecord, Wakeup, acts};
use serde_json::json;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};
use std::collections::BTreeMap;

/// Nodes' rows with the labels of the operator.
macro_rules! select_nodes {
    ($which:literal $(,)?) => {
        concat!("SELECT *, (SELECT labels FROM node_edits WHERE node_id = nodes.id) AS set_labels FROM nodes ", $which)
    };
}
/// The same of a change.
macro_rules! returning_nodes {
    ($change:literal $(,)?) => {
        concat!($change, " RETURNING *, (SELECT labels FROM node_edits WHERE node_id = nodes.id) AS set_labels")
    };
}
use {returning_nodes, select_nodes};

pub async fn get(shared: &Shared, id_or_name: &str) -> Result<Option<NodeRecord>, sqlx::Error> {
    let row = sqlx::query(select_nodes!("WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1"))
        .bind(id_or_name)
        .fetch_optional(shared.database.read())
        .await?;
    row.as_ref().map(record).transpose()
}

pub async fn list(shared: &Shared, with_removed: bool) -> Result<Vec<NodeRecord>, sqlx::Error> {
    let rows = sqlx::query(select_nodes!("WHERE ?1 OR removed_ms IS NULL ORDER BY name"))
        .bind(with_removed)
        .fetch_all(shared.database.read())
        .await?;
    rows.iter().map(record).collect()
}

pub async fn set_drain(shared: &Shared, actor: &str, node_id: &str, drain: bool) -> Result<bool, sqlx::Error> {
    let update = sqlx::query("UPDATE nodes SET drain = ?2 WHERE id = ?1 AND removed_ms IS NULL");
    let act = if drain { acts::NODE_DRAINED } else { acts::NODE_RESUMED };
    change(shared, actor, act, node_id, update.bind(node_id).bind(drain)).await
}

/// Changes a node, writes that down and tells the node; false when the update found none.
async fn change(
    shared: &Shared,
    actor: &str,
    act: &str,
    node_id: &str,
    update: Query<'_, Sqlite, SqliteArguments>,
) -> Result<bool, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let done = update.execute(&mut *connection).await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let entry = NewAudit { act: act.to_owned(), subject: node_id.to_owned(), detail: json!({}) };
    audit::write(connection, actor, entry, unix_ms()).await?;
    transaction.commit().await?;
    drop(writer);
    shared.wake(Wakeup::NodeChanged { node_id: node_id.to_owned() });
    Ok(true)
}

fn record(row: &SqliteRow) -> Result<NodeRecord, sqlx::Error> {
    let mut labels: BTreeMap<String, String> = from_json(row.try_get("labels")?)?;
    if let Some(set) = row.try_get::<Option<&str>, _>("set_labels")? {
        labels.extend(from_json::<BTreeMap<String, String>>(set)?);
    }
    Ok(NodeRecord {
        id: row.try_get("id")?,
        fingerprint: row.try_get("fingerprint")?,
        name: row.try_get("name")?,
        labels,
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
