//! The chain of layers below a workspace: freezing, dropping, shortening. Always inside the caller's transaction.
//!
//! A workspace writes into its own layer only. A layer with children is frozen: what it and the layers below it say
//! together never changes.

use super::blobs::Hash;
use sqlx::{SqliteConnection, SqlitePool};
use std::collections::HashMap;

/// A chain longer than this is shortened: every removal looks through it.
pub(super) const MAX_DEPTH: usize = 32;

/// A new layer over `parent`.
pub(super) async fn add(connection: &mut SqliteConnection, parent: Option<i64>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("INSERT INTO layers (parent) VALUES (?1) RETURNING id").bind(parent).fetch_one(connection).await
}

/// The layer into which a workspace writes.
pub(super) async fn of_workspace(connection: &mut SqliteConnection, id: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT layer FROM workspaces WHERE id = ?1")
        .bind(id.to_owned())
        .fetch_optional(connection)
        .await
}

/// What a clone of `source` stands on: its layer, frozen under a new one; or, when nothing was written since the last
/// clone, what that layer itself stands on, so that clones in a row do not lengthen the chain.
pub(super) async fn freeze(
    connection: &mut SqliteConnection,
    source: &str,
) -> Result<Option<Option<i64>>, sqlx::Error> {
    let Some(layer) = of_workspace(connection, source).await? else { return Ok(None) };
    let written: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM entries WHERE layer = ?1)")
        .bind(layer)
        .fetch_one(&mut *connection)
        .await?;
    if !written {
        return parent_of(connection, layer).await.map(Some);
    }
    let fresh = add(connection, Some(layer)).await?;
    sqlx::query("UPDATE workspaces SET layer = ?1 WHERE id = ?2")
        .bind(fresh)
        .bind(source.to_owned())
        .execute(connection)
        .await?;
    Ok(Some(Some(layer)))
}

/// Removes `layer` and the layers below it as far as nothing else uses them; where that leaves a layer with a single user,
/// makes the two one. Returns the blobs that lost a reference, which may have others.
pub(super) async fn drop_unused(
    connection: &mut SqliteConnection,
    layer: Option<i64>,
) -> Result<Vec<Hash>, sqlx::Error> {
    let mut blobs = Vec::new();
    let mut next = layer;
    while let Some(layer) = next {
        let users: Vec<Option<i64>> = sqlx::query_scalar(
            "SELECT NULL FROM workspaces WHERE layer = ?1 UNION ALL SELECT id FROM layers WHERE parent = ?1 LIMIT 2",
        )
        .bind(layer)
        .fetch_all(&mut *connection)
        .await?;
        match users[..] {
            [] => {}
            [Some(child)] => {
                blobs.append(&mut absorb(connection, layer, child).await?);
                break;
            }
            _ => break,
        }
        next = parent_of(connection, layer).await?;
        let named: Vec<Vec<u8>> = sqlx::query_scalar("SELECT DISTINCT body FROM entries WHERE layer = ?1 AND kind = 3")
            .bind(layer)
            .fetch_all(&mut *connection)
            .await?;
        blobs.extend(hashes(named));
        sqlx::query("DELETE FROM entries WHERE layer = ?1").bind(layer).execute(&mut *connection).await?;
        sqlx::query("DELETE FROM layers WHERE id = ?1").bind(layer).execute(&mut *connection).await?;
    }
    Ok(blobs)
}

