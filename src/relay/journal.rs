//! What must survive a crash: claims, that a job began, and ends that the gateway does not have yet.
//!
//! One writer task gathers what is asked for while it commits and puts that into the next transaction, so that many jobs
//! share one fsync.

use super::results;
use super::spool::Spooled;
use crate::base::{Database, DatabaseError, Durability, unix_ms};
use crate::wire::node::{Job, Lease, ResultRequest};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS attempts (
  job_id TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('claimed', 'started', 'finished', 'undeliverable')),
  job TEXT NOT NULL,
  deadline_ms INTEGER NOT NULL,
  result BLOB,
  body TEXT,
  changed_ms INTEGER NOT NULL
) WITHOUT ROWID;
";

/// The journal could not take something in. Nothing of it was kept.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the journal did not take it: {0}")]
pub(super) struct JournalError(String);

/// How far an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Claimed,
    Started,
    Finished,
    Undeliverable,
}

/// An attempt as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) job: Job,
    pub(super) phase: Phase,
    pub(super) epoch: u64,
    pub(super) deadline_ms: i64,
    pub(super) result: Vec<u8>,
    pub(super) body: Option<Spooled>,
    pub(super) changed_ms: i64,
}

/// A job that a poll brought.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) job: Job,
    pub(super) deadline_ms: i64,
    /// The end of a job that is not to be run.
    pub(super) refusal: Option<ResultRequest>,
}

/// What the journal knew of a claimed job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claimed {
    /// Nothing: it is to be run, or its refusal to be sent.
    New,
    /// It has not ended; the journal now has the newer attempt.
    Adopted {
        /// Whether it has begun.
        begun: bool,
    },
    /// It has ended; its result now belongs to the newer attempt.
    Ended,
    /// The same attempt, or an older one: nothing changed.
    Known,
}

enum Change {
    Claim(Vec<Claim>),
    Started(String),
    Finished { job_id: String, result: Vec<u8>, body: Option<Spooled> },
    Delivered { job_id: String, epoch: u64 },
    Undeliverable { job_id: String },
    Forget { job_id: String, epoch: u64 },
    ForgetUndeliverable { before_ms: i64 },
    Probe,
}

type Reply = oneshot::Sender<Result<Done, JournalError>>;

#[derive(Debug, Clone)]
enum Done {
    Claimed(Vec<Claimed>),
    Rows(u64),
}

/// The journal. Clones share the writer.
#[derive(Clone)]
pub(super) struct Journal {
    database: Arc<Database>,
    changes: mpsc::Sender<(Change, Reply)>,
}

impl Journal {
    pub(super) async fn open(path: &Path) -> Result<Self, DatabaseError> {
        let database = Arc::new(Database::open(path, SCHEMA).await?);
        let (changes, taken) = mpsc::channel(256);
        tokio::spawn(write(database.clone(), taken));
        Ok(Self { database, changes })
    }

    /// Keeps what a poll brought, all or nothing.
    pub(super) async fn claim(&self, claims: Vec<Claim>) -> Result<Vec<Claimed>, JournalError> {
        match self.change(Change::Claim(claims)).await? {
            Done::Claimed(claimed) => Ok(claimed),
            Done::Rows(_) => Ok(Vec::new()),
        }
    }

    /// The job is about to run.
    pub(super) async fn started(&self, job_id: &str) -> Result<(), JournalError> {
        self.change(Change::Started(job_id.to_owned())).await.map(drop)
    }

    /// The job has ended. Before this returns, it has not.
    pub(super) async fn finished(
        &self,
        job_id: &str,
        result: Vec<u8>,
        body: Option<Spooled>,
    ) -> Result<(), JournalError> {
        self.change(Change::Finished { job_id: job_id.to_owned(), result, body }).await.map(drop)
    }

    /// The gateway has the result of that attempt; false when a newer attempt wants it too.
    pub(super) async fn delivered(&self, job_id: &str, epoch: u64) -> Result<bool, JournalError> {
        let done = self.change(Change::Delivered { job_id: job_id.to_owned(), epoch }).await?;
        Ok(!matches!(done, Done::Rows(0)))
    }

    /// The gateway refused the result for good.
    pub(super) async fn undeliverable(&self, job_id: &str) -> Result<(), JournalError> {
        self.change(Change::Undeliverable { job_id: job_id.to_owned() }).await.map(drop)
    }

