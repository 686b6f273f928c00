//! The service's state from what systemd shows.

use super::available::name;
use super::ended::{ended, last_end};
use super::places::UNIT;
use super::show::Shown;
use crate::service::{Activity, Boot, BootGuarantee, Scope, ServiceState};

/// What else is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) scope: Scope,
    pub(super) user: &'a str,
    pub(super) lingers: bool,
    /// The monotonic clock, microseconds: systemd's times are on it.
    pub(super) now_us: u64,
}

/// The state. `journal` is asked for the last process's end when systemd has forgotten it: it does as soon as the next one
/// runs.
pub(super) fn state(unit: &Shown, known: Known<'_>, journal: impl FnOnce() -> String) -> ServiceState {
    let activity = activity(unit);
    let restarts = unit.number::<u64>("NRestarts");
    let mut last = ended(unit);
    if last.is_none() && activity == Activity::Active && restarts.is_some_and(|restarts| restarts > 0) {
        last = last_end(&journal());
    }
    let changed = unit.number::<u64>("StateChangeTimestampMonotonic").filter(|changed| *changed > 0);
    let (last_exit, last_exit_code) = last.unzip();
    ServiceState {
        manager: name(known.scope).to_owned(),
        service: UNIT.to_owned(),
        activity,
        pid: unit.number("MainPID").filter(|pid| *pid != 0),
        since_ms_ago: changed.map(|changed| known.now_us.saturating_sub(changed) / 1000),
        restarts,
        last_exit,
        last_exit_code: last_exit_code.flatten(),
        file: Some(unit.get("FragmentPath")).filter(|path| !path.is_empty()).map(str::to_owned),
        boot: boot(unit, known),
    }
}

/// The state of a service whose unit is not there and whose manager cannot be asked.
pub(super) fn not_installed(known: Known<'_>) -> ServiceState {
    state(&Shown::parse("LoadState=not-found"), known, String::new)
}

fn activity(unit: &Shown) -> Activity {
    match (unit.get("ActiveState"), unit.get("LoadState")) {
        ("active" | "reloading" | "refreshing", _) => Activity::Active,
        ("activating", _) => Activity::Starting,
        ("deactivating", _) => Activity::Stopping,
        (_, "not-found") => Activity::NotInstalled,
        ("failed", _) => Activity::Failed,
        _ => Activity::Inactive,
    }
}

fn boot(unit: &Shown, known: Known<'_>) -> BootGuarantee {
    let user = known.user;
    let enabled = matches!(unit.get("UnitFileState"), "enabled" | "enabled-runtime");
    let (boot, why, better) = match known.scope {
        _ if unit.get("LoadState") == "not-found" => (Boot::OnlyNow, "it is not installed".to_owned(), None),
        Scope::System if enabled => (Boot::AtBoot, format!("{UNIT} is enabled"), None),
        Scope::System => {
            (Boot::OnlyNow, format!("{UNIT} is not enabled"), Some(format!("sudo systemctl enable {UNIT}")))
        }
        Scope::User if enabled && known.lingers => (Boot::AtBoot, format!("linger is on for {user}"), None),
        Scope::User if enabled => {
            let why = format!("linger is off for {user}, and it ends at logout");
            (Boot::AtLogin, why, Some(format!("sudo loginctl enable-linger {user}")))
        }
        Scope::User => {
            (Boot::OnlyNow, format!("{UNIT} is not enabled"), Some(format!("systemctl --user enable {UNIT}")))
        }
    };
    BootGuarantee { boot, why, better }
}
