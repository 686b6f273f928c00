//! `waypost daemon logs`: what a daemon in the background printed.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::settings;
use clap::Args;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// How often to look for more.
const EVERY: Duration = Duration::from_millis(200);
/// How far back lines are looked for, bytes.
const MOST: u64 = 4 << 20;

/// Show what the daemon logged
///
/// A daemon in the background logs to logs/daemon.log in the home; one in the foreground to its terminal.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost daemon logs -n 20 -f")]
pub struct Logs {
    /// How many lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    pub lines: usize,
    /// Show more as it comes, until interrupted
    #[arg(short, long)]
    pub follow: bool,
}

impl Logs {
    /// Prints the end of the log, and what comes after it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (home, _) = settings::load(global)?;
        let path = home.daemon_log();
        let mut at = match read(&path, None) {
            Ok((bytes, end)) => {
                output.bytes(last_lines(&bytes, self.lines));
                end
            }
            Err(missing) if missing.kind() == ErrorKind::NotFound && self.follow => 0,
            Err(missing) if missing.kind() == ErrorKind::NotFound => {
                return Err(CliError::new(ExitKind::NotFound, format!("there is no log at {}", path.display()))
                    .hint("`waypost daemon start` starts a daemon that logs there"));
            }
            Err(failed) => return Err(CliError::new(ExitKind::Failure, format!("{}: {failed}", path.display()))),
        };
        while self.follow && output.written().is_ok() {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Ok((bytes, end)) = read(&path, Some(at)) {
                if !bytes.is_empty() {
                    output.bytes(&bytes);
                }
                at = end;
            }
        }
        Ok(0)
    }
}

/// The log from `at`, or its end; and where that ends. A log that became shorter is another one: it is read from its start.
fn read(path: &Path, at: Option<u64>) -> std::io::Result<(Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let from = match at {
        Some(at) if at <= length => at,
        Some(_) => 0,
        None => length.saturating_sub(MOST),
    };
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes)?;
    let end = from + bytes.len() as u64;
    Ok((bytes, end))
}

fn last_lines(bytes: &[u8], lines: usize) -> &[u8] {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if lines == 0 {
        return &[];
    }
    let breaks = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    &bytes[breaks.take(lines).nth(lines - 1).unwrap_or(0)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_whole_lines() {
        assert_eq!(last_lines(b"a\nb\nc\n", 2), b"b\nc\n");
        assert_eq!(last_lines(b"a\nb\nc", 1), b"c");
        assert_eq!(last_lines(b"a\nb\n", 5), b"a\nb\n");
        assert_eq!(last_lines(b"a\nb\n", 0), b"");
        assert_eq!(last_lines(b"", 3), b"");
    }
}
