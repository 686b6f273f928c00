//! What a run left: regular files only, each and together within its limits.

use super::path;
use super::run_files::RunFiles;
use super::store::{ArtifactStore, Described};
use crate::jobs::generic::job::{GenericJob, Output};
use crate::jobs::generic::refusal::{ArtifactError, ArtifactProblem};
use crate::wire::node::generic::Artifact;
use sha2::{Digest as _, Sha256};
use std::io::{self, ErrorKind, Read as _};

impl ArtifactStore {
    /// The outputs that the job declared.
    ///
    /// # Errors
    /// When a required one is missing, is no regular file, or is too long.
    pub(in crate::jobs::generic) fn collect(
        &self,
        job_id: &str,
        job: &GenericJob,
        files: &RunFiles,
    ) -> Result<Vec<Artifact>, ArtifactError> {
        let own = self.open_job(job_id).map_err(|error| ArtifactError::of_host(&error, "the job's files"))?;
        let mut left = job.limits.output_bytes;
        let mut found = Vec::new();
        for output in &job.outputs {
            let most = left.min(job.limits.artifact_bytes);
            let Some((size_bytes, sha256)) = measure(files, output, most)? else { continue };
            left -= size_bytes;
            let artifact = self.describe(Described {
                kind: "output",
                scope: "output",
                job_id,
                path: &output.path,
                name: &output.name,
                content_type: output.content_type.as_deref(),
                size_bytes,
                sha256,
            });
            self.remember(&own, &artifact, &format!("run/outputs/{}", output.path))
                .map_err(|error| ArtifactError::of_host(&error, &output.name))?;
            found.push(artifact);
        }
        self.count_again();
        Ok(found)
    }
}

/// Length and hash; none when it is not there and need not be.
fn measure(files: &RunFiles, output: &Output, most: u64) -> Result<Option<(u64, String)>, ArtifactError> {
    let host = |error: io::Error| ArtifactError::of_host(&error, &format!("output {}", output.name));
    let (mut file, metadata) = match path::open(&files.run, &format!("outputs/{}", output.path)) {
        Err(missing) if missing.kind() == ErrorKind::NotFound && !output.required => return Ok(None),
        opened => opened.map_err(host)?,
    };
    let too_large = || {
        let text = format!("output {}: it is longer than the {most} bytes that are left for it", output.name);
        ArtifactError::new(ArtifactProblem::TooLarge, text)
    };
    if metadata.len() > most {
        return Err(too_large());
    }
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 << 10];
    let mut size = 0;
    loop {
        let read = file.read(&mut piece).map_err(host)?;
        if read == 0 {
            return Ok(Some((size, hex::encode(hash.finalize()))));
        }
        size += read as u64;
        if size > most {
            return Err(too_large());
        }
        hash.update(&piece[..read]);
    }
}
