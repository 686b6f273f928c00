//! The node's service as commands see it: whose it is, how it is shown, and what its failures mean.

use super::error::{CliError, ExitKind};
use super::install::Installation;
use super::output::age;
use crate::daemon::running;
use crate::service::{Activity, ServiceError, ServiceState};

/// The state of a service that is installed.
///
/// # Errors
/// That it is not, with the process that runs in the foreground instead, if there is one.
pub fn installed(at: &Installation) -> Result<ServiceState, CliError> {
    let state = at.manager.state()?;
    if state.activity != Activity::NotInstalled {
        return Ok(state);
    }
    match foreground(at, &state)? {
        Some(pid) => Err(CliError::new(
            ExitKind::NotSetUp,
            format!("the node is not installed as a service: it runs in the foreground, process {pid}"),
        )
        .hint(format!("end it where it was started, or with `kill {pid}`"))),
        None => Err(ServiceError::NotInstalled.into()),
    }
}

/// The process that runs this home's node while the service does not.
pub fn foreground(at: &Installation, state: &ServiceState) -> Result<Option<u32>, CliError> {
    let runs = matches!(state.activity, Activity::Active | Activity::Starting | Activity::Stopping);
    Ok(if runs { None } else { running(&at.home)? })
}

/// The refusal to start a second node of one home.
///
/// # Errors
/// When one runs that is not the service.
pub fn refuse_a_second(at: &Installation, state: &ServiceState) -> Result<(), CliError> {
    match foreground(at, state)? {
        None => Ok(()),
        Some(pid) => Err(CliError::new(
            ExitKind::Superseded,
            format!("process {pid} runs from {} in the foreground already", at.home.root().display()),
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
