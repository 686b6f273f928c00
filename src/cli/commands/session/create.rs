//! `waypost session create`.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Make a session of a workspace, with all its mounts or only some
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost session create demo --id agent-1 -m /data:read")]
pub struct Create {
    /// The workspace
    #[arg(value_name = "WORKSPACE")]
    pub workspace: String,
    /// The new session's id [default: the server makes one]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// A mount that it may touch, with the most it may do there: read, write or exec [default: all mounts, as they are]
    #[arg(short, long = "mount", value_name = "PREFIX[:MODE]")]
    pub mounts: Vec<String>,
    /// Its profile
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Create {
    /// Makes it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut body = narrowing(&self.mounts)?;
        for (name, value) in [("session_id", &self.id), ("profile", &self.profile)] {
            if let Some(value) = value {
                body.insert(name.to_owned(), json!(value));
            }
        }
        let path = format!("/v1/workspaces/{}/sessions", escape(&self.workspace));
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &Value::Object(body)).await?;
        output.result(&answer, || {
            let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
            format!("Created session {} (cwd {}).", text("session_id"), text("cwd"))
        });
        Ok(0)
    }
}

/// Prefixes alone go as `allowed_mounts`, which every server knows. With a mode they go as `mounts`, where `exec` keeps
/// what the mount has.
fn narrowing(mounts: &[String]) -> Result<Map<String, Value>, CliError> {
    let mut narrowed = Vec::new();
    for mount in mounts {
        let (prefix, mode) = match mount.rsplit_once(':') {
            None => (mount.as_str(), None),
            Some((prefix, mode @ ("read" | "write" | "exec"))) => (prefix, Some(mode)),
            Some((_, mode)) => {
                return Err(CliError::new(ExitKind::Usage, format!("--mount '{mount}': '{mode}' is not a mode"))
                    .hint("write PREFIX, PREFIX:read, PREFIX:write or PREFIX:exec"));
            }
        };
        if !prefix.starts_with('/') {
            return Err(CliError::new(ExitKind::Usage, format!("--mount '{mount}' is not a mount's prefix"))
                .hint("a prefix begins with a slash, e.g. /data"));
        }
        narrowed.push((prefix, mode));
    }
    Ok(match narrowed.iter().any(|(_, mode)| mode.is_some()) {
        _ if narrowed.is_empty() => Map::new(),
        false => {
            let prefixes: Vec<_> = narrowed.iter().map(|(prefix, _)| prefix).collect();
            Map::from_iter([("allowed_mounts".to_owned(), json!(prefixes))])
        }
        true => {
            let mounts = narrowed.iter().map(|(prefix, mode)| ((*prefix).to_owned(), json!(mode.unwrap_or("exec"))));
            Map::from_iter([("mounts".to_owned(), Value::Object(mounts.collect()))])
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_named_with_and_without_a_mode() {
        let body = |mounts: &[&str]| {
            let mounts: Vec<_> = mounts.iter().map(|mount| (*mount).to_owned()).collect();
            narrowing(&mounts).map(Value::Object).map_err(|error| error.to_string())
        };
        assert_eq!(body(&[]).unwrap(), json!({}));
        assert_eq!(body(&["/data", "/s3/"]).unwrap(), json!({"allowed_mounts": ["/data", "/s3/"]}));
        assert_eq!(body(&["/data:read", "/s3"]).unwrap(), json!({"mounts": {"/data": "read", "/s3": "exec"}}));
        assert!(body(&["/data:ro"]).unwrap_err().contains("'ro'"));
        assert!(body(&["data"]).unwrap_err().contains("'data'"));
    }
}
