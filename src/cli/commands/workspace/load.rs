//! `waypost workspace load`.

use super::upload::Upload;
use super::view;
use crate::cli::args::Global;
use crate::cli::descriptor;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::place::{Place, Server};
use crate::client::{Multipart, escape};
use clap::Args;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// Make a workspace from a snapshot, or from any tar
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost workspace load demo.tar --id copy\n  \
    tar -C src -cf - . | waypost workspace load - --id src --mount /src\n  \
    waypost workspace load demo.tar s3.yaml       with the mounts of s3.yaml, whose secrets no snapshot holds")]
pub struct Load {
    /// The archive, or - for standard input
    #[arg(value_name = "FILE", required_unless_present = "server_path")]
    pub file: Option<PathBuf>,
    /// The same as --override
    #[arg(value_name = "CONFIG", conflicts_with = "override_")]
    pub config: Option<PathBuf>,
    /// The new workspace's id [default: the server makes one]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// A YAML or JSON file with mounts that replace those of the snapshot: {mounts: {PREFIX: {resource, config}}}
    #[arg(long = "override", value_name = "FILE")]
    pub override_: Option<PathBuf>,
    /// For a tar that is not a snapshot: where its files go [default: /]
    #[arg(long, value_name = "PREFIX")]
    pub mount: Option<String>,
    /// The archive is a file of the server's own, where its owner allows that
    #[arg(long, value_name = "PATH", conflicts_with = "file")]
    pub server_path: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Load {
    /// Loads it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let with = self.override_.as_deref().or(self.config.as_deref());
        if with.is_some_and(is_stdin) && self.file.as_deref().is_some_and(is_stdin) {
            return Err(CliError::new(ExitKind::Usage, "standard input cannot be both the archive and the override")
                .hint("name a file for one of them"));
        }
        let mut params = Map::new();
        for (name, value) in [("id", &self.id), ("mount", &self.mount), ("path", &self.server_path)] {
            if let Some(value) = value {
                params.insert(name.to_owned(), Value::String(value.clone()));
            }
        }
        if let Some(with) = with {
            params.insert("override".to_owned(), descriptor::read(with)?);
        }
        let answer = match &self.file {
            None => {
                let server = self.place.open_or_spawn(global).await?;
                server.call_with(Method::POST, "/v1/workspaces/load", &Value::Object(params)).await?
            }
            Some(file) => {
                let upload = Upload::open(file).await?;
                let server = self.place.open_or_spawn(global).await?;
                let bar = upload.bar.clone();
                let answer = server.json(request(&server, upload, &params)).await;
                bar.finish_and_clear();
                answer?
            }
        };
        output.result(&answer, || view::detail(&answer));
        Ok(0)
    }
}

/// The tar itself with the parameters in the query, or in parts when there is an override, which may be long.
fn request(server: &Server, upload: Upload, params: &Map<String, Value>) -> RequestBuilder {
    let size = upload.size;
    if params.contains_key("override") {
        let request = server.request(Method::POST, "/v1/workspaces/load");
        let params = serde_json::to_vec(params).unwrap_or_default();
        let parts = Multipart::new().part("request", "request.json", "application/json", &params);
        return parts.stream_with(request, ("snapshot", "snapshot.tar", "application/x-tar"), size, upload.stream());
    }
    let query = params.iter().filter_map(|(name, value)| Some(format!("{name}={}", escape(value.as_str()?))));
    let query = query.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    let request = server.request(Method::POST, &format!("/v1/workspaces/load{mark}{query}"));
    let request = request.header(CONTENT_TYPE, "application/x-tar").body(Body::wrap_stream(upload.stream()));
    match size {
        Some(size) => request.header(CONTENT_LENGTH, size),
        None => request,
    }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}
