//! Where log records go: stderr for people, and for a node also a file per day.

use super::redact::Redacting;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::str::FromStr;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// How many daily log files are kept.
const KEPT_FILES: usize = 7;

/// What to log and where.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// A level (`info`) or a list of `target=level`.
    pub filter: String,
    /// Directory for daily files `waypost.<date>.log`; none writes no file.
    pub dir: Option<PathBuf>,
    /// Whether colour may be used on a terminal.
    pub colour: bool,
}

/// Logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter is not one.
    #[error("log filter '{filter}' is not a level (error, warn, info, debug, trace) or a list of target=level")]
    Filter {
        /// What was given.
        filter: String,
    },
    /// The directory cannot be written.
    #[error("log directory {}: {source}", dir.display())]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What the appender said.
        source: tracing_appender::rolling::InitError,
    },
}

/// Starts logging. The first call of a process wins.
///
/// # Errors
/// When the filter is malformed or the directory cannot be written.
pub fn init(options: &LogOptions) -> Result<(), LogsError> {
    let filter = || {
        let malformed = |_| LogsError::Filter { filter: options.filter.clone() };
        // What libraries have to say is of interest only when something is wrong with them.
        let targets = match options.filter.as_str() {
            level if !level.contains('=') => Targets::from_str(&format!("warn,waypost={level}")),
            list => Targets::from_str(list),
        };
        targets.map_err(malformed)
    };
    let stderr = fmt::layer()
        .with_ansi(options.colour && io::stderr().is_terminal())
        .with_target(false)
        .with_writer(|| Redacting(io::stderr()))
        .with_filter(filter()?);
    let file = match &options.dir {
        None => None,
        Some(dir) => {
            let appender = RollingFileAppender::builder()
                .rotation(Rotation::DAILY)
                .filename_prefix("waypost")
                .filename_suffix("log")
                .max_log_files(KEPT_FILES)
                .build(dir)
                .map_err(|source| LogsError::Directory { dir: dir.clone(), source })?;
            let appender = std::sync::Mutex::new(Redacting(appender));
            Some(fmt::layer().with_ansi(false).with_writer(appender).with_filter(filter()?))
        }
    };
    // A second call (tests, `up`) keeps the first one's settings.
    let _ = tracing_subscriber::registry().with(stderr).with(file).try_init();
    Ok(())
}
