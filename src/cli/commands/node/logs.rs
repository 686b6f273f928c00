//! `waypost node logs`: what the node logged.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::ScopeArgs;
use crate::cli::output::{Output, harmless_lines};
use crate::cli::since::since;
use crate::telemetry::reading::{Filter, Follow, Line, log_files, tail};
use clap::Args;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// How often to look for more.
const EVERY: Duration = Duration::from_millis(200);
/// How many lines when nothing else is said.
const LINES: usize = 100;

/// Show what the node logged
///
/// Reads the files in logs/ in the home, one for each day (UTC), of which a week's are kept.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost node logs -f\n  waypost node logs --error --since 2h\n  \
                  waypost node logs --job job_0190… --lines 20")]
pub struct Logs {
    /// Show more as it comes, until interrupted
    #[arg(short, long)]
    pub follow: bool,
    /// How many lines [default: 100, or all since the time that is given]
    #[arg(short = 'n', long, value_name = "N")]
    pub lines: Option<usize>,
    /// Not older than this: 10m, 2h, 3d, or a time such as 2026-11-20T13:00Z; without a zone it is this machine's
    #[arg(long, value_name = "T", value_parser = since)]
    pub since: Option<i64>,
    /// Only errors and warnings
    #[arg(long)]
    pub error: bool,
    /// Only what is about this job
    #[arg(long, value_name = "ID")]
    pub job: Option<String>,
    #[command(flatten)]
    pub scope: ScopeArgs,
}

impl Logs {
    /// Prints what was asked for, and what comes after it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let dir = self.scope.home(global.home.clone())?.1.logs();
        let failed = |failed: io::Error| CliError::new(ExitKind::Config, format!("{}: {failed}", dir.display()));
        if log_files(&dir).map_err(failed)?.is_empty() && !self.follow {
            return Err(CliError::new(ExitKind::NotFound, format!("there are no logs in {}", dir.display()))
                .hint("the node logs there when it runs: `waypost node run`, or as a service `waypost node install`")
                .hint("if it keeps itself elsewhere, name its directory with --home"));
        }
        let filter = Filter { since_ms: self.since, errors: self.error, job: self.job.clone() };
        let all = self.since.is_some() && self.lines.is_none();
        let mut follow = match all {
            true => Follow::from_time(&dir, filter.clone()),
            false => Follow::from_end(&dir, filter.clone()),
        }
        .map_err(failed)?;
        if all {
            while let Some(lines) = follow.more().map_err(failed)? {
                print(output, &lines);
                if output.is_closed() {
                    return Ok(0);
                }
            }
        } else {
            let until: Option<(PathBuf, u64)> = follow.place().filter(|_| self.follow);
            let lines = tail(&dir, &filter, self.lines.unwrap_or(LINES), until.as_ref()).map_err(failed)?;
            print(output, &lines);
        }
        if !self.follow {
            if all {
                print(output, follow.end().as_slice());
            }
            return Ok(0);
        }
        // Made once: a signal between two turns must not be lost.
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        while !output.is_closed() && output.written().is_ok() {
            match follow.more().map_err(failed)? {
                Some(lines) => print(output, &lines),
                None => tokio::select! {
                    _ = &mut interrupted => break,
                    () = tokio::time::sleep(EVERY) => {}
                },
            }
        }
        Ok(0)
    }
}

fn print(output: &Output, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    if !output.is_json() {
        let text: String = lines.iter().map(|line| format!("{}\n", line.0)).collect();
        return output.bytes(harmless_lines(&text).as_bytes());
    }
    for line in lines {
        let mut object = serde_json::Map::new();
        if let (Some((time, _)), Some(level)) = (line.0.split_once(' '), line.level()) {
            object.insert("time".to_owned(), time.into());
            object.insert("level".to_owned(), level.into());
        }
        object.insert("line".to_owned(), line.0.as_str().into());
        output.line_json(&object);
    }
}
