//! The embedded database: SQLite in WAL mode behind one writer, with durability chosen per transaction.

use super::atomic_file::create_private_file;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{Connection, Executor, Sqlite, Transaction};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// What a committed transaction survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A killed process (`synchronous=NORMAL`: no fsync on commit).
    Process,
    /// A power cut (`synchronous=FULL`: fsync before the commit returns).
    Power,
}

/// A database file could not be opened or used.
#[derive(Debug, thiserror::Error)]
#[error("database {}: {source}", path.display())]
pub struct DatabaseError {
    path: PathBuf,
    #[source]
    source: sqlx::Error,
}

/// One SQLite file: a single writer, because SQLite has only one anyway and a queue is fairer than its busy loop, and a
/// few readers that never wait for it.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    writer: Mutex<Writer>,
    readers: SqlitePool,
    /// How often the writer was given back.
    writes: AtomicU64,
    /// How many of those writes are known to survive a power cut.
    hardened: Mutex<u64>,
}

#[derive(Debug)]
struct Writer {
    connection: SqliteConnection,
    /// What the connection is set to; none while that is being changed, which a caller may abandon at any point.
    durability: Option<Durability>,
}

/// The writer, held for one transaction.
pub struct WriteGuard<'a> {
    writer: MutexGuard<'a, Writer>,
    writes: &'a AtomicU64,
}

impl Drop for WriteGuard<'_> {
    fn drop(&mut self) {
        self.writes.fetch_add(1, Ordering::AcqRel);
    }
}

impl WriteGuard<'_> {
    /// The connection, for single statements: each is a transaction of its own and costs one trip to SQLite's thread, where
    /// [`WriteGuard::begin`] costs two more. Read a `RETURNING` to its end (`fetch_all`): what is cut short also commits,
    /// but a full disk would go unnoticed.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.writer.connection
    }

    /// Begins the transaction. Dropped without `commit`, it changes nothing.
    ///
    /// # Errors
    /// When SQLite refuses, e.g. because the disk is full.
    pub async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
        self.writer.connection.begin_with("BEGIN IMMEDIATE").await
    }
}

impl Database {
    /// Opens or creates `path` and applies `schema` (idempotent statements: `CREATE TABLE IF NOT EXISTS …`).
    ///
    /// # Errors
    /// When the file cannot be opened, is not a database, or the schema does not apply.
    pub async fn open(path: &Path, schema: &'static str) -> Result<Self, DatabaseError> {
        let failed = |source| DatabaseError { path: path.to_owned(), source };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            // The steps of one query stay off the disk: a temporary file costs more than most queries here.
            .pragma("temp_store", "memory")
            // A checkpoint stalls the commit that triggers it with two fsyncs: one in 4,000 pages, not one in 1,000.
            .pragma("wal_autocheckpoint", "4000")
            .pragma("journal_size_limit", "67108864");
        // SQLite gives its log and its index the mode of the file.
        create_private_file(path).map_err(|error| failed(error.into()))?;
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed)?;
        connection.execute(schema).await.map_err(failed)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(2)
            .min_connections(0)
            .idle_timeout(Duration::from_secs(60))
            .test_before_acquire(false) // a file does not hang up
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        let writer = Mutex::new(Writer { connection, durability: Some(Durability::Power) });
        Ok(Self { path: path.to_owned(), writer, readers, writes: AtomicU64::new(0), hardened: Mutex::new(0) })
    }

    /// Waits for the writer and sets what its next commit must survive.
    ///
    /// # Errors
    /// When the pragma cannot be set.
    pub async fn write(&self, durability: Durability) -> Result<WriteGuard<'_>, sqlx::Error> {
        let mut writer = self.writer.lock().await;
        if writer.durability != Some(durability) {
            let pragma = match durability {
                Durability::Process => "PRAGMA synchronous=NORMAL",
                Durability::Power => "PRAGMA synchronous=FULL",
            };
            writer.durability = None;
            writer.connection.execute(pragma).await?;
            writer.durability = Some(durability);
        }
        Ok(WriteGuard { writer, writes: &self.writes })
    }

    /// Makes everything that was committed before this call survive a power cut. Callers that wait at the same time share
    /// one fsync, so a write that has to be durable is cheapest as a [`Durability::Process`] transaction and then this.
    ///
    /// # Errors
    /// When SQLite cannot write or sync: then the earlier commits may be lost with the power.
    pub async fn harden(&self) -> Result<(), sqlx::Error> {
        let ticket = self.writes.load(Ordering::Acquire);
        let mut hardened = self.hardened.lock().await;
        if *hardened >= ticket {
            return Ok(());
        }
        let mut guard = self.write(Durability::Power).await?;
        let covered = self.writes.load(Ordering::Acquire);
        // The log is synced up to this commit and so are all commits before it. An empty commit would not be synced;
        // setting the id that `file` shows always writes one page.
        guard.connection().execute("PRAGMA application_id=0x57415950").await?;
        drop(guard);
        *hardened = covered + 1; // its own too, counted when the guard was dropped
        Ok(())
    }

    /// The readers. They see every committed transaction.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hardening_writes_a_commit_once_for_all_who_wait() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("test.db");
        let database = Database::open(&path, "CREATE TABLE IF NOT EXISTS t (n INTEGER)").await.unwrap();
        let log = || std::fs::metadata(path.with_extension("db-wal")).unwrap().len();

        let mut guard = database.write(Durability::Process).await.unwrap();
        sqlx::query("INSERT INTO t VALUES (?1)").bind(1).execute(guard.connection()).await.unwrap();
        drop(guard);
        let before = log();
        let (first, second) = tokio::join!(database.harden(), database.harden());
        first.and(second).unwrap();
        database.harden().await.unwrap();
        assert_eq!(log() - before, 4096 + 24, "one page in the log");

        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(database.read()).await.unwrap();
        assert_eq!(rows, 1);
    }
}
