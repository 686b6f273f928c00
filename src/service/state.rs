//! What a service manager says of the service.

use super::BootGuarantee;
use serde::{Deserialize, Serialize};

/// What the service does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It runs and says that it works.
    Active,
    /// It is on its way up, or waits for its next try.
    Starting,
    /// It is on its way down.
    Stopping,
    /// It was ended on purpose or has never run.
    Inactive,
    /// It ended by itself and stays so.
    Failed,
    /// The service manager does not know it.
    NotInstalled,
}

/// The state of the service. What a platform cannot say is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceState {
    /// The service manager, e.g. `systemd --user`.
    pub manager: String,
    /// The service's name there, e.g. `waypost-node.service`.
    pub service: String,
    /// What it does now.
    pub activity: Activity,
    /// Its process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// How long it has been in this state, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_ms_ago: Option<u64>,
    /// How often it was started again by the manager since it was last started by somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<u64>,
    /// How its last process ended, e.g. `exit code 5`, `signal KILL`, `watchdog`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_exit: Option<String>,
    /// The exit code of its last process, when it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_exit_code: Option<i32>,
    /// Its definition: a unit, a property list, a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// When it starts.
    pub boot: BootGuarantee,
}
