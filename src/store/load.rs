//! Reads every workspace back: layers from the bottom up, so that clones share what they have in common.

use super::blobs::{Blobs, Hash};
use super::entries::{self, Found, ROOT};
use super::sqlite::{Inner, failed};
use crate::workspace::{Content, Node, NodeKind, SessionRecord, StoreError, StoredWorkspace, Tree, WorkspaceRecord};
use futures_util::TryStreamExt;
use sqlx::{Row, SqliteConnection};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError};

const WHAT: &str = "load workspaces";

/// Something of a workspace that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The workspace that was left out.
    pub workspace: String,
    /// Where in it: the mount's prefix and the path below it, or `config` or `session` and its id.
    pub at: String,
    /// What is wrong, with the name of the blob.
    pub reason: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "workspace '{}' is not loaded: {}: {}", self.workspace, self.at, self.reason)
    }
}

/// What a layer and all below it say together. Cheap to clone, because trees are.
#[derive(Debug, Clone, Default)]
struct Merged {
    trees: BTreeMap<String, Tree>,
    /// What cannot be read, by mount and path. A layer above may hide it.
    damaged: BTreeMap<(String, String), String>,
}

/// One row of a layer.
struct Entry {
    mount: String,
    path: String,
    found: Found,
}

impl Inner {
    pub(super) async fn load_all(&self) -> Result<Vec<StoredWorkspace>, StoreError> {
        // One transaction: what is written meanwhile is either seen wholly or not at all.
        let mut transaction = self.database.read().begin().await.map_err(failed(WHAT))?;
        let layers = load_layers(&mut transaction, &self.blobs).await?;
        let mut sessions = load_sessions(&mut transaction).await.map_err(failed(WHAT))?;
        let rows = sqlx::query("SELECT seq, id, config, created_ms, layer FROM workspaces ORDER BY seq")
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed(WHAT))?;

        let mut loaded = Vec::with_capacity(rows.len());
        let mut damages = Vec::new();
        for row in rows {
            let seq: i64 = row.try_get("seq").map_err(failed(WHAT))?;
            let id: String = row.try_get("id").map_err(failed(WHAT))?;
            let layer: i64 = row.try_get("layer").map_err(failed(WHAT))?;
            let config: String = row.try_get("config").map_err(failed(WHAT))?;
            let created_ms = row.try_get("created_ms").map_err(failed(WHAT))?;
            let merged = layers.get(&layer).cloned().unwrap_or_default();
            match assemble(id.clone(), &config, created_ms, sessions.remove(&seq).unwrap_or_default(), merged) {
                Ok(workspace) => loaded.push(workspace),
                Err((at, reason)) => damages.push(Damage { workspace: id, at, reason }),
            }
        }
        for damage in &damages {
            tracing::error!("{damage}");
        }
        *self.damages.lock().unwrap_or_else(PoisonError::into_inner) = damages;
        Ok(loaded)
    }
}

/// The workspace, or where in it something is damaged and what.
fn assemble(
    id: String,
    config: &str,
    created_ms: i64,
    sessions: Vec<(String, String)>,
    merged: Merged,
) -> Result<StoredWorkspace, (String, String)> {
    if let Some(((mount, path), reason)) = merged.damaged.into_iter().next() {
        return Err((format!("{mount}{path}"), reason));
    }
    let config = serde_json::from_str(config).map_err(|error| ("config".to_owned(), error.to_string()))?;
    let sessions = sessions
        .into_iter()
        .map(|(id, record)| {
            serde_json::from_str::<SessionRecord>(&record).map_err(|error| (format!("session {id}"), error.to_string()))
        })
        .collect::<Result<_, _>>()?;
    let record = WorkspaceRecord { id, config, created_ms, sessions };
    Ok(StoredWorkspace { record, trees: merged.trees })
}

async fn load_sessions(connection: &mut SqliteConnection) -> Result<HashMap<i64, Vec<(String, String)>>, sqlx::Error> {
    let rows: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT workspace, id, record FROM sessions ORDER BY workspace, position")
            .fetch_all(connection)
            .await?;
    let mut sessions: HashMap<_, Vec<_>> = HashMap::new();
    for (workspace, id, record) in rows {
        sessions.entry(workspace).or_default().push((id, record));
    }
    Ok(sessions)
}

/// Every layer merged with those below it. A layer is younger than what it stands on and so has a larger id.
async fn load_layers(
    connection: &mut SqliteConnection,
    blobs: &Arc<Blobs>,
) -> Result<HashMap<i64, Merged>, StoreError> {
    let chain: Vec<(i64, Option<i64>)> = sqlx::query_as("SELECT id, parent FROM layers ORDER BY id")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed(WHAT))?;
    let mut merged: HashMap<i64, Merged> = HashMap::with_capacity(chain.len());
    let mut contents = HashMap::new();
    for (layer, parent) in chain {
        let below = parent.and_then(|parent| merged.get(&parent)).cloned().unwrap_or_default();
        let entries = load_entries(connection, layer).await.map_err(failed(WHAT))?;
        let blobs = Arc::clone(blobs);
        let (above, returned) =
            tokio::task::spawn_blocking(move || merge(below, entries, &blobs, contents)).await.map_err(failed(WHAT))?;
        contents = returned;
        merged.insert(layer, above);
    }
    Ok(merged)
}

async fn load_entries(connection: &mut SqliteConnection, layer: i64) -> Result<Vec<Entry>, sqlx::Error> {
    let mut rows = sqlx::query(
        "SELECT mount, path, kind, mode, modified_ms, size, body FROM entries WHERE layer = ?1 ORDER BY mount, path",
    )
    .bind(layer)
    .fetch(connection);
    let mut entries = Vec::new();
    while let Some(row) = rows.try_next().await? {
        entries.push(Entry { mount: row.try_get("mount")?, path: row.try_get("path")?, found: entries::found(&row)? });
    }
    Ok(entries)
}

/// Contents by their hash: equal files of different workspaces share their memory.
type Contents = HashMap<Hash, Content>;

fn merge(mut merged: Merged, entries: Vec<Entry>, blobs: &Blobs, mut contents: Contents) -> (Merged, Contents) {
    for Entry { mount, path, found } in entries {
        let tree = merged.trees.entry(mount.clone()).or_default();
        if path == ROOT {
            continue;
        }
        let node = match found {
            Found::Gone => {
                tree.remove(&path);
                Ok(None)
            }
            Found::Node(node) => Ok(Some(node)),
            Found::Blob(node, hash, len) => content(blobs, &mut contents, hash, len)
                .map(|content| Some(Node { kind: NodeKind::File(content), ..node })),
            Found::Damaged(reason) => Err(reason),
        };
        let at = (mount, path);
        match node {
            Ok(node) => {
                merged.damaged.remove(&at);
                if let Some(node) = node {
                    tree.insert(&at.1, node);
                }
            }
            Err(reason) => {
                merged.damaged.insert(at, reason);
            }
        }
    }
    (merged, contents)
}

fn content(blobs: &Blobs, contents: &mut Contents, hash: Hash, len: u64) -> Result<Content, String> {
    if let Some(content) = contents.get(&hash).filter(|content| content.bytes().len() as u64 == len) {
        return Ok(content.clone());
    }
    let content = blobs.read(&hash, len)?;
    contents.insert(hash, content.clone());
    Ok(content)
}
