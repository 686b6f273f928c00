//! What an operator says of a node: its name, and labels that win over those that it reports.

use super::super::codec::to_json;
use super::super::{Shared, audit};
use super::join::give_up;
use super::{record, select_nodes};
use crate::base::Durability;
use crate::gateway::store::{EditOutcome, NewAudit, NodeEdit, Wakeup, acts};
use serde_json::json;
use sqlx::sqlite::SqliteConnection;

pub async fn edit(
    shared: &Shared,
    actor: &str,
    node_id: &str,
    edit: NodeEdit,
    now_ms: i64,
) -> Result<EditOutcome, sqlx::Error> {
    let mut writer = shared.database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let connection = &mut *transaction;
    let there: Option<String> = sqlx::query_scalar("SELECT name FROM nodes WHERE id = ?1 AND removed_ms IS NULL")
        .bind(node_id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(old_name) = there else { return Ok(EditOutcome::Unknown) };
    let entry = |act: &str, detail| NewAudit { act: act.to_owned(), subject: node_id.to_owned(), detail };
    if let Some(name) = &edit.name {
        if let Some(other) = rename(connection, node_id, name).await? {
            return Ok(EditOutcome::NameTaken(other)); // the transaction ends without a change
        }
        if *name != old_name {
            let entry = entry(acts::NODE_RENAMED, json!({"from": old_name, "to": name}));
            audit::write(connection, actor, entry, now_ms).await?;
        }
    }
    if !edit.labels.is_empty() {
        // A merge patch (RFC 7396): null takes a label out.
        sqlx::query(
            "INSERT INTO node_edits (node_id, labels) VALUES (?1, json_patch('{}', ?2))
             ON CONFLICT (node_id) DO UPDATE SET labels = json_patch(labels, ?2)",
        )
        .bind(node_id)
        .bind(to_json(&edit.labels)?)
        .execute(&mut *connection)
        .await?;
        let entry = entry(acts::NODE_LABELLED, json!({"labels": edit.labels}));
        audit::write(connection, actor, entry, now_ms).await?;
    }
    let row = sqlx::query(select_nodes!("WHERE id = ?1")).bind(node_id).fetch_one(&mut *connection).await?;
    transaction.commit().await?;
    drop(writer);
    shared.wake(Wakeup::NodeChanged { node_id: node_id.to_owned() });
    record(&row).map(EditOutcome::Edited)
}

/// The other node, by id, that has the name already.
async fn rename(connection: &mut SqliteConnection, node_id: &str, name: &str) -> Result<Option<String>, sqlx::Error> {
    give_up(connection, name).await?;
    let other: Option<String> = sqlx::query_scalar("SELECT id FROM nodes WHERE (name = ?1 OR id = ?1) AND id <> ?2")
        .bind(name)
        .bind(node_id)
        .fetch_optional(&mut *connection)
        .await?;
    if other.is_some() {
        return Ok(other);
    }
    sqlx::query("UPDATE nodes SET name = ?2 WHERE id = ?1").bind(node_id).bind(name).execute(&mut *connection).await?;
    sqlx::query(
        "INSERT INTO node_edits (node_id, name) VALUES (?1, ?2) ON CONFLICT (node_id) DO UPDATE SET name = excluded.name",
    )
    .bind(node_id)
    .bind(name)
    .execute(connection)
    .await?;
    Ok(None)
}
