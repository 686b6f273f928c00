//! The store itself: the schema and the five verbs of the port.

use super::blobs::{Blobs, Pins};
use super::load::Damage;
use super::{entries, layers, rows};
use crate::base::{Database, Durability, create_private_dir, sync_dir};
use crate::workspace::{Content, Delta, Store, StoreError, StoredWorkspace, WorkspaceRecord};
use async_trait::async_trait;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The tables. `kind` and what `body` holds for it are in `entries.rs`.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS layers (
    id INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES layers (id)
);
CREATE INDEX IF NOT EXISTS layers_by_parent ON layers (parent);
CREATE TABLE IF NOT EXISTS entries (
    layer INTEGER NOT NULL REFERENCES layers (id),
    mount TEXT NOT NULL,
    path TEXT NOT NULL,
    kind INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (layer, mount, path)
);
CREATE INDEX IF NOT EXISTS entries_by_blob ON entries (body) WHERE kind = 3;
CREATE TABLE IF NOT EXISTS workspaces (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    config TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    layer INTEGER NOT NULL UNIQUE REFERENCES layers (id)
);
CREATE TABLE IF NOT EXISTS sessions (
    workspace INTEGER NOT NULL REFERENCES workspaces (seq) ON DELETE CASCADE,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
";

/// Workspaces in a directory: `workspaces.db` and `blobs/`. One process at a time; whoever opens it holds the node's lock.
///
/// Calls for one workspace come one after the other, as its owner makes them; calls for different ones may overlap.
#[derive(Debug)]
pub struct SqliteStore {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) database: Database,
    pub(super) blobs: Arc<Blobs>,
    pub(super) damages: Mutex<Vec<Damage>>,
}

impl SqliteStore {
    /// Opens or creates the store in `dir`, shortens long chains of clones, and starts to reclaim unused blobs in the
    /// background.
    ///
    /// # Errors
    /// When the directory cannot be made or the database is not one.
    pub async fn open(dir: &Path) -> Result<Self, StoreError> {
        let what = format!("open {}", dir.display());
        let (here, blob_dir) = (dir.to_owned(), dir.join("blobs"));
        let blobs = blocking(&what, move || {
            create_private_dir(&here)?;
            Blobs::open(blob_dir)
        })
        .await?;
        let database = Database::open(&dir.join("workspaces.db"), SCHEMA).await.map_err(failed(&what))?;
        let here = dir.to_owned();
        blocking(&what, move || sync_dir(&here)).await?;
        let inner = Arc::new(Inner { database, blobs: Arc::new(blobs), damages: Mutex::default() });
        inner.shorten_all().await?;
        let background = Arc::clone(&inner);
        tokio::spawn(async move {
            if let Err(error) = background.collect_all().await {
                tracing::warn!(%error, "unused blobs stay until the next start");
            }
        });
        Ok(Self { inner })
    }

    /// Removes every blob that nothing refers to and returns how many those were. Happens by itself after opening
    /// and deleting, and when much was written.
    ///
    /// # Errors
    /// When the database or the directory cannot be read, or a file cannot be removed.
    pub async fn collect_garbage(&self) -> Result<usize, StoreError> {
        self.inner.collect_all().await
    }

