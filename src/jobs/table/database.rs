//! `jobs.db`: background jobs that survive a restart.

use super::job::Job;
use super::record::{JobEnd, JobRecord};
use crate::base::{Database, DatabaseError, Durability, unix_seconds};
use crate::wire::v1::{JobStatus, OutputStream};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::path::Path;

/// How long an ended job is kept, seconds.
const KEPT_FOR: f64 = 7.0 * 86_400.0;
/// The most jobs that a list shows, the newest ones.
const MAX_LISTED: i64 = 10_000;
/// What the caller of a job reads whose node went away in the middle.
const LOST: &str = "lost: the node restarted while it ran";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    session_id TEXT NOT NULL DEFAULT '',
    command TEXT NOT NULL,
    status TEXT NOT NULL,
    submitted_at REAL NOT NULL,
    started_at REAL NOT NULL,
    finished_at REAL,
    exit_code INTEGER,
    how TEXT NOT NULL DEFAULT '',
    error TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    stdout BLOB NOT NULL DEFAULT x'',
    stderr BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX IF NOT EXISTS job_finished ON job (finished_at);
";

/// Columns that the first version did not have.
const ADDED: [(&str, &str); 2] = [
    ("session_id", "ALTER TABLE job ADD COLUMN session_id TEXT NOT NULL DEFAULT ''"),
    ("cancel_requested", "ALTER TABLE job ADD COLUMN cancel_requested INTEGER NOT NULL DEFAULT 0"),
];

/// The rows of background jobs.
#[derive(Debug)]
pub(super) struct JobDatabase(Database);

impl JobDatabase {
    /// Opens the file. Jobs that ran when the last process ended have failed: nobody knows how far they came.
    pub(super) async fn open(path: &Path) -> Result<Self, DatabaseError> {
        let database = Self(Database::open(path, SCHEMA).await?);
        if let Err(error) = database.migrate().await {
            tracing::error!(%error, "the table of jobs is of an earlier version and cannot be brought up to date");
        }
        if let Err(error) = database.settle().await {
            // Read-only or full: what is there can still be read, and the next write says what is wrong.
            tracing::error!(%error, "jobs of the last run could not be marked as lost");
        }
        Ok(database)
    }