/// Makes `layer` say what its only user `child` says, and removes `child`. Costs what `child` itself holds. Returns the
/// blobs that nobody could see any more.
async fn absorb(connection: &mut SqliteConnection, layer: i64, child: i64) -> Result<Vec<Hash>, sqlx::Error> {
    let hidden: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT DISTINCT below.body FROM entries above JOIN entries below USING (mount, path)
         WHERE above.layer = ?2 AND below.layer = ?1 AND below.kind = 3",
    )
    .bind(layer)
    .bind(child)
    .fetch_all(&mut *connection)
    .await?;
    for step in [
        "INSERT OR REPLACE INTO entries (layer, mount, path, kind, mode, modified_ms, size, body)
         SELECT ?1, mount, path, kind, mode, modified_ms, size, body FROM entries WHERE layer = ?2",
        "DELETE FROM entries WHERE layer = ?2",
        "UPDATE workspaces SET layer = ?1 WHERE layer = ?2",
        "UPDATE layers SET parent = ?1 WHERE parent = ?2",
        "DELETE FROM layers WHERE id = ?2",
        "DELETE FROM entries WHERE layer = ?1 AND kind = 0 AND (SELECT parent FROM layers WHERE id = ?1) IS NULL",
    ] {
        sqlx::query(step).bind(layer).bind(child).execute(&mut *connection).await?;
    }
    Ok(hashes(hidden).collect())
}

/// The workspaces whose chains are too long. One look at all layers, because nearly always there is none.
pub(super) async fn too_deep(pool: &SqlitePool) -> Result<Vec<String>, sqlx::Error> {
    let layers: Vec<(i64, Option<i64>)> =
        sqlx::query_as("SELECT id, parent FROM layers ORDER BY id").fetch_all(pool).await?;
    let mut depths = HashMap::with_capacity(layers.len());
    // A layer has a larger id than the one it stands on.
    for (layer, parent) in layers {
        let below = parent.and_then(|parent| depths.get(&parent)).map_or(0, |depth| depth + 1);
        depths.insert(layer, below);
    }
    let workspaces: Vec<(String, i64)> = sqlx::query_as("SELECT id, layer FROM workspaces").fetch_all(pool).await?;
    let deep = |layer: &i64| depths.get(layer).is_some_and(|depth| *depth >= MAX_DEPTH);
    Ok(workspaces.into_iter().filter(|(_, layer)| deep(layer)).map(|(id, _)| id).collect())
}

/// Shortens the chain of a workspace when it is too long. The layer just below its own is frozen, so it may as well say
/// by itself what it and all below it say; every workspace that stands on it gains. Returns the blobs of dropped layers.
pub(super) async fn shorten(connection: &mut SqliteConnection, id: &str) -> Result<Vec<Hash>, sqlx::Error> {
    let Some(own) = of_workspace(connection, id).await? else { return Ok(Vec::new()) };
    let chain = below(connection, own).await?;
    if chain.len() < MAX_DEPTH {
        return Ok(Vec::new());
    }
    let (top, deeper) = (chain[0], &chain[1..]);
    for layer in deeper {
        // What a higher layer says, be it a tombstone, is there already and wins.
        sqlx::query(
            "INSERT OR IGNORE INTO entries (layer, mount, path, kind, mode, modified_ms, size, body)
             SELECT ?1, mount, path, kind, mode, modified_ms, size, body FROM entries WHERE layer = ?2",
        )
        .bind(top)
        .bind(layer)
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query("DELETE FROM entries WHERE layer = ?1 AND kind = 0").bind(top).execute(&mut *connection).await?;
    sqlx::query("UPDATE layers SET parent = NULL WHERE id = ?1").bind(top).execute(&mut *connection).await?;
    drop_unused(connection, deeper.first().copied()).await
}

/// The layers below `layer`, nearest first.
pub(super) async fn below(connection: &mut SqliteConnection, layer: i64) -> Result<Vec<i64>, sqlx::Error> {
    let mut chain = Vec::new();
    let mut next = parent_of(connection, layer).await?;
    while let Some(layer) = next {
        chain.push(layer);
        next = parent_of(connection, layer).await?;
    }
    Ok(chain)
}

async fn parent_of(connection: &mut SqliteConnection, layer: i64) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT parent FROM layers WHERE id = ?1").bind(layer).fetch_one(connection).await
}

fn hashes(bodies: Vec<Vec<u8>>) -> impl Iterator<Item = Hash> {
    bodies.into_iter().filter_map(|body| Hash::try_from(body).ok())
}
