//! Starting a daemon in the background, and finding the one that runs.

use super::DaemonError;
use crate::client::Door;
use crate::process::{Detached, leave_session};
use crate::state::{Home, InstanceLock, NodeStatus, StateError};
use crate::wire::v1::Health;
use reqwest::Method;
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a daemon may take from its start to its first answer.
const START: Duration = Duration::from_secs(15);
/// How often to ask it.
const EVERY: Duration = Duration::from_millis(25);
/// How long one question may take.
const PATIENCE: Duration = Duration::from_millis(500);
/// The longest log that is gone on with; a longer one is put aside first.
const MAX_LOG: u64 = 8 << 20;
/// How much of the log is shown when a start fails.
const LAST_LINES: usize = 8;

/// A process that serves `/v1` from a home.
#[derive(Debug, Clone)]
pub struct Running {
    /// Its id.
    pub pid: u32,
    /// `node` or `daemon`.
    pub role: String,
    /// Where it serves.
    pub url: String,
    /// What it was started with.
    pub arguments: Vec<String>,
}

impl Running {
    /// The one of this home, once it serves.
    ///
    /// # Errors
    /// What the file system said.
    pub fn of(home: &Home) -> Result<Option<Self>, StateError> {
        let status = NodeStatus::of_running(home)?;
        Ok(status.and_then(|status| {
            let NodeStatus { pid, role, api_url, arguments, .. } = status;
            api_url.map(|url| Self { pid, role, url, arguments })
        }))
    }
}

/// What answers `GET /v1/health` at `url` within `patience`; none when nothing does, or something else.
pub async fn answers(url: &str, patience: Duration) -> Option<Health> {
    let door = Door::open(url, None).ok()?;
    let response = door.request(Method::GET, "/v1/health").timeout(patience).send().await.ok()?;
    if response.status().is_success() { response.json().await.ok() } else { None }
}

/// Whether anything answers there within half a second, whatever it says. With other allowed hosts than this machine's, a
/// daemon refuses its own user.
pub async fn is_alive(url: &str) -> bool {
    let Ok(door) = Door::open(url, None) else { return false };
    door.request(Method::GET, "/v1/health").timeout(PATIENCE).send().await.is_ok()
}

/// What a background start came to.
#[derive(Debug)]
pub struct Spawn {
    /// The process that serves now.
    pub running: Running,
    /// False when another command was faster and its daemon is the one.
    pub ours: bool,
}

/// Starts this program with `args` in the background and waits until `/v1` answers. Two at once start one daemon: the lock of
/// the home decides, and both use the one that got it.
///
/// # Errors
/// When the program cannot be started, or ends or stays silent instead of answering; nothing is left running then.
pub async fn spawn(home: &Home, args: Vec<OsString>) -> Result<Spawn, DaemonError> {
    let failed = |why: String| DaemonError::Failed(format!("the daemon cannot be started: {why}"));
    home.prepare()?;
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let log = home.daemon_log();
    put_aside(&log);
    let before = fs::metadata(&log).map_or(0, |meta| meta.len());
    let detached = Detached { program, args, dir: home.root().to_owned(), log: log.clone() };
    let mut child = detached.spawn().map_err(|error| failed(format!("{}: {error}", detached.program.display())))?;
    let begun = Instant::now();
    loop {
        if let Some(running) = Running::of(home)?
            && is_alive(&running.url).await
        {
            let ours = running.pid == child.id();
            return Ok(Spawn { running, ours });
        }
        let ended = child.try_wait().map_err(|error| failed(error.to_string()))?;
        // One that found the lock taken has ended, and the one that has it is about to answer.
        if ended.is_some() && InstanceLock::holder(home)?.is_none() {
            let code = ended.and_then(|status| status.code());
            return Err(DaemonError::NotStarted { code, said: said(&log, before) });
        }
        if begun.elapsed() > START {
            let _ = child.kill();
            let _ = child.wait();
            let said = format!("no answer within {} seconds\n{}", START.as_secs(), said(&log, before));
            return Err(DaemonError::NotStarted { code: None, said });
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What the started process does first: it becomes independent of the terminal it was started from.
///
/// # Errors
/// When the system refuses.
pub fn leave_terminal() -> Result<(), DaemonError> {
    leave_session().map_err(|failed| DaemonError::Failed(format!("cannot leave the terminal's session: {failed}")))
}

/// One old log is kept, so that no number of starts fills the disk.
fn put_aside(log: &Path) {
    if fs::metadata(log).is_ok_and(|meta| meta.len() > MAX_LOG) {
        let _ = fs::rename(log, log.with_extension("log.1"));
    }
}

/// The last lines that were logged since `before`.
fn said(log: &Path, before: u64) -> String {
    let read = || {
        let mut file = fs::File::open(log)?;
        file.seek(SeekFrom::Start(before))?;
        let mut text = Vec::new();
        file.take(MAX_LOG).read_to_end(&mut text)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&text).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    if lines.is_empty() {
        return format!("nothing, in {}", log.display());
    }
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
