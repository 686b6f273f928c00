//! A node joins: a new one, or one that was here before with the same machine.

use super::super::codec::to_json;
use super::super::{Shared, audit};
use super::{record, returning_nodes};
use crate::base::{Durability, mint};
use crate::gateway::store::{NewAudit, NewNode, NodeRecord, Wakeup, acts};
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::HashSet;

/// Between the name that a removed node had and its id; no node's own name has it.
pub(super) const GIVEN_UP: char = '~';

pub async fn join(shared: &Shared, actor: &str, node: NewNode, now_ms: i64) -> Result<(NodeRecord, bool), sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let known = sqlx::query(
        "SELECT id, name, (SELECT name FROM node_edits WHERE node_id = nodes.id) AS set_name FROM nodes WHERE fingerprint = ?1",
    )
        .bind(&node.fingerprint)
        .fetch_optional(&mut *connection)
        .await?;
    let joined = match &known {
        Some(row) => rejoin(connection, row, &node).await?,
        None => insert(connection, &node, now_ms).await?,
    };
    let joined = record(&joined)?;
    let detail = json!({"name": joined.name, "again": known.is_some()});
    let entry = NewAudit { act: acts::NODE_JOINED.to_owned(), subject: joined.id.clone(), detail };
    audit::write(connection, actor, entry, now_ms).await?;
    transaction.commit().await?;
    drop(writer);
    shared.wake(Wakeup::NodeChanged { node_id: joined.id.clone() });
    Ok((joined, known.is_none()))
}

/// It keeps its id, and its name when the wanted one is another's. What was true of its last run is forgotten: with the
/// old tokens gone, that run cannot speak any more.
async fn rejoin(
    connection: &mut SqliteConnection,
    known: &SqliteRow,
    node: &NewNode,
) -> Result<SqliteRow, sqlx::Error> {
    let old_name: &str = known.try_get("name")?;
    // An operator's name stays, whatever the machine calls itself.
    let set_name: Option<&str> = known.try_get("set_name")?;
    let wanted = set_name.unwrap_or(&node.name).trim();
    give_up(connection, wanted).await?;
    let keeps_name = wanted.is_empty() || taken(connection, wanted).await?.contains(wanted);
    let name = match old_name.split_once(GIVEN_UP) {
        Some((name, _)) if keeps_name => free_name(connection, if wanted.is_empty() { name } else { wanted }).await?,
        _ => if keeps_name { old_name } else { wanted }.to_owned(),
    };
    sqlx::query(returning_nodes!(
        "UPDATE nodes SET name = ?2, labels = ifnull(?3, labels), token_hash = ?4, next_token_hash = NULL, version = ?5,
             protocol = ?6, slots = ?7, instance_id = NULL, draining = 0,
             drain = iif(removed_ms IS NULL, drain, 0), removed_ms = NULL
         WHERE id = ?1",
    ))
    .bind(known.try_get::<&str, _>("id")?)
    .bind(name)
    .bind(if node.labels.is_empty() { None } else { Some(to_json(&node.labels)?) })
    .bind(&node.token_hash)
    .bind(&node.version)
    .bind(node.protocol)
    .bind(node.slots)
    .fetch_one(connection)
    .await
}

async fn insert(connection: &mut SqliteConnection, node: &NewNode, now_ms: i64) -> Result<SqliteRow, sqlx::Error> {
    let wanted = if node.name.trim().is_empty() { "node" } else { node.name.trim() };
    give_up(connection, wanted).await?;
    let name = free_name(connection, wanted).await?;
    sqlx::query(returning_nodes!(
        "INSERT INTO nodes (id, fingerprint, name, token_hash, labels, version, protocol, slots, created_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    ))
    .bind(node.id.clone().unwrap_or_else(|| mint("shn")))
    .bind(&node.fingerprint)
    .bind(name)
    .bind(&node.token_hash)
    .bind(to_json(&node.labels)?)
    .bind(&node.version)
    .bind(node.protocol)
    .bind(node.slots)
    .bind(now_ms)
    .fetch_one(connection)
    .await
}

/// A removed node whose name somebody else wants is listed under its id from then on.
pub(super) async fn give_up(connection: &mut SqliteConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE nodes SET name = name || ?2 || id WHERE name = ?1 AND removed_ms IS NOT NULL")
        .bind(name)
        .bind(GIVEN_UP.to_string())
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn free_name(connection: &mut SqliteConnection, wanted: &str) -> Result<String, sqlx::Error> {
    let taken = taken(connection, wanted).await?;
    let mut name = wanted.to_owned();
    for suffix in 2.. {
        if !taken.contains(&name) {
            break;
        }
        name = format!("{wanted}-{suffix}");
    }
    Ok(name)
}

/// The names that are `wanted` or begin with `wanted-` (`.` follows `-` in ASCII), and ids that do: who asks for a name that
/// is an id gets the node of that id.
async fn taken(connection: &mut SqliteConnection, wanted: &str) -> Result<HashSet<String>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM nodes WHERE name = ?1 OR (name > ?1 || '-' AND name < ?1 || '.')
             UNION SELECT id FROM nodes WHERE id = ?1 OR (id > ?1 || '-' AND id < ?1 || '.')",
    )
    .bind(wanted)
    .fetch_all(connection)
    .await?;
    Ok(names.into_iter().collect())
}