    /// Nobody wants to know of that attempt any more. A newer one stays.
    pub(super) async fn forget(&self, job_id: &str, epoch: u64) -> Result<(), JournalError> {
        self.change(Change::Forget { job_id: job_id.to_owned(), epoch }).await.map(drop)
    }

    /// Forgets results that the gateway refused before then.
    pub(super) async fn forget_undeliverable(&self, before_ms: i64) -> Result<(), JournalError> {
        self.change(Change::ForgetUndeliverable { before_ms }).await.map(drop)
    }

    /// Whether the journal takes writes (again).
    pub(super) async fn probe(&self) -> Result<(), JournalError> {
        self.change(Change::Probe).await.map(drop)
    }

    /// One attempt.
    pub(super) async fn attempt(&self, job_id: &str) -> Result<Option<Attempt>, JournalError> {
        let row = sqlx::query("SELECT * FROM attempts WHERE job_id = ?")
            .bind(job_id)
            .fetch_optional(self.database.read())
            .await
            .map_err(failed)?;
        row.map(|row| attempt(&row)).transpose()
    }

    /// Every attempt, oldest first. One that cannot be read is left alone and logged: it must not keep the others from
    /// being delivered.
    pub(super) async fn attempts(&self) -> Result<Vec<Attempt>, JournalError> {
        let rows = sqlx::query("SELECT * FROM attempts ORDER BY changed_ms")
            .fetch_all(self.database.read())
            .await
            .map_err(failed)?;
        Ok(rows
            .iter()
            .filter_map(|row| attempt(row).inspect_err(|error| tracing::error!(%error, "unreadable entry")).ok())
            .collect())
    }

