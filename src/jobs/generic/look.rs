//! What is known of one job, and its files.

use super::jobs::GenericJobs;
use super::refusal::{ArtifactError, GenericRefusal};
use crate::wire::node::generic::{Artifact, ArtifactUpload, AuditEntry, GenericEvent, GenericSnapshot, LogLine};

impl GenericJobs {
    /// Everything about a job.
    ///
    /// # Errors
    /// [`GenericRefusal::NotFound`].
    pub async fn snapshot(&self, job_id: &str) -> Result<GenericSnapshot, GenericRefusal> {
        let found = self.0.lock().snapshot(job_id);
        let mut snapshot = found.ok_or(GenericRefusal::NotFound)?;
        snapshot.artifacts = self.files(job_id).await;
        Ok(snapshot)
    }

    /// What happened to it.
    ///
    /// # Errors
    /// [`GenericRefusal::NotFound`].
    pub fn events(&self, job_id: &str) -> Result<Vec<GenericEvent>, GenericRefusal> {
        let table = self.0.lock();
        table.entries.get(job_id).map(|entry| entry.feed.events()).ok_or(GenericRefusal::NotFound)
    }

    /// What it printed.
    ///
    /// # Errors
    /// [`GenericRefusal::NotFound`].
    pub fn logs(&self, job_id: &str) -> Result<Vec<LogLine>, GenericRefusal> {
        let table = self.0.lock();
        table.entries.get(job_id).map(|entry| entry.feed.logs()).ok_or(GenericRefusal::NotFound)
    }

    /// What was done to it.
    ///
    /// # Errors
    /// [`GenericRefusal::NotFound`].
    pub fn audit(&self, job_id: &str) -> Result<Vec<AuditEntry>, GenericRefusal> {
        let table = self.0.lock();
        if table.entries.contains_key(job_id) { Ok(table.audit.of(job_id)) } else { Err(GenericRefusal::NotFound) }
    }

    /// Its files, also those of a job that has not come yet.
    ///
    /// # Errors
    /// [`GenericRefusal::NotFound`] when there is neither a job nor a file.
    pub async fn artifacts(&self, job_id: &str) -> Result<Vec<Artifact>, GenericRefusal> {
        let found = self.files(job_id).await;
        if found.is_empty() && !self.0.lock().entries.contains_key(job_id) {
            return Err(GenericRefusal::NotFound);
        }
        Ok(found)
    }

    /// Keeps a file for a job, which need not have come yet.
    ///
    /// # Errors
    /// [`GenericRefusal::Artifact`].
    pub async fn upload(&self, job_id: &str, upload: ArtifactUpload) -> Result<Artifact, GenericRefusal> {
        let id = job_id.to_owned();
        Ok(self.0.with_store(move |store| store.upload(&id, &upload)).await?)
    }

    async fn files(&self, job_id: &str) -> Vec<Artifact> {
        let id = job_id.to_owned();
        let listed = self.0.with_store(move |store| Ok::<_, ArtifactError>(store.list(&id))).await;
        listed.unwrap_or_default()
    }
}
