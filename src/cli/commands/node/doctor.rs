//! `waypost node doctor`: checks from the outside, and what the running node says of itself.

use super::status::current;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::{self, Output};
use crate::client::Door;
use crate::state::{Credentials, Home, NodeConfig};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// How long the gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Check everything the node needs, and say what to do about what is wrong
///
/// Sends no heartbeat. Ends with 0 when all is well, 10 with warnings, 11 with errors.
#[derive(Debug, Args)]
#[command(alias = "health", after_help = "Example:\n  waypost node doctor")]
pub struct Doctor {}

#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Check>,
}

#[derive(Debug, Serialize)]
struct Check {
    name: String,
    ok: bool,
    /// Whether the node works all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    warning: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Check {
    fn good(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok: true, warning: false, message: message.into(), fix: None }
    }

    fn bad(name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok: false, warning: false, message: message.into(), fix: Some(fix.into()) }
    }
}

impl Doctor {
    /// Checks and reports.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        let (status, running) = current(&home)?;
        let config = NodeConfig::load(&home)?;
        let mut checks = vec![Check::good("config", format!("{} in {}", status.node_id, home.root().display()))];
        checks.push(token(&home));
        checks.push(writable(&home));
        checks.push(gateway(config.gateway_base_url.as_deref().unwrap_or_default()).await);
        checks.push(if running {
            Check::good("process", format!("runs as process {}", status.pid))
        } else {
            Check::bad("process", "the node is not running", "start it with `waypost node run`")
        });
        for part in status.conditions.iter().filter(|part| part.kind != "process") {
            checks.push(Check {
                name: part.kind.clone(),
                ok: part.ok,
                warning: !part.ok && matches!(part.kind.as_str(), "outbox" | "claims"),
                message: part.message.clone(),
                fix: (!part.ok).then(|| part.message.clone()),
            });
        }
        let errors = checks.iter().any(|check| !check.ok && !check.warning);
        let warnings = checks.iter().any(|check| !check.ok);
        let report = Report { ok: !warnings, checks };
        output.result(&report, || text(&report));
        Ok(match (errors, warnings) {
            (true, _) => ExitKind::DoctorErrors.code(),
            (false, true) => ExitKind::DoctorWarnings.code(),
            (false, false) => 0,
        })
    }
}

fn text(report: &Report) -> String {
    let rows = report.checks.iter().map(|check| (check.ok, vec![check.name.clone(), check.message.clone()]));
    let mut text = output::checks(&["CHECK", "FOUND"], rows);
    for check in report.checks.iter().filter(|check| !check.ok) {
        if let Some(fix) = check.fix.as_ref().filter(|fix| **fix != check.message) {
            text.push_str(&format!("\n{}: {fix}", check.name));
        }
    }
    text
}

fn token(home: &Home) -> Check {
    let again = "join again with `waypost node setup KEY`";
    match Credentials::of(home).token() {
        Ok(Some(_)) => Check::good("runtime_token", "present, readable by this user only"),
        Ok(None) => Check::bad("runtime_token", "missing", again),
        Err(failed) => Check::bad("runtime_token", failed.to_string(), again),
    }
}

fn writable(home: &Home) -> Check {
    match tempfile::tempfile_in(home.root()) {
        Ok(_) => Check::good("disk", "the state directory can be written"),
        Err(failed) => Check::bad(
            "disk",
            format!("{}: {failed}", home.root().display()),
            "free some space, or mend the permissions",
        ),
    }
}

async fn gateway(url: &str) -> Check {
    let fix = "check the address, the network, and that the gateway runs";
    let health = async { Door::open(url, None)?.get::<Value>("/healthz").await };
    match tokio::time::timeout(PATIENCE, health).await {
        Ok(Ok(_)) => Check::good("gateway", format!("{url} answers")),
        Ok(Err(failed)) => Check::bad("gateway", failed.to_string(), fix),
        Err(_) => Check::bad("gateway", format!("{url} does not answer within {} s", PATIENCE.as_secs()), fix),
    }
}