    async fn change(&self, change: Change) -> Result<Done, JournalError> {
        let gone = || JournalError("its writer has ended".to_owned());
        let (reply, answer) = oneshot::channel();
        self.changes.send((change, reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Commits changes in groups until nobody can ask for more.
async fn write(database: Arc<Database>, mut taken: mpsc::Receiver<(Change, Reply)>) {
    let mut group = Vec::new();
    while taken.recv_many(&mut group, 256).await > 0 {
        let (changes, replies): (Vec<_>, Vec<_>) = group.drain(..).unzip();
        match commit(&database, &changes).await {
            Ok(done) => {
                for (reply, done) in replies.into_iter().zip(done) {
                    let _ = reply.send(Ok(done));
                }
            }
            Err(error) => {
                let error = failed(error);
                tracing::error!(%error, "journal");
                for reply in replies {
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
    }
}

async fn commit(database: &Database, changes: &[Change]) -> Result<Vec<Done>, sqlx::Error> {
    let mut writer = database.write(Durability::Power).await?;
    let mut transaction = writer.begin().await?;
    let mut done = Vec::with_capacity(changes.len());
    for change in changes {
        done.push(apply(&mut transaction, change).await?);
    }
    transaction.commit().await?;
    Ok(done)
}

async fn apply(connection: &mut SqliteConnection, change: &Change) -> Result<Done, sqlx::Error> {
    let now = unix_ms();
    let query = match change {
        Change::Claim(claims) => {
            let mut claimed = Vec::with_capacity(claims.len());
            for claim in claims {
                claimed.push(apply_claim(connection, claim, now).await?);
            }
            return Ok(Done::Claimed(claimed));
        }
        Change::Started(job_id) => {
            sqlx::query("UPDATE attempts SET phase = 'started', changed_ms = ? WHERE job_id = ?").bind(now).bind(job_id)
        }
        Change::Finished { job_id, result, body } => {
            sqlx::query("UPDATE attempts SET phase = 'finished', result = ?, body = ?, changed_ms = ? WHERE job_id = ?")
                .bind(result)
                .bind(body.as_ref().and_then(|body| serde_json::to_string(body).ok()))
                .bind(now)
                .bind(job_id)
        }
        Change::Delivered { job_id, epoch } | Change::Forget { job_id, epoch } => {
            sqlx::query("DELETE FROM attempts WHERE job_id = ? AND epoch = ?").bind(job_id).bind(signed(*epoch))
        }
        Change::Undeliverable { job_id } => {
            sqlx::query("UPDATE attempts SET phase = 'undeliverable', changed_ms = ? WHERE job_id = ?")
                .bind(now)
                .bind(job_id)
        }
        Change::ForgetUndeliverable { before_ms } => {
            sqlx::query("DELETE FROM attempts WHERE phase = 'undeliverable' AND changed_ms < ?").bind(before_ms)
        }
        // Touches a page, so that a full disk shows.
        Change::Probe => sqlx::query("PRAGMA user_version = 1"),
    };
    Ok(Done::Rows(query.execute(connection).await?.rows_affected()))
}

async fn apply_claim(connection: &mut SqliteConnection, claim: &Claim, now: i64) -> Result<Claimed, sqlx::Error> {
    let job_id = &claim.job.job_id;
    let known =
        sqlx::query("SELECT * FROM attempts WHERE job_id = ?").bind(job_id).fetch_optional(&mut *connection).await?;
    let epoch = epoch(&claim.job);
    let job = serde_json::to_string(&claim.job).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let Some(known) = known.and_then(|row| attempt(&row).ok()) else {
        let result = claim.refusal.as_ref().map(results::bytes);
        let phase = if result.is_some() { "finished" } else { "claimed" };
        sqlx::query(
            "INSERT OR REPLACE INTO attempts (job_id, epoch, phase, job, deadline_ms, result, changed_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(job_id)
        .bind(signed(epoch))
        .bind(phase)
        .bind(job)
        .bind(claim.deadline_ms)
        .bind(result)
        .bind(now)
        .execute(connection)
        .await?;
        return Ok(Claimed::New);
    };
    let ended = matches!(known.phase, Phase::Finished | Phase::Undeliverable);
    if epoch <= known.epoch {
        return Ok(if ended { Claimed::Ended } else { Claimed::Known });
    }
    let result = ended.then(|| results::with_lease(&known.result, claim.job.lease.as_ref()));
    let phase = if ended { "finished" } else { known.phase.as_str() };
    sqlx::query("UPDATE attempts SET epoch = ?, phase = ?, job = ?, deadline_ms = ?, result = ? WHERE job_id = ?")
        .bind(signed(epoch))
        .bind(phase)
        .bind(job)
        .bind(claim.deadline_ms.max(known.deadline_ms))
        .bind(result)
        .bind(job_id)
        .execute(connection)
        .await?;
    Ok(if ended { Claimed::Ended } else { Claimed::Adopted { begun: known.phase == Phase::Started } })
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Undeliverable => "undeliverable",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Claimed, Self::Started, Self::Finished, Self::Undeliverable]
            .into_iter()
            .find(|phase| phase.as_str() == word)
    }
}

/// The attempt that a job is; 0 without a lease.
pub(super) fn epoch(job: &Job) -> u64 {
    job.lease.as_ref().map_or(0, |lease: &Lease| lease.epoch)
}

fn attempt(row: &SqliteRow) -> Result<Attempt, JournalError> {
    let unreadable = |what: &str| JournalError(format!("an entry has an unreadable {what}"));
    let phase: &str = row.try_get("phase").map_err(failed)?;
    let body: Option<&str> = row.try_get("body").map_err(failed)?;
    let epoch: i64 = row.try_get("epoch").map_err(failed)?;
    Ok(Attempt {
        job: serde_json::from_str(row.try_get("job").map_err(failed)?).map_err(|_| unreadable("job"))?,
        phase: Phase::parse(phase).ok_or_else(|| unreadable("phase"))?,
        epoch: u64::try_from(epoch).unwrap_or(0),
        deadline_ms: row.try_get("deadline_ms").map_err(failed)?,
        result: row.try_get::<Option<Vec<u8>>, _>("result").map_err(failed)?.unwrap_or_default(),
        body: body.map(serde_json::from_str).transpose().map_err(|_| unreadable("body"))?,
        changed_ms: row.try_get("changed_ms").map_err(failed)?,
    })
}

fn signed(epoch: u64) -> i64 {
    i64::try_from(epoch).unwrap_or(i64::MAX)
}

#[allow(clippy::needless_pass_by_value)] // used as `map_err(failed)`
fn failed(error: sqlx::Error) -> JournalError {
    JournalError(error.to_string())
}
