//! Ending the daemon that runs from a home.

use super::{DaemonError, Running};
use crate::base::Secret;
use crate::client::Door;
use crate::process::{Signal, send_signal};
use crate::state::{Home, InstanceLock, StateError};
use reqwest::Method;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

/// How often to look whether it is gone.
const EVERY: Duration = Duration::from_millis(20);
/// How long it may take after a signal.
const AFTER_SIGNAL: Duration = Duration::from_secs(10);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked over `/v1`.
    Graceful,
    /// It got a signal.
    Signal,
}

/// Asks the daemon to end and waits; sends a signal when it refuses, does not answer or takes longer than `timeout`. Returns
/// when the lock of the home is free, so that the next one can start.
///
/// # Errors
/// When it is still there after all that, or the system does not let us send the signal.
pub async fn stop(
    home: &Home,
    running: &Running,
    token: Option<Secret>,
    timeout: Duration,
) -> Result<Ended, DaemonError> {
    let begun = Instant::now();
    let asked = ask(home, running, token, timeout.max(Duration::from_millis(500))).await;
    if asked && gone(home, running.pid, timeout.saturating_sub(begun.elapsed())).await? {
        return Ok(Ended::Graceful);
    }
    signal(home, running.pid, Signal::Terminate)?;
    if gone(home, running.pid, AFTER_SIGNAL).await? {
        return Ok(Ended::Signal);
    }
    Err(DaemonError::Failed(format!("the daemon (process {}) does not end", running.pid)))
}

/// Ends a daemon at once; false when it was gone already.
///
/// # Errors
/// When the system does not let us, or it is still there.
pub async fn kill(home: &Home, pid: u32) -> Result<bool, DaemonError> {
    let killed = signal(home, pid, Signal::Kill)?;
    if gone(home, pid, AFTER_SIGNAL).await? {
        return Ok(killed);
    }
    Err(DaemonError::Failed(format!("the daemon (process {pid}) does not end")))
}

/// Whether it said that it will end.
async fn ask(home: &Home, running: &Running, token: Option<Secret>, patience: Duration) -> bool {
    let token = token.or_else(|| home.api_token().ok().flatten());
    let Ok(door) = Door::open(&running.url, token) else { return false };
    let request = door.request(Method::POST, "/v1/shutdown").timeout(patience);
    request.send().await.is_ok_and(|response| response.status().is_success())
}

/// The lock says that the id is still that of the daemon; false when it is not.
fn signal(home: &Home, pid: u32, signal: Signal) -> Result<bool, DaemonError> {
    if InstanceLock::holder(home)? != Some(pid) {
        return Ok(false);
    }
    match send_signal(pid, signal) {
        Ok(()) => Ok(true),
        Err(failed) if failed.kind() == ErrorKind::NotFound => Ok(false),
        Err(failed) => Err(DaemonError::Failed(format!("process {pid} cannot be ended: {failed}"))),
    }
}

async fn gone(home: &Home, pid: u32, limit: Duration) -> Result<bool, StateError> {
    let begun = Instant::now();
    loop {
        if InstanceLock::holder(home)? != Some(pid) {
            return Ok(true);
        }
        if begun.elapsed() >= limit {
            return Ok(false);
        }
        tokio::time::sleep(EVERY).await;
    }
}
