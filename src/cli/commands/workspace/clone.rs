//! `waypost workspace clone`.

use super::view;
use crate::cli::args::Global;
use crate::cli::descriptor;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Copy a workspace, as it is now or as it was at a version
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost workspace clone demo --id copy\n  waypost workspace clone demo --id old --at main"
)]
pub struct Clone {
    /// The workspace to copy
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// The copy's id [default: the server makes one]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// A branch, or a version's full id
    #[arg(long, value_name = "REF")]
    pub at: Option<String>,
    /// A YAML or JSON file with mounts that replace those of the source: {mounts: {PREFIX: {resource, config}}}
    #[arg(long = "override", value_name = "FILE")]
    pub override_: Option<PathBuf>,
    #[command(flatten)]
    pub place: Place,
}

impl Clone {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<Value>| value.map(|value| body.insert(name.to_owned(), value));
        let path = if self.at.is_some() {
            put("source_id", Some(json!(self.source)));
            "/v1/workspaces/clone".to_owned()
        } else {
            format!("/v1/workspaces/{}/clone", escape(&self.source))
        };
        put("id", self.id.map(Value::String));
        put("at", self.at.map(Value::String));
        put("override", self.override_.as_deref().map(descriptor::read).transpose()?);
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &Value::Object(body)).await?;
        output.result(&answer, || view::detail(&answer));
        Ok(0)
    }
}
