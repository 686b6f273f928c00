//! The command: looks at everything, and prints what it found.

use super::check::{Check, Report};
use super::{config, disk, files, network, running, service, text, token};
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::daemon::DaemonError;
use crate::state::{Home, NodeConfig};
use clap::Args;
use std::time::Duration;

/// Check everything the node needs, and say what to do about what is wrong
///
/// Sends no heartbeat. Ends with 0 when all is well, 10 with warnings, 11 with errors.
#[derive(Debug, Args)]
#[command(
    alias = "health",
    after_help = "Examples:\n  waypost node doctor\n  waypost node doctor --network-only --timeout 3"
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
}

impl Doctor {
    /// Checks and reports.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        let report = self.look(&home).await?;
        output.result(&report, || text::text(&report));
        Ok(match report.counts() {
            (0, 0) => 0,
            (0, _) => ExitKind::DoctorWarnings.code(),
            _ => ExitKind::DoctorErrors.code(),
        })
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
