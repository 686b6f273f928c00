//! `waypost up`: the first look.

use crate::base::Shutdown;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::daemon::{FirstJob, Up as Roles, UpOptions, on_signals};
use crate::telemetry::{LogOptions, init};
use clap::Args;
use std::path::PathBuf;

/// Start a gateway and a node on this machine, run a first job, and stay up until Ctrl-C
///
/// Everything is on loopback and kept in one directory, by default a temporary one that is removed at the end.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost up --dir ~/waypost-try")]
pub struct Up {
    /// Where to keep the gateway's and the node's state [default: a temporary directory, removed at the end]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

impl Up {
    /// Starts both and stays.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        // The two talk to each other as they start; only what goes wrong is of interest here.
        let filter = if global.log == "info" { "warn".to_owned() } else { global.log.clone() };
        init(&LogOptions { filter, dir: None, colour: output.colours_stderr() })
            .map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
        let cannot =
            |failed: std::io::Error| CliError::new(ExitKind::Config, format!("cannot make a directory: {failed}"));
        let temporary = match self.dir {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("waypost-up-").tempdir().map_err(cannot)?),
        };
        let dir = match (&self.dir, &temporary) {
            (Some(dir), _) => std::path::absolute(dir).map_err(cannot)?,
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => PathBuf::new(),
        };
        let shutdown = Shutdown::new();
        on_signals(shutdown.clone());
        let started = async {
            let roles = Roles::start(UpOptions { dir: dir.clone() }, shutdown.clone()).await?;
            let first = roles.first_job().await?;
            Ok::<_, CliError>((roles, first))
        };
        let (roles, first) = tokio::select! {
            started = started => started?,
            // Returns, so that the temporary directory is removed.
            () = shutdown.draining().cancelled() => {
                return Err(CliError::new(ExitKind::Interrupted, "interrupted before the first job ended"));
            }
        };
        if output.is_json() {
            output.line_json(&serde_json::json!({
                "ready": true, "gateway_url": roles.gateway_url, "api_url": roles.api_url, "node": roles.node,
                "token": roles.key.expose(), "dir": dir, "first_job": { "id": first.id, "result": first.answer }
            }));
        } else {
            output.result(&(), || text(&roles, &first, &dir.display().to_string(), temporary.is_some()));
        }
        roles.run().await?;
        Ok(0)
    }
}

fn text(roles: &Roles, first: &FirstJob, dir: &str, temporary: bool) -> String {
    let indent = |text: &str| text.trim_end().lines().map(|line| format!("    {line}\n")).collect::<String>();
    let removed = if temporary { " (temporary: removed at the end)" } else { "" };
    format!(
        "gateway  {gateway}\nnode     {node}, its own /v1 at {api}\nstate    {dir}{removed}\n\n\
         first job {id}: sent to the gateway, run by the node, answered in {elapsed:.1} ms\n{script}\n  it printed:\n{printed}\n\
         Try next, in another terminal:\n\n\
         {alias}  export WAYPOST_URL={gateway}\n  export WAYPOST_TOKEN={key}\n\n  \
         waypost execute --node {node} --workspace {workspace} --command 'grep -c . /market/sales/*.csv'\n  \
         waypost job list\n  waypost job logs {id}\n  waypost gateway node show {node}\n  \
         waypost job submit workspaces.execute id={workspace} command='sleep 5; date' --node {node} --wait\n\n\
         Ctrl-C ends both.",
        alias = alias().unwrap_or_default(),
        gateway = roles.gateway_url,
        node = roles.node,
        api = roles.api_url,
        id = first.id,
        elapsed = first.elapsed.as_secs_f64() * 1000.0,
        script = indent(first.script),
        printed = indent(&first.answer.stdout),
        key = roles.key.expose(),
        workspace = first.workspace,
    )
}

/// What makes `waypost` this program, where the shell does not find it.
fn alias() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let found = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).map(|dir| dir.join("waypost")).find(|file| file.is_file()).is_some()
    });
    let path = program.to_str()?.replace('\'', r"'\''");
    (!found).then(|| format!("  alias waypost='{path}'\n"))
}