    /// Adds what tables of earlier versions do not have.
    async fn migrate(&self) -> sqlx::Result<()> {
        let mut writer = self.0.write(Durability::Power).await?;
        let mut transaction = writer.begin().await?;
        for (column, statement) in ADDED {
            let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pragma_table_info('job') WHERE name = ?")
                .bind(column)
                .fetch_one(&mut *transaction)
                .await?;
            if there == 0 {
                sqlx::query(statement).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await
    }

    async fn settle(&self) -> sqlx::Result<()> {
        let mut writer = self.0.write(Durability::Power).await?;
        let mut transaction = writer.begin().await?;
        let lost = sqlx::query("UPDATE job SET status = 'failed', error = ?, finished_at = ? WHERE status = 'running'")
            .bind(LOST)
            .bind(unix_seconds())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM job WHERE finished_at < ?")
            .bind(unix_seconds() - KEPT_FOR)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        if lost.rows_affected() > 0 {
            tracing::warn!(jobs = lost.rows_affected(), "background jobs were lost in the restart");
        }
        Ok(())
    }

    /// Keeps a job that is about to run, and forgets those whose time is over.
    pub(super) async fn insert(&self, job: &Job) -> sqlx::Result<()> {
        let mut writer = self.0.write(Durability::Power).await?;
        let mut transaction = writer.begin().await?;
        sqlx::query(
            "INSERT INTO job (id, workspace_id, session_id, command, status, submitted_at, started_at) \
             VALUES (?, ?, ?, ?, 'running', ?, ?)",
        )
        .bind(&job.id)
        .bind(&job.workspace_id)
        .bind(&job.session_id)
        .bind(&job.command)
        .bind(job.submitted_at)
        .bind(job.submitted_at)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM job WHERE finished_at < ?")
            .bind(unix_seconds() - KEPT_FOR)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Keeps how a job ended.
    pub(super) async fn finish(&self, id: &str, cancel_requested: bool, end: &JobEnd) -> sqlx::Result<()> {
        let mut writer = self.0.write(Durability::Power).await?;
        let mut transaction = writer.begin().await?;
        sqlx::query(
            "UPDATE job SET status = ?, finished_at = ?, exit_code = ?, how = ?, error = ?, stdout = ?, stderr = ?, \
             cancel_requested = ? WHERE id = ?",
        )
        .bind(word(end.status))
        .bind(end.finished_at)
        .bind(end.exit_code)
        .bind(&end.how)
        .bind(&end.error)
        .bind(&end.stdout[..])
        .bind(&end.stderr[..])
        .bind(cancel_requested)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    pub(super) async fn get(&self, id: &str) -> sqlx::Result<Option<JobRecord>> {
        let row = sqlx::query("SELECT * FROM job WHERE id = ?").bind(id).fetch_optional(self.0.read()).await?;
        row.map(|row| record(&row, true)).transpose()
    }

    /// A piece of an ended job's output without reading the rest of it.
    pub(super) async fn output(
        &self,
        id: &str,
        stream: OutputStream,
        offset: i64,
        limit: i64,
    ) -> sqlx::Result<Option<Vec<u8>>> {
        let query = match stream {
            OutputStream::Stdout => "SELECT substr(stdout, ? + 1, ?) FROM job WHERE id = ?",
            OutputStream::Stderr => "SELECT substr(stderr, ? + 1, ?) FROM job WHERE id = ?",
        };
        sqlx::query_scalar(query).bind(offset).bind(limit).bind(id).fetch_optional(self.0.read()).await
    }

    /// Jobs without their output, oldest first.
    pub(super) async fn list(&self, workspace_id: Option<&str>) -> sqlx::Result<Vec<JobRecord>> {
        let rows = sqlx::query(
            "SELECT id, workspace_id, session_id, command, status, submitted_at, started_at, finished_at, exit_code, how, \
             error, cancel_requested FROM job WHERE ?1 IS NULL OR workspace_id = ?1 ORDER BY id DESC LIMIT ?2",
        )
        .bind(workspace_id)
        .bind(MAX_LISTED)
        .fetch_all(self.0.read())
        .await?;
        rows.iter().rev().map(|row| record(row, false)).collect()
    }
}

fn record(row: &SqliteRow, with_output: bool) -> sqlx::Result<JobRecord> {
    let finished_at: Option<f64> = row.try_get("finished_at")?;
    let output = |column| -> sqlx::Result<Vec<u8>> { if with_output { row.try_get(column) } else { Ok(Vec::new()) } };
    let end = match finished_at {
        None => None,
        Some(finished_at) => Some(JobEnd {
            status: status(row.try_get("status")?),
            finished_at,
            exit_code: row.try_get("exit_code")?,
            how: row.try_get("how")?,
            stdout: output("stdout")?.into(),
            stderr: output("stderr")?.into(),
            error: row.try_get("error")?,
        }),
    };
    Ok(JobRecord {
        id: row.try_get("id")?,
        workspace_id: row.try_get("workspace_id")?,
        session_id: row.try_get("session_id")?,
        command: row.try_get("command")?,
        cancel_requested: row.try_get("cancel_requested")?,
        submitted_at: row.try_get("submitted_at")?,
        started_at: row.try_get("started_at")?,
        end,
    })
}

fn word(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Pending | JobStatus::Running => "running",
        JobStatus::Done => "done",
        JobStatus::Failed => "failed",
        JobStatus::Canceled => "canceled",
    }
}

fn status(word: &str) -> JobStatus {
    match word {
        "done" => JobStatus::Done,
        "canceled" => JobStatus::Canceled,
        _ => JobStatus::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::table::Line;
    use bytes::Bytes;
    use tokio_util::sync::CancellationToken;

    const LINE: Line<'static> = Line { workspace_id: "w", session_id: "s", command: "true" };

    #[tokio::test]
    async fn a_table_of_the_first_version_is_read_and_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jobs.db");
        let first = "CREATE TABLE job (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, command TEXT NOT NULL, \
                     status TEXT NOT NULL, submitted_at REAL NOT NULL, started_at REAL NOT NULL, finished_at REAL, \
                     exit_code INTEGER, how TEXT NOT NULL DEFAULT '', error TEXT, stdout BLOB NOT NULL DEFAULT x'', \
                     stderr BLOB NOT NULL DEFAULT x'') STRICT; \
                     INSERT INTO job VALUES ('job_0', 'w', 'echo hi', 'done', 1, 1, 9e9, 0, 'exited', NULL, x'68', x'');";
        drop(Database::open(&path, first).await.unwrap());
        let database = JobDatabase::open(&path).await.unwrap();
        let old = database.get("job_0").await.unwrap().unwrap();
        assert_eq!((old.command.as_str(), old.session_id.as_str(), old.cancel_requested), ("echo hi", "", false));
        let new = Job::new(&LINE, true, CancellationToken::new());
        database.insert(&new).await.unwrap();
        assert_eq!(database.list(None).await.unwrap().last().unwrap().session_id, "s");
        drop(database);
        JobDatabase::open(&path).await.unwrap();
    }

    #[tokio::test]
    async fn what_ended_a_week_ago_is_forgotten_and_the_rest_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let database = JobDatabase::open(&dir.path().join("jobs.db")).await.unwrap();
        let now = unix_seconds();
        let mut ids = Vec::new();
        for finished_at in [now - KEPT_FOR - 1.0, now - KEPT_FOR + 60.0] {
            let job = Job::new(&LINE, true, CancellationToken::new());
            database.insert(&job).await.unwrap();
            let (stdout, stderr) = (Bytes::from_static(b"out\0put"), Bytes::new());
            let (status, how) = (JobStatus::Done, "exited".to_owned());
            let end = JobEnd { status, finished_at, exit_code: Some(0), how, stdout, stderr, error: None };
            database.finish(&job.id, false, &end).await.unwrap();
            ids.push(job.id);
        }
        let running = Job::new(&LINE, true, CancellationToken::new());
        database.insert(&running).await.unwrap();
        let kept: Vec<_> = database.list(None).await.unwrap().into_iter().map(|job| job.id).collect();
        assert_eq!(kept, [ids[1].clone(), running.id.clone()]);
        let output = database.output(&ids[1], OutputStream::Stdout, 3, 100).await.unwrap();
        assert_eq!(output.as_deref(), Some(&b"\0put"[..]));
        assert!(database.get(&running.id).await.unwrap().unwrap().end.is_none());
    }
}
