//! `waypost job get`.

use super::door_kind;
use super::view::View;
use crate::cli::args::Global;
use crate::cli::door::DoorArgs;
use crate::cli::download::{check_place, save};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Door, escape};
use clap::Args;
use reqwest::Method;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Show a job, always as JSON; with --output, write its answer's body (e.g. a snapshot) to a file
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
        let path = format!("/v1/jobs/{}", escape(&self.id));
        let job: Value = match door.get(&path).await {
            Ok(job) => job,
            Err(error) => return Err(door_kind::failed(&door, error).await),
        };
        if let Some(file) = &self.output {
            save_body(&door, &self.id, file).await?;
            output.note(format!("wrote {}", file.display()));
        }
        output.json(&job);
        Ok(if View(&job).ended() { View(&job).exit_code() } else { 0 })
    }
}

/// Writes the body of a job's answer to `file`, wholly or not at all.
pub async fn save_body(door: &Door, id: &str, file: &Path) -> Result<(), CliError> {
    let response = door.send(door.request(Method::GET, &format!("/v1/jobs/{}/body", escape(id)))).await?;
    save(door, response, file).await.map(|_| ())
}
