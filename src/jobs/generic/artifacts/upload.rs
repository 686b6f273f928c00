//! A file that is sent before the job that needs it.

use super::path;
use super::store::{ArtifactStore, Described};
use crate::base::sha256_hex;
use crate::jobs::generic::refusal::{ArtifactError, ArtifactProblem};
use crate::wire::node::generic::{Artifact, ArtifactUpload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, Write as _};

impl ArtifactStore {
    /// Keeps a file among a job's uploads. A run of that job leaves it there.
    ///
    /// # Errors
    /// Every [`ArtifactProblem`] but [`ArtifactProblem::NotFound`].
    pub(in crate::jobs::generic) fn upload(
        &self,
        job_id: &str,
        upload: &ArtifactUpload,
    ) -> Result<Artifact, ArtifactError> {
        path::must_be_safe(&upload.path)?;
        // Before decoding, which would need the memory.
        if upload.content_base64.len() as u64 / 4 * 3 > self.max_upload.saturating_add(3) {
            return Err(self.too_large());
        }
        let bytes = STANDARD.decode(upload.content_base64.as_bytes()).map_err(|wrong| {
            ArtifactError::new(ArtifactProblem::NotBase64, format!("content_base64 is not base64: {wrong}"))
        })?;
        if bytes.len() as u64 > self.max_upload {
            return Err(self.too_large());
        }
        let sha256 = sha256_hex(&bytes);
        let mismatch = |text: String| Err(ArtifactError::new(ArtifactProblem::Mismatch, text));
        if let Some(said) = &upload.sha256
            && !said.trim().trim_start_matches("sha256:").eq_ignore_ascii_case(&sha256)
        {
            return mismatch(format!("the content's SHA-256 is {sha256}, not what sha256 says"));
        }
        if let Some(said) = upload.size_bytes.filter(|said| *said != bytes.len() as u64) {
            return mismatch(format!("the content has {} bytes, not {said} as size_bytes says", bytes.len()));
        }
        self.take_room(bytes.len() as u64)?;
        let name = upload.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let artifact = self.describe(Described {
            kind: "upload",
            scope: "input",
            job_id,
            path: &upload.path,
            name: name.unwrap_or_else(|| upload.path.rsplit('/').next().unwrap_or(&upload.path)),
            content_type: upload.content_type.as_deref(),
            size_bytes: bytes.len() as u64,
            sha256,
        });
        let written = self.write_upload(job_id, &upload.path, &bytes, &artifact);
        written.map_err(|error| {
            self.count_again();
            ArtifactError::of_host(&error, &upload.path)
        })?;
        Ok(artifact)
    }

    fn write_upload(&self, job_id: &str, to: &str, bytes: &[u8], artifact: &Artifact) -> io::Result<()> {
        let _here = self.hold();
        let job = self.open_job(job_id)?;
        job.create_dir_all("uploads")?;
        let uploads = job.open_dir("uploads")?;
        let mut file = path::create(&uploads, to)?;
        let written = file.write_all(bytes).and_then(|()| self.remember(&job, artifact, &format!("uploads/{to}")));
        if written.is_err() {
            let (dir, name) = path::parent(&uploads, to, false)?;
            let _ = dir.remove_file(name);
        }
        written
    }

    fn too_large(&self) -> ArtifactError {
        let text = format!("uploads are limited to {} bytes", self.max_upload);
        ArtifactError::new(ArtifactProblem::TooLarge, text)
    }
}
