//! The node's service as commands see it: whose it is, how it is shown, and what its failures mean.

use super::error::{CliError, ExitKind};
use super::output::age;
use crate::daemon::running;
use crate::service::{Activity, Manager, Receipt, Scope, ServiceError, ServiceState, native};
use crate::state::Home;
use clap::Args;

/// Which service is meant.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ScopeArgs {
    /// The machine's service, not this user's [default: the one that was installed from this home]
    #[arg(long)]
    pub system: bool,
}

impl ScopeArgs {
    /// As asked for, else as the receipt says, else the user's.
    pub fn scope(self, home: &Home) -> Result<Scope, CliError> {
        if self.system {
            return Ok(Scope::System);
        }
        Ok(Receipt::load(&home.receipt())?.map_or(Scope::User, |receipt| receipt.scope))
    }
}

/// Asks the service manager on a thread that may block.
pub async fn with_manager<T: Send + 'static>(
    scope: Scope,
    ask: impl FnOnce(&dyn Manager) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, CliError> {
    let asked = tokio::task::spawn_blocking(move || ask(native(scope)?.as_ref())).await;
    Ok(asked.map_err(|failed| CliError::new(ExitKind::Failure, failed.to_string()))??)
}

/// The state of a service that is installed.
///
/// # Errors
/// That it is not, with the process that runs in the foreground instead, if there is one.
pub async fn installed(scope: Scope, home: &Home) -> Result<ServiceState, CliError> {
    let state = with_manager(scope, |manager| manager.state()).await?;
    if state.activity != Activity::NotInstalled {
        return Ok(state);
    }
    match foreground(&state, scope, home)? {
        Some(pid) => Err(CliError::new(
            ExitKind::NotSetUp,
            format!("the node is not installed as a service: it runs in the foreground, process {pid}"),
        )
        .hint(format!("end it where it was started, or with `kill {pid}`"))),
        None => Err(ServiceError::NotInstalled.into()),
    }
}

/// The process that runs this home's node while the service does not. A system service has a home of its own, which only its
/// account can read.
pub fn foreground(state: &ServiceState, scope: Scope, home: &Home) -> Result<Option<u32>, CliError> {
    let runs = matches!(state.activity, Activity::Active | Activity::Starting | Activity::Stopping);
    if runs || scope == Scope::System {
        return Ok(None);
    }
    Ok(running(home)?)
}

/// The refusal to start a second node of one home.
///
/// # Errors
/// When one runs that is not the service.
pub fn refuse_a_second(state: &ServiceState, scope: Scope, home: &Home) -> Result<(), CliError> {
    match foreground(state, scope, home)? {
        None => Ok(()),
        Some(pid) => Err(CliError::new(
            ExitKind::Superseded,
            format!("process {pid} runs from {} in the foreground already", home.root().display()),
        )
        .hint(format!("end it where it was started, or with `kill {pid}`"))),
    }
}

/// The state in a line or two.
pub fn sentence(state: &ServiceState) -> String {
    let mut text = format!("{} of {} is {}", state.service, state.manager, word(state.activity));
    if let Some(pid) = state.pid {
        text.push_str(&format!(", process {pid}"));
    }
    if let Some(since) = state.since_ms_ago {
        text.push_str(&format!(", for {}", age(since)));
    }
    if let Some(last) = &state.last_exit {
        text.push_str(&format!("; its last process ended with {last}"));
    }
    text.push_str(&format!("\nit {}", state.boot.sentence()));
    if let Some(better) = &state.boot.better {
        text.push_str(&format!("; for more: `{better}`"));
    }
    text
}

fn word(activity: Activity) -> &'static str {
    match activity {
        Activity::Active => "active",
        Activity::Starting => "starting",
        Activity::Stopping => "stopping",
        Activity::Inactive => "stopped",
        Activity::Failed => "failed",
        Activity::NotInstalled => "not installed",
    }
}

impl From<ServiceError> for CliError {
    fn from(error: ServiceError) -> Self {
        let text = error.to_string();
        match error {
            ServiceError::NotInstalled => {
                Self::new(ExitKind::NotSetUp, text).hint("install it with `waypost node install KEY`")
            }
            ServiceError::Unfit { .. } => Self::new(ExitKind::Config, text).hint("choose another path or name"),
            ServiceError::Io { .. } => {
                Self::new(ExitKind::Failure, text).hint("mend the permissions, or free some space")
            }
            // The first says its way out itself.
            ServiceError::Unavailable { .. } | ServiceError::Command { .. } | ServiceError::Template { .. } => {
                Self::new(ExitKind::Failure, text)
            }
        }
    }
}
