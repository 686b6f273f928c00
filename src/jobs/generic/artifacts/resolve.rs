//! The file that a URI names.

use super::path;
use super::store::ArtifactStore;
use crate::jobs::generic::check::is_safe_path;
use crate::jobs::generic::refusal::{ArtifactError, ArtifactProblem};
use cap_std::fs::{File, Metadata};
use percent_encoding::percent_decode_str;
use std::io::ErrorKind;

impl ArtifactStore {
    /// Opens `artifact://local/<job>/<path>`: an output of that job, else one of its uploads.
    ///
    /// # Errors
    /// [`ArtifactProblem::NotFound`], also for what was kept long enough; [`ArtifactProblem::UnsafePath`].
    pub(super) fn resolve(&self, uri: &str) -> Result<(File, u64), ArtifactError> {
        let unsafe_uri = |why: &str| ArtifactError::new(ArtifactProblem::UnsafePath, format!("{uri}: {why}"));
        let local = uri.strip_prefix("artifact://local/");
        let (job_id, below) = local
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(|| unsafe_uri("only artifact://local/<job>/<path> can be had here"))?;
        let decode = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        let (job_id, below) = decode(job_id).zip(decode(below)).ok_or_else(|| unsafe_uri("it is not UTF-8"))?;
        if !is_safe_path(&below) {
            return Err(unsafe_uri("its path is not a plain one"));
        }
        let missing = || {
            let text = format!("{uri}: there is no such artifact here, or it was kept long enough");
            ArtifactError::new(ArtifactProblem::NotFound, text)
        };
        let job = self.find_job(&job_id).map_err(|_| missing())?;
        // The last form is what callers of the reference do: they upload to `outputs/x` and ask for `x`.
        for place in ["run/outputs", "uploads", "uploads/outputs"] {
            match path::open(&job, &format!("{place}/{below}")) {
                Ok((_, metadata)) if self.is_over(&metadata) => {}
                Ok((file, metadata)) => return Ok((file, metadata.len())),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => return Err(ArtifactError::of_host(&error, uri)),
            }
        }
        Err(missing())
    }

    /// Whether a file was kept long enough.
    pub(super) fn is_over(&self, file: &Metadata) -> bool {
        let age = file.modified().ok().and_then(|modified| modified.into_std().elapsed().ok());
        age.is_some_and(|age| age >= self.retention)
    }
}
