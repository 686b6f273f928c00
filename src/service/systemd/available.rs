//! Whether systemd can be reached, and how.

use super::commands::{Commands, SHORT, tried};
use super::places::Places;
use crate::service::{Scope, ServiceError};

/// Whether the user's manager has its sockets.
pub(super) fn manager_listens(places: &Places) -> bool {
    ["bus", "systemd/private"].iter().any(|socket| places.runtime.join(socket).exists())
}

/// Whether it can be used now.
pub(super) fn check(commands: &Commands, places: &Places, user: &str) -> Result<(), ServiceError> {
    let scope = commands.scope;
    let unavailable = |reason: String| Err(ServiceError::Unavailable { manager: name(scope).to_owned(), reason });
    if !places.booted.exists() {
        return unavailable(
            "systemd does not run this machine; `waypost node run` works under any other supervisor".to_owned(),
        );
    }
    if places.units.is_none() {
        return unavailable("this user has no home directory for the unit: set HOME".to_owned());
    }
    if scope == Scope::System && commands.session.uid != 0 {
        return unavailable("it is the machine's: run the same command with sudo".to_owned());
    }
    let asked = match tried(commands.systemctl(["show", "--property=Version"]), SHORT) {
        Ok(asked) => asked,
        Err(failed) => return unavailable(failed.to_string()),
    };
    if asked.status.success() {
        return Ok(());
    }
    let said = asked.stderr.trim().replace('\n', "; ");
    if scope == Scope::User && commands.session.uid == 0 && !manager_listens(places) {
        return unavailable(
            "root has no session of its own: leave sudo out for a service of yours, or use --system for the machine's"
                .to_owned(),
        );
    }
    if scope == Scope::User && !manager_listens(places) {
        return unavailable(format!(
            "{user} has no session and so no manager of services: run `sudo loginctl enable-linger {user}`, or log in as {user} (not \
             with su or sudo), and try again"
        ));
    }
    unavailable(said)
}

/// The manager's name as people know it.
pub(super) fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "systemd --user",
        Scope::System => "systemd",
    }
}
