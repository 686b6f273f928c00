//! `waypost workspace create`.

use super::view;
use crate::cli::args::Global;
use crate::cli::descriptor;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use clap::Args;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Make a workspace from a YAML or JSON file
///
/// ${VAR} in a value is replaced from this command's environment, before anything is sent.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost workspace create demo.yaml --id demo\n  \
    echo '{mounts: {/data: {resource: ram}}}' | waypost workspace create - --id demo")]
pub struct Create {
    /// The file, or - for standard input
    #[arg(value_name = "CONFIG")]
    pub config: PathBuf,
    /// The new workspace's id [default: the server makes one]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Create {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut body = Map::from_iter([("config".to_owned(), descriptor::read(&self.config)?)]);
        if let Some(id) = &self.id {
            body.insert("id".to_owned(), json!(id));
        }
        let server = self.place.open_or_spawn(global).await?;
        let answer = server.call_with(Method::POST, "/v1/workspaces", &Value::Object(body)).await?;
        output.result(&answer, || view::detail(&answer));
        Ok(0)
    }
}