    /// What the last [`Store::load_all`] could not read. Those workspaces are not in its answer, stay in the store
    /// unchanged, and their ids stay taken.
    pub fn damages(&self) -> Vec<Damage> {
        self.inner.damages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load_all(&self) -> Result<Vec<StoredWorkspace>, StoreError> {
        self.inner.load_all().await
    }

    async fn create(&self, workspace: &StoredWorkspace) -> Result<(), StoreError> {
        let what = format!("create '{}'", workspace.record.id);
        let nodes = workspace.trees.values().flat_map(|tree| tree.walk(""));
        let large = nodes.filter_map(|(_, node)| entries::blob_content(node)).cloned().collect();
        let _pins = self.inner.keep_blobs(&what, large).await?;

        let mut guard = self.inner.database.write(Durability::Power).await.map_err(failed(&what))?;
        let mut transaction = guard.begin().await.map_err(failed(&what))?;
        let layer = layers::add(&mut transaction, None).await.map_err(failed(&what))?;
        rows::add_workspace(&mut transaction, &workspace.record, layer).await.map_err(failed(&what))?;
        for (mount, tree) in &workspace.trees {
            entries::put_mount(&mut transaction, layer, mount).await.map_err(failed(&what))?;
            let nodes: Vec<_> = tree.walk("").map(|(path, node)| (&**path, node)).collect();
            entries::put(&mut transaction, layer, mount, &nodes).await.map_err(failed(&what))?;
        }
        transaction.commit().await.map_err(failed(&what))
    }

    async fn clone_from(&self, source: &str, record: &WorkspaceRecord) -> Result<(), StoreError> {
        let what = format!("clone '{source}' to '{}'", record.id);
        let mut guard = self.inner.database.write(Durability::Power).await.map_err(failed(&what))?;
        let mut transaction = guard.begin().await.map_err(failed(&what))?;
        let frozen = layers::freeze(&mut transaction, source).await.map_err(failed(&what))?;
        let Some(parent) = frozen else { return Err(unknown(&what)) };
        let layer = layers::add(&mut transaction, parent).await.map_err(failed(&what))?;
        rows::add_workspace(&mut transaction, record, layer).await.map_err(failed(&what))?;
        transaction.commit().await.map_err(failed(&what))?;
        drop(guard);
        self.inner.shorten_later(record.id.clone());
        Ok(())
    }

    async fn apply(&self, id: &str, delta: &Delta) -> Result<(), StoreError> {
        if delta.is_empty() {
            return Ok(());
        }
        let what = format!("save changes of '{id}'");
        let _pins = self.inner.keep_blobs(&what, rows::large_contents(delta)).await?;

        let mut guard = self.inner.database.write(Durability::Power).await.map_err(failed(&what))?;
        let mut transaction = guard.begin().await.map_err(failed(&what))?;
        let found: Option<(i64, i64)> = sqlx::query_as("SELECT seq, layer FROM workspaces WHERE id = ?1")
            .bind(id.to_owned())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed(&what))?;
        let Some((seq, layer)) = found else { return Err(unknown(&what)) };
        rows::apply_files(&mut transaction, layer, delta).await.map_err(failed(&what))?;
        rows::apply_sessions(&mut transaction, seq, delta).await.map_err(failed(&what))?;
        transaction.commit().await.map_err(failed(&what))?;
        drop(guard);
        self.inner.collect_at_times();
        Ok(())
    }

    async fn delete(&self, id: &str) -> Result<(), StoreError> {
        let what = format!("delete '{id}'");
        let mut guard = self.inner.database.write(Durability::Power).await.map_err(failed(&what))?;
        let mut transaction = guard.begin().await.map_err(failed(&what))?;
        let layer = layers::of_workspace(&mut transaction, id).await.map_err(failed(&what))?;
        sqlx::query("DELETE FROM workspaces WHERE id = ?1")
            .bind(id.to_owned())
            .execute(&mut *transaction)
            .await
            .map_err(failed(&what))?;
        let blobs = layers::drop_unused(&mut transaction, layer).await.map_err(failed(&what))?;
        transaction.commit().await.map_err(failed(&what))?;
        drop(guard);
        self.inner.collect_later(blobs);
        Ok(())
    }
}

impl Inner {
    async fn keep_blobs(&self, what: &str, contents: Vec<Content>) -> Result<Option<Pins>, StoreError> {
        if contents.is_empty() {
            return Ok(None);
        }
        let blobs = Arc::clone(&self.blobs);
        blocking(what, move || blobs.keep(&contents)).await.map(Some)
    }

    async fn shorten_all(self: &Arc<Self>) -> Result<(), StoreError> {
        let what = "shorten chains of clones";
        let ids = layers::too_deep(self.database.read()).await.map_err(failed(what))?;
        for id in ids {
            self.shorten(&id).await?;
        }
        Ok(())
    }

    async fn shorten(self: &Arc<Self>, id: &str) -> Result<(), StoreError> {
        let what = "shorten chains of clones";
        let mut guard = self.database.write(Durability::Power).await.map_err(failed(what))?;
        let mut transaction = guard.begin().await.map_err(failed(what))?;
        let blobs = layers::shorten(&mut transaction, id).await.map_err(failed(what))?;
        transaction.commit().await.map_err(failed(what))?;
        drop(guard);
        self.collect_later(blobs);
        Ok(())
    }

    /// A long chain is only slow, so nobody waits for it and a failure waits for the next clone or start.
    fn shorten_later(self: &Arc<Self>, id: String) {
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = inner.shorten(&id).await {
                tracing::warn!(%error, workspace = %id, "the chain of clones stays long for now");
            }
        });
    }
}

/// Runs what blocks (files, hashing) where it may.
pub(super) async fn blocking<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(failed(what))?.map_err(failed(what))
}

/// Turns a cause into the port's error.
pub(super) fn failed<E: std::error::Error + Send + Sync + 'static>(
    what: &str,
) -> impl FnOnce(E) -> StoreError + use<E> {
    let what = what.to_owned();
    move |source| StoreError { what, source: Box::new(source) }
}

fn unknown(what: &str) -> StoreError {
    failed(what)(io::Error::new(io::ErrorKind::NotFound, "the store has no such workspace"))
}
