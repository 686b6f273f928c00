//! What every file call has: where to, as whom, and errors with their `errno`.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::place::{Place, Refusal, Server};
use crate::client::escape;
use clap::Args;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

/// Options of every file call.
#[derive(Debug, Args)]
pub struct Call {
    /// The workspace
    #[arg(short, long, alias = "workspace_id", value_name = "ID")]
    pub workspace: String,
    /// The session [default: the workspace's default session]
    #[arg(short, long, alias = "session_id", value_name = "ID")]
    pub session: Option<String>,
    /// Do nothing: show whether it would be allowed, and why
    #[arg(long)]
    pub explain: bool,
    #[command(flatten)]
    pub place: Place,
}

impl Call {
    /// Makes a call and gives its answer.
    pub async fn ask(&self, global: &Global, call: &str, arguments: Value) -> Result<Value, CliError> {
        let server = self.place.open(global)?;
        let response = send(&server, self.request(&server, call, &arguments)).await?;
        Ok(server.door().json(response).await?)
    }

    /// Makes a call that answers nothing of interest: silent on success, but for JSON.
    pub async fn change(&self, global: &Global, output: &Output, call: &str, arguments: Value) -> Result<u8, CliError> {
        let answer = self.ask(global, call, arguments).await?;
        if output.is_json() || self.explain {
            output.json(&answer);
        }
        Ok(0)
    }

    /// Writes a whole file to standard output as it comes. False when the server cannot send files so.
    pub async fn stream(&self, global: &Global, output: &Output, arguments: &Value) -> Result<bool, CliError> {
        let server = self.place.open(global)?;
        let mut response = match server.attempt(self.request(&server, "read_stream", arguments)).await? {
            Ok(response) => response,
            Err(refusal) if refusal.no_such_route() => return Ok(false),
            Err(refusal) => return Err(refused(&server, &refusal)),
        };
        let broken = |failed: reqwest::Error| CliError::from(server.door().unreachable(&failed));
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            output.bytes(&chunk);
            output.written()?;
        }
        Ok(true)
    }

    fn request(&self, server: &Server, call: &str, arguments: &Value) -> RequestBuilder {
        let mut query = Vec::new();
        query.extend(self.session.as_ref().map(|session| format!("session_id={}", escape(session))));
        query.extend(self.explain.then(|| "explain=true".to_owned()));
        let mark = if query.is_empty() { "" } else { "?" };
        let path = format!("/v1/workspaces/{}/vfs/{call}{mark}{}", escape(&self.workspace), query.join("&"));
        server.request(Method::POST, &path).json(arguments)
    }
}

async fn send(server: &Server, request: RequestBuilder) -> Result<Response, CliError> {
    server.attempt(request).await?.map_err(|refusal| refused(server, &refusal))
}

/// A file error is told as the system tells it, and is not a refusal of the call.
fn refused(server: &Server, refusal: &Refusal) -> CliError {
    match refusal.errno() {
        Some(errno) => CliError::new(ExitKind::Failure, format!("{} ({errno})", refusal.detail())),
        None => server.refused(refusal),
    }
}
