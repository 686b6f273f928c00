//! Workspaces, sessions and deltas as rows. Always inside the caller's transaction.

use super::entries;
use crate::workspace::{Change, Content, Delta, Node, SessionRecord, WorkspaceRecord};
use sqlx::SqliteConnection;

/// Adds a workspace and its sessions over a layer of its own.
pub(super) async fn add_workspace(
    connection: &mut SqliteConnection,
    record: &WorkspaceRecord,
    layer: i64,
) -> Result<(), sqlx::Error> {
    let seq: i64 = sqlx::query_scalar(
        "INSERT INTO workspaces (id, config, created_ms, layer) VALUES (?1, ?2, ?3, ?4) RETURNING seq",
    )
    .bind(record.id.clone())
    .bind(record.config.to_string())
    .bind(record.created_ms)
    .bind(layer)
    .fetch_one(&mut *connection)
    .await?;
    for session in &record.sessions {
        put_session(connection, seq, session).await?;
    }
    Ok(())
}

/// Writes changes of files into a workspace's layer.
pub(super) async fn apply_files(
    connection: &mut SqliteConnection,
    layer: i64,
    delta: &Delta,
) -> Result<(), sqlx::Error> {
    for (mount, changes) in &delta.files {
        // A later change of the same path wins, so runs of one kind are written in their order.
        for run in changes.chunk_by(|a, b| matches!((a, b), (Change::Put(..), Change::Put(..)))) {
            if let [Change::Removed(path)] = run {
                entries::remove(connection, layer, mount, path).await?;
                continue;
            }
            entries::put(connection, layer, mount, &puts(run)).await?;
        }
    }
    Ok(())
}

fn puts(changes: &[Change]) -> Vec<(&str, &Node)> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::Put(path, node) => Some((&**path, node)),
            Change::Removed(_) => None,
        })
        .collect()
}

/// The contents in a delta that must be blobs.
pub(super) fn large_contents(delta: &Delta) -> Vec<Content> {
    let nodes = delta.files.iter().flat_map(|(_, changes)| puts(changes));
    nodes.filter_map(|(_, node)| entries::blob_content(node)).cloned().collect()
}

/// Writes changes of sessions.
pub(super) async fn apply_sessions(
    connection: &mut SqliteConnection,
    seq: i64,
    delta: &Delta,
) -> Result<(), sqlx::Error> {
    for id in &delta.removed_sessions {
        sqlx::query("DELETE FROM sessions WHERE workspace = ?1 AND id = ?2")
            .bind(seq)
            .bind(id.clone())
            .execute(&mut *connection)
            .await?;
    }
    for session in &delta.sessions {
        put_session(connection, seq, session).await?;
    }
    Ok(())
}

async fn put_session(
    connection: &mut SqliteConnection,
    workspace: i64,
    session: &SessionRecord,
) -> Result<(), sqlx::Error> {
    let record = serde_json::to_string(session).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO sessions (workspace, id, position, record)
         VALUES (?1, ?2, (SELECT COALESCE(MAX(position), 0) + 1 FROM sessions WHERE workspace = ?1), ?3)
         ON CONFLICT (workspace, id) DO UPDATE SET record = excluded.record",
    )
    .bind(workspace)
    .bind(session.id.clone())
    .bind(record)
    .execute(connection)
    .await?;
    Ok(())
}
