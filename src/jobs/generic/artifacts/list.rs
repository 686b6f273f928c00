//! What is known of a job's files, beside the files, so that it outlives the process.

use super::path;
use super::store::ArtifactStore;
use crate::wire::node::generic::Artifact;
use cap_std::fs::Dir;
use serde::{Deserialize, Serialize};
use std::io;

/// Where a file is, and what is told of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Meta {
    /// Below the job's directory.
    pub(super) file: String,
    pub(super) artifact: Artifact,
}

impl ArtifactStore {
    pub(super) fn remember(&self, job: &Dir, artifact: &Artifact, file: &str) -> io::Result<()> {
        job.create_dir_all("meta")?;
        let meta = Meta { file: file.to_owned(), artifact: artifact.clone() };
        job.write(format!("meta/{}.json", artifact.id), serde_json::to_vec(&meta)?)
    }

    /// The job's files that are still there, by name.
    pub(in crate::jobs::generic) fn list(&self, job_id: &str) -> Vec<Artifact> {
        let Ok(job) = self.find_job(job_id) else { return Vec::new() };
        let mut found: Vec<Artifact> = metas(&job)
            .into_iter()
            .filter(|(_, meta)| path::open(&job, &meta.file).is_ok_and(|(_, there)| !self.is_over(&there)))
            .map(|(_, meta)| meta.artifact)
            .collect();
        found.sort_by(|a, b| (&a.scope, &a.uri).cmp(&(&b.scope, &b.uri)));
        found
    }
}

/// What is known of a job's files, each with the name of the file that says it.
pub(super) fn metas(job: &Dir) -> Vec<(String, Meta)> {
    let Ok(entries) = job.read_dir("meta") else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter_map(|name| {
            let text = job.read(format!("meta/{name}")).ok()?;
            Some((name, serde_json::from_slice(&text).ok()?))
        })
        .collect()
}
