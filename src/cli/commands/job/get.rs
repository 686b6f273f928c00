//! `waypost job get`.

use super::view::View;
use crate::cli::args::Global;
use crate::cli::door::DoorArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::client::{Door, escape};
use clap::Args;
use reqwest::Method;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Show a job; with --output, write its answer's body (e.g. a snapshot) to a file
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost job get job_0199… --output demo.tar")]
pub struct Get {
    /// The job
    #[arg(value_name = "JOB")]
    pub id: String,
    /// Where to write the answer's body
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Get {
    /// Prints the job.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.output.as_deref().map(check_place).transpose()?;
        let door = self.door.open(global)?;
        let job: Value = door.get(&format!("/v1/jobs/{}", escape(&self.id))).await?;
        if let Some(file) = &self.output {
            save_body(&door, &self.id, file).await?;
            output.note(format!("wrote {}", file.display()));
        }
        output.json(&job);
        Ok(if View(&job).ended() { View(&job).exit_code() } else { 0 })
    }
}

/// Says early when `file` cannot be written for want of a directory: before a job has run for it.
pub fn check_place(file: &Path) -> Result<(), CliError> {
    let dir = dir_of(file);
    if dir.is_dir() && !file.is_dir() {
        return Ok(());
    }
    let what = if file.is_dir() {
        format!("{} is a directory", file.display())
    } else {
        format!("there is no directory {}", dir.display())
    };
    Err(CliError::new(ExitKind::Usage, format!("cannot write {}: {what}", file.display())))
}

fn dir_of(file: &Path) -> &Path {
    file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the body of a job's answer to `file`, wholly or not at all.
pub async fn save_body(door: &Door, id: &str, file: &Path) -> Result<(), CliError> {
    let response = door.send(door.request(Method::GET, &format!("/v1/jobs/{}/body", escape(id)))).await?;
    save(door, response, file).await
}

/// Writes a response's body to `file`, wholly or not at all.
pub async fn save(door: &Door, mut response: reqwest::Response, file: &Path) -> Result<(), CliError> {
    let cannot = |failed: &dyn std::fmt::Display| {
        CliError::new(ExitKind::Failure, format!("cannot write {}: {failed}", file.display()))
    };
    let temporary = tempfile::NamedTempFile::new_in(dir_of(file)).map_err(|failed| cannot(&failed))?;
    let mut out = tokio::fs::File::from_std(temporary.reopen().map_err(|failed| cannot(&failed))?);
    let bar = crate::cli::progress::bytes("download", response.content_length());
    while let Some(chunk) = response.chunk().await.map_err(|failed| CliError::from(door.unreachable(&failed)))? {
        tokio::io::AsyncWriteExt::write_all(&mut out, &chunk).await.map_err(|failed| cannot(&failed))?;
        bar.inc(chunk.len() as u64);
    }
    tokio::io::AsyncWriteExt::flush(&mut out).await.map_err(|failed| cannot(&failed))?;
    bar.finish_and_clear();
    temporary.persist(file).map_err(|failed| cannot(&failed.error))?;
    Ok(())
}
