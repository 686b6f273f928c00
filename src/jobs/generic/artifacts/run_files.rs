//! The files of one run: inputs that were put there, outputs that it leaves.

use super::list::metas;
use super::path;
use super::store::ArtifactStore;
use crate::jobs::generic::job::{GenericJob, Input};
use crate::jobs::generic::refusal::{ArtifactError, ArtifactProblem};
use cap_std::fs::{Dir, File};
use sha2::{Digest as _, Sha256};
use std::io::{self, ErrorKind, Read, Write as _};

/// Bytes that are copied at once.
const PIECE: usize = 256 << 10;

/// The directory of a run.
#[derive(Debug)]
pub(in crate::jobs::generic) struct RunFiles {
    pub(super) run: Dir,
}

impl ArtifactStore {
    /// Clears what the job's last run left, and puts the inputs there.
    ///
    /// # Errors
    /// When an input cannot be had, or is not what its hash says.
    pub(in crate::jobs::generic) fn begin(&self, job_id: &str, job: &GenericJob) -> Result<RunFiles, ArtifactError> {
        let host = |error: io::Error| ArtifactError::of_host(&error, "the job's files");
        let _here = self.hold();
        let own = self.open_job(job_id).map_err(host)?;
        match own.remove_dir_all("run") {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(host(error)),
            _ => self.count_again(),
        }
        for (name, meta) in metas(&own) {
            if meta.file.starts_with("run/") {
                let _ = own.remove_file(format!("meta/{name}"));
            }
        }
        for dir in ["run/inputs", "run/outputs"] {
            own.create_dir_all(dir).map_err(host)?;
        }
        let files = RunFiles { run: own.open_dir("run").map_err(host)? };
        for input in &job.inputs {
            match self.put(&files, input) {
                Err(missing) if missing.problem == ArtifactProblem::NotFound && !input.required => {}
                put => put?,
            }
        }
        Ok(files)
    }

    fn put(&self, files: &RunFiles, input: &Input) -> Result<(), ArtifactError> {
        let (mut from, size) = self.resolve(&input.uri)?;
        self.take_room(size)?;
        let host = |error: io::Error| ArtifactError::of_host(&error, &format!("input {}", input.name));
        let mut to = path::create(&files.run, &format!("inputs/{}", input.mount_path)).map_err(host)?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece).map_err(host)?;
            if read == 0 {
                break;
            }
            hash.update(&piece[..read]);
            to.write_all(&piece[..read]).map_err(host)?;
        }
        let found = hex::encode(hash.finalize());
        match &input.sha256 {
            Some(said) if !said.trim_start_matches("sha256:").eq_ignore_ascii_case(&found) => {
                let text = format!("input {}: its SHA-256 is {found}, not what the job says", input.name);
                Err(ArtifactError::new(ArtifactProblem::Mismatch, text))
            }
            _ => Ok(()),
        }
    }
}

impl RunFiles {
    /// An input by its place.
    pub(in crate::jobs::generic) fn input(&self, mount_path: &str) -> io::Result<File> {
        path::open(&self.run, &format!("inputs/{mount_path}")).map(|(file, _)| file)
    }

    /// A new output.
    pub(in crate::jobs::generic) fn output(&self, to: &str) -> io::Result<File> {
        path::create(&self.run, &format!("outputs/{to}"))
    }
}
