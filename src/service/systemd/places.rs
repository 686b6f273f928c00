//! Where things are that systemd and we have to agree on.

use crate::service::Scope;
use std::path::PathBuf;

/// The account of the system service when the plan names none.
pub(super) const ACCOUNT: &str = "waypost";
/// The unit's name in both scopes.
pub(super) const UNIT: &str = "waypost-node.service";

/// Directories and files; tests have their own.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// Where the unit file goes. Missing when the user has no home.
    pub(super) units: Option<PathBuf>,
    /// Is there when systemd is process 1.
    pub(super) booted: PathBuf,
    /// The user's runtime directory, with the sockets of the user's manager.
    pub(super) runtime: PathBuf,
    /// Has a file for every user whose manager runs without a session. Anybody can read it, unlike `loginctl show-user`,
    /// which fails for a user without a session.
    pub(super) linger: PathBuf,
    /// Makes this machine differ from others.
    pub(super) machine_id: PathBuf,
}

impl Places {
    /// The system's own, as service-manager and systemd know them.
    pub(super) fn of_the_system(scope: Scope, uid: u32) -> Self {
        let units = match scope {
            Scope::User => service_manager::systemd_user_dir_path().ok(),
            Scope::System => Some(service_manager::systemd_global_dir_path()),
        };
        Self {
            units: units.filter(|units| units.is_absolute()),
            booted: "/run/systemd/system".into(),
            runtime: format!("/run/user/{uid}").into(),
            linger: "/var/lib/systemd/linger".into(),
            machine_id: "/etc/machine-id".into(),
        }
    }
}
