//! Waiting until the service itself says that it works.

use super::Installation;
use crate::base::unix_ms;
use crate::cli::error::{CliError, ExitKind};
use crate::service::Activity;
use crate::state::NodeStatus;
use std::time::{Duration, Instant};

/// How long the service may take, and how often to look.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// In all.
    pub whole: Duration,
    /// Between two looks.
    pub look: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { whole: Duration::from_secs(60), look: Duration::from_millis(100) }
    }
}

/// Waits for the first heartbeat that the gateway accepts from the service's own process, one that started after `since`
/// (milliseconds since 1970 UTC).
///
/// # Errors
/// When the service ends, or says nothing good in time.
pub async fn first_heartbeat(at: &Installation, since: i64, patience: Patience) -> Result<NodeStatus, CliError> {
    let begun = Instant::now();
    loop {
        let status = NodeStatus::of_running(&at.home)?;
        if let Some(status) = status.filter(|status| status.last_heartbeat_ms.is_some_and(|at| at >= since)) {
            return Ok(status);
        }
        let state = at.manager.state()?;
        if matches!(state.activity, Activity::Failed | Activity::Inactive | Activity::NotInstalled) {
            return Err(ended(at, state.last_exit));
        }
        if begun.elapsed() > patience.whole {
            let seconds = patience.whole.as_secs();
            let link = NodeStatus::of_running(&at.home)?;
            let said = link.and_then(|status| status.condition("link").map(|link| link.message.clone()));
            let why = said.map(|said| format!(": {said}")).unwrap_or_default();
            let text = format!("the service runs, but the gateway accepted no heartbeat of it within {seconds} s{why}");
            return Err(CliError::new(ExitKind::Timeout, text));
        }
        tokio::time::sleep(patience.look).await;
    }
}

/// The service's last words.
fn ended(at: &Installation, how: Option<String>) -> CliError {
    let how = how.map(|how| format!(" ({how})")).unwrap_or_default();
    let recent = |status: &NodeStatus| unix_ms() - status.written_ms < 60_000;
    let status = NodeStatus::load(&at.home).ok().flatten().filter(recent);
    let words = status.and_then(|status| status.conditions.into_iter().find(|part| !part.ok)).map(|part| part.message);
    let words = words.map(|words| format!(": {words}")).unwrap_or_default();
    CliError::new(ExitKind::Failure, format!("the service ended by itself{how}{words}"))
}
