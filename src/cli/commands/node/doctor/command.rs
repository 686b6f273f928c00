//! The command: looks at everything, and prints what it found.

use super::check::{Check, Report};
use super::{bundle, config, disk, files, network, running, service, text, token};
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::ScopeArgs;
use crate::cli::output::Output;
use crate::daemon::DaemonError;
use crate::state::{Home, NodeConfig};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Check everything the node needs, and say what to do about what is wrong
///
/// Sends no heartbeat. Ends with 0 when all is well, 10 with warnings, 11 with errors.
#[derive(Debug, Args)]
#[command(
    alias = "health",
    after_help = "Examples:\n  waypost node doctor\n  waypost node doctor --network-only --timeout 3\n  \
                  waypost node doctor --bundle node.tar.gz"
)]
pub struct Doctor {
    /// Mend what can be mended safely, and say what was done: permissions and owners' own files, missing directories, leftovers
    #[arg(long)]
    pub fix: bool,
    /// Look only at the way to the gateway
    #[arg(long, conflicts_with = "fix")]
    pub network_only: bool,
    /// How long each look over the network may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub timeout: u64,
    /// Write an archive for somebody who helps: settings, status, report, log and service, all without secrets
    ///
    /// Its contents are listed first; on a terminal it is written after a yes. Nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// Write the archive without asking
    #[arg(long, requires = "bundle")]
    pub yes: bool,
    #[command(flatten)]
    pub scope: ScopeArgs,
}

impl Doctor {
    /// Checks and reports.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (_, home) = self.scope.home(global.home.clone())?;
        if let Some(file) = &self.bundle {
            bundle::refuse_existing(file)?;
        }
        let mut report = self.look(&home).await?;
        if let Some(file) = &self.bundle {
            report.bundle = self.pack(&home, &report, file, output)?.then(|| file.clone());
        }
        output.result(&report, || text::text(&report));
        Ok(match report.counts() {
            (0, 0) => 0,
            (0, _) => ExitKind::DoctorWarnings.code(),
            _ => ExitKind::DoctorErrors.code(),
        })
    }

    /// Writes the archive; false when that was not wanted in the end.
    fn pack(&self, home: &Home, report: &Report, file: &Path, output: &Output) -> Result<bool, CliError> {
        let config = NodeConfig::load(home).ok();
        let redaction = bundle::Redaction::of(home, config.as_ref())?;
        // The service manager is asked, which blocks.
        let parts = tokio::task::block_in_place(|| bundle::collect(home, report, &redaction))?;
        output.note(format!("{} holds, with every secret redacted:\n{}", file.display(), bundle::list(&parts)));
        if !self.yes && !agreed(file) {
            output.note("nothing was written");
            return Ok(false);
        }
        bundle::write(file, &parts)?;
        Ok(true)
    }

    async fn look(&self, home: &Home) -> Result<Report, CliError> {
        let patience = Duration::from_secs(self.timeout);
        let files = (!self.network_only).then(|| files::check(home, self.fix));
        let settings = match NodeConfig::load(home) {
            Ok(settings) if settings.node_id.is_none() => return Err(DaemonError::NotSetUp.into()),
            Ok(settings) => settings,
            Err(unreadable) => {
                let fix = "mend the file, or delete it and join again with `waypost node setup KEY`";
                let config = Check::bad("config", unreadable.to_string(), fix);
                return Ok(Report::new(std::iter::once(config).chain(files).collect()));
            }
        };
        let mut checks = vec![];
        if let Some(files) = files {
            checks.push(config::check(home, &settings));
            checks.push(files);
            checks.push(token::check(home));
            let (running, parts) = running::checks(home)?;
            checks.extend(parts);
            checks.extend(service::check(home, running, self.fix).await);
            checks.push(disk::check(home));
            checks.push(Check::note("agents", "none: this version runs workspace and execute jobs only"));
        }
        checks.extend(network::checks(home, &settings, patience).await);
        Ok(Report::new(checks))
    }
}

/// Asks on a terminal. Where there is none, the option itself is the answer.
fn agreed(file: &Path) -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return true;
    }
    anstream::eprint!("write {}? [y/N] ", file.display());
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let _ = std::io::stdin().read_line(&mut answer);
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
