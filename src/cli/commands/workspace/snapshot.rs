//! `waypost workspace snapshot`.

use super::view;
use crate::cli::args::Global;
use crate::cli::download::{check_place, save};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::place::{Place, Server};
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Write a workspace to a tar file that `workspace load` and `tar` read
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost workspace snapshot demo demo.tar\n  waypost workspace snapshot demo | tar -tf -"
)]
pub struct Snapshot {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// The file; - or nothing for standard output
    #[arg(value_name = "OUT")]
    pub out: Option<PathBuf>,
    /// Have the server write it to a file of its own, where its owner allows that
    #[arg(long, value_name = "PATH", conflicts_with = "out")]
    pub server_path: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Snapshot {
    /// Writes it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/snapshot", escape(&self.id));
        if let Some(server_path) = &self.server_path {
            let body = json!({ "path": server_path });
            let answer = self.place.open(global)?.call_with(Method::POST, &path, &body).await?;
            output.result(&answer, || {
                let size = answer.get("size").and_then(Value::as_u64).unwrap_or_default();
                said(&self.id, view::text(&answer, "path"), size)
            });
            return Ok(0);
        }
        match self.out.as_deref().filter(|out| out.as_os_str() != "-") {
            Some(out) => self.to_file(&path, out, global, output).await,
            None => self.to_stdout(&path, global, output).await,
        }
    }

    async fn to_file(&self, path: &str, out: &Path, global: &Global, output: &Output) -> Result<u8, CliError> {
        check_place(out)?;
        let server = self.place.open(global)?;
        let response = server.send(server.request(Method::GET, path)).await?;
        let size = save(server.door(), response, out).await?;
        let whole = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
        let whole = whole.display().to_string();
        output.result(&json!({ "id": self.id, "path": whole, "size": size }), || said(&self.id, &whole, size));
        Ok(0)
    }

    async fn to_stdout(&self, path: &str, global: &Global, output: &Output) -> Result<u8, CliError> {
        if std::io::stdout().is_terminal() {
            return Err(CliError::new(ExitKind::Usage, "a tar is not for a terminal")
                .hint(format!("name a file: `waypost workspace snapshot {0} {0}.tar`, or use a pipe", self.id)));
        }
        let server: Server = self.place.open(global)?;
        let mut response = server.send(server.request(Method::GET, path)).await?;
        let broken = |failed: reqwest::Error| CliError::from(server.door().unreachable(&failed));
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            output.bytes(&chunk);
            // Nobody reads on, or the disk is full: then the rest need not come either.
            output.written()?;
        }
        Ok(0)
    }
}

fn said(id: &str, path: &str, size: u64) -> String {
    format!("Snapshot {id} -> {path} ({} bytes).", view::thousands(size))
}
