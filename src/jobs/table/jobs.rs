//! The table: who runs, who ended, and in which order that becomes visible.

use super::database::JobDatabase;
use super::history::History;
use super::job::{Job, Line};
use super::record::{JobEnd, JobRecord};
use crate::base::DatabaseError;
use crate::wire::v1::OutputStream;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Every job of the node, by id.
#[derive(Debug)]
pub struct JobTable {
    state: Mutex<State>,
    database: Option<JobDatabase>,
}

#[derive(Debug, Default)]
struct State {
    running: BTreeMap<String, Arc<Job>>,
    ended: History,
}

/// A piece of a job's output.
#[derive(Debug)]
pub struct Piece {
    /// The bytes from the asked offset on.
    pub bytes: Bytes,
    /// Whether the job had ended when they were read.
    pub ended: bool,
}

impl JobTable {
    /// A table whose background jobs are kept in the file `path`; without one, everything is in memory.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(path: Option<&Path>) -> Result<Self, DatabaseError> {
        let database = match path {
            Some(path) => Some(JobDatabase::open(path).await?),
            None => None,
        };
        Ok(Self { state: Mutex::default(), database })
    }

    /// A job whose caller waits. `cancel` is what ends it.
    pub fn start(&self, line: &Line<'_>, cancel: CancellationToken) -> Arc<Job> {
        let job = Arc::new(Job::new(line, false, cancel));
        self.state().running.insert(job.id.clone(), job.clone());
        job
    }

    /// A background job: on disk when this returns.
    ///
    /// # Errors
    /// When it could not be kept. It must not run then.
    pub async fn accept(&self, line: &Line<'_>) -> sqlx::Result<Arc<Job>> {
        let job = Arc::new(Job::new(line, true, CancellationToken::new()));
        if let Some(database) = &self.database {
            database.insert(&job).await?;
        }
        self.state().running.insert(job.id.clone(), job.clone());
        Ok(job)
    }

    /// Keeps how a job ended, then shows it.
    pub async fn finish(&self, job: &Arc<Job>, end: JobEnd) {
        let mut on_disk = false;
        if let Some(database) = self.database.as_ref().filter(|_| job.background) {
            match database.finish(&job.id, job.cancel().is_cancelled(), &end).await {
                Ok(()) => on_disk = true,
                // Still known until the restart, after which it is reported as lost.
                Err(error) => tracing::error!(job = job.id, %error, "the end of a background job could not be kept"),
            }
        }
        job.end(end);
        {
            let mut state = self.state();
            state.running.remove(&job.id);
            if !on_disk {
                state.ended.add(job.record());
            }
        }
        job.announce_end();
    }

    /// The job while it runs.
    pub fn running(&self, id: &str) -> Option<Arc<Job>> {
        self.state().running.get(id).cloned()
    }

    /// Number of jobs that run.
    pub fn running_count(&self) -> usize {
        self.state().running.len()
    }

    /// Number of background jobs that run.
    pub fn background_running(&self) -> usize {
        self.state().running.values().filter(|job| job.background).count()
    }

    /// The job with its result.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn get(&self, id: &str) -> sqlx::Result<Option<JobRecord>> {
        {
            let state = self.state();
            if let Some(job) = state.running.get(id) {
                return Ok(Some(job.record()));
            }
            if let Some(record) = state.ended.get(id) {
                return Ok(Some(record.clone()));
            }
        }
        match &self.database {
            Some(database) => database.get(id).await,
            None => Ok(None),
        }
    }

    /// Jobs in the order of their submission, without their output.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(&self, workspace_id: Option<&str>) -> sqlx::Result<Vec<JobRecord>> {
        let mut jobs: BTreeMap<String, JobRecord> = BTreeMap::new();
        if let Some(database) = &self.database {
            jobs.extend(database.list(workspace_id).await?.into_iter().map(|job| (job.id.clone(), job)));
        }
        let state = self.state();
        let wanted = |job: &JobRecord| workspace_id.is_none_or(|id| id == job.workspace_id);
        // Memory wins: it is never older than the row.
        for job in state.running.values().map(|job| job.record()).chain(state.ended.iter().cloned()).filter(wanted) {
            jobs.insert(job.id.clone(), job);
        }
        Ok(jobs.into_values().collect())
    }

    /// Output of a job from `offset` on, at most `limit` bytes. Of a job whose caller waits there is none before its end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn output(
        &self,
        id: &str,
        stream: OutputStream,
        offset: u64,
        limit: usize,
    ) -> sqlx::Result<Option<Piece>> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        {
            let state = self.state();
            if let Some(job) = state.running.get(id) {
                return Ok(Some(Piece { bytes: job.output_from(stream, from, limit), ended: false }));
            }
            if let Some(end) = state.ended.get(id).and_then(|record| record.end.as_ref()) {
                let whole = if stream == OutputStream::Stdout { &end.stdout } else { &end.stderr };
                let from = from.min(whole.len());
                let bytes = whole.slice(from..from.saturating_add(limit).min(whole.len()));
                return Ok(Some(Piece { bytes, ended: true }));
            }
        }
        let Some(database) = &self.database else { return Ok(None) };
        let (offset, limit) = (i64::try_from(offset).unwrap_or(i64::MAX - 1), i64::try_from(limit).unwrap_or(i64::MAX));
        let bytes = database.output(id, stream, offset, limit).await?;
        Ok(bytes.map(|bytes| Piece { bytes: bytes.into(), ended: true }))
    }

    /// Asks for the end of every running job that is `wanted`. Returns them.
    pub fn cancel_running(&self, wanted: impl Fn(&Job) -> bool) -> Vec<Arc<Job>> {
        let jobs: Vec<_> = self.state().running.values().filter(|job| wanted(job)).cloned().collect();
        // Outside the lock: cancelling wakes tasks that may ask the table.
        jobs.iter().for_each(|job| job.cancel().cancel());
        jobs
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
