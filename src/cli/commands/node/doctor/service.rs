//! Whether the node is a service, how that is, and when it starts.

use super::check::Check;
use crate::cli::install::{receipt_path, scope_of};
use crate::process::run;
use crate::service::{Activity, Boot, Receipt, Scope, ServiceError, ServiceState, native};
use crate::state::Home;
use std::process::Command;
use std::time::Duration;

/// How long the service manager may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub async fn check(home: &Home, running: bool, fix: bool) -> Option<Check> {
    let (scope, home) = (scope_of(home), home.clone());
    let found = tokio::task::spawn_blocking(move || look(scope, &receipt_path(scope, &home), running, fix)).await;
    // A thread that broke off has said so already.
    found.ok()
}

fn look(scope: Scope, receipt: &std::path::Path, running: bool, fix: bool) -> Check {
    if let Err(damaged) = Receipt::load(receipt) {
        let fix = "install again with `waypost node install`, which writes it anew";
        return Check::warning("service", format!("the receipt of the installation: {damaged}"), fix);
    }
    match native(scope).and_then(|manager| manager.state()) {
        Ok(state) if state.activity == Activity::NotInstalled => none(&ServiceError::NotInstalled, running),
        Ok(state) => {
            let done = reload(scope, &state, fix);
            Check { fixed: done.into_iter().collect(), ..judge(&state) }
        }
        Err(failed) => none(&failed, running),
    }
}

/// A node without a service is somebody's choice while it runs, e.g. in a container; a node that does not run has nobody to
/// start it.
fn none(why: &ServiceError, running: bool) -> Check {
    let way_out = "`waypost node install` makes it a service that comes back after a logout and a reboot";
    match (why, running) {
        (ServiceError::NotInstalled | ServiceError::Unavailable { .. }, true) => {
            Check { fix: Some(way_out.to_owned()), ..Check::note("service", format!("{why}; it was started by hand")) }
        }
        (ServiceError::NotInstalled | ServiceError::Unavailable { .. }, false) => {
            Check::warning("service", why.to_string(), way_out)
        }
        (other, _) => Check::warning("service", other.to_string(), "look at the service manager"),
    }
}

fn judge(state: &ServiceState) -> Check {
    let mut message = format!("{} ({}): {}", state.service, state.manager, words(state));
    let ended = state.last_exit.as_ref().map(|how| format!("; it last ended with {how}")).unwrap_or_default();
    message.push_str(&ended);
    message.push_str(&format!("; {}", state.boot.sentence()));
    match (state.activity, state.boot.boot, &state.boot.better) {
        (Activity::Active, Boot::AtBoot, _) => Check::good("service", message),
        (Activity::Active, _, better) => {
            let fix = better.clone().unwrap_or_else(|| "install it again with `waypost node install`".to_owned());
            Check::warning("service", message, format!("to have it start at boot: {fix}"))
        }
        (Activity::Starting | Activity::Stopping, ..) => {
            Check::warning("service", message, "wait a moment and look again; `waypost node logs` says what it does")
        }
        (Activity::Failed, ..) => Check::bad(
            "service",
            message,
            "`waypost node logs --error` says why; then start it with `waypost node start`",
        ),
        _ => Check::bad("service", message, "start it with `waypost node start`"),
    }
}

fn words(state: &ServiceState) -> String {
    match (state.activity, state.pid) {
        (Activity::Active, Some(pid)) => format!("runs as process {pid}"),
        (Activity::Active, None) => "runs".to_owned(),
        (Activity::Starting, _) => "is starting".to_owned(),
        (Activity::Stopping, _) => "is stopping".to_owned(),
        (Activity::Failed, _) => "has failed".to_owned(),
        (Activity::Inactive | Activity::NotInstalled, _) => "does not run".to_owned(),
    }
}

/// systemd goes by an old definition until it is told to read the new one.
fn reload(scope: Scope, state: &ServiceState, fix: bool) -> Option<String> {
    if !cfg!(target_os = "linux") || !fix {
        return None;
    }
    let systemctl = |args: &[&str]| {
        let mut command = Command::new("systemctl");
        if scope == Scope::User {
            command.arg("--user");
        }
        command.args(args);
        run(&mut command, PATIENCE).ok().filter(|ran| ran.status.success())
    };
    let asked = systemctl(&["show", "--property=NeedDaemonReload", "--value", "--", &state.service])?;
    (asked.stdout.trim() == "yes" && systemctl(&["daemon-reload"]).is_some())
        .then(|| "systemctl daemon-reload: the unit on disk had changed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::BootGuarantee;

    #[test]
    fn a_service_is_judged_by_what_it_does_and_when_it_starts() {
        let of = |activity, boot, better: Option<&str>| {
            judge(&ServiceState {
                manager: "systemd --user".to_owned(),
                service: "waypost-node.service".to_owned(),
                activity,
                pid: Some(7),
                since_ms_ago: None,
                restarts: None,
                last_exit: Some("exit code 5".to_owned()),
                last_exit_code: Some(5),
                file: None,
                boot: BootGuarantee { boot, why: "linger".to_owned(), better: better.map(str::to_owned) },
            })
        };
        assert!(of(Activity::Active, Boot::AtBoot, None).ok);
        let login = of(Activity::Active, Boot::AtLogin, Some("sudo loginctl enable-linger dev"));
        assert!(login.warning && login.fix.unwrap().contains("enable-linger dev"));
        let failed = of(Activity::Failed, Boot::AtBoot, None);
        assert!(!failed.ok && !failed.warning && failed.message.contains("exit code 5"), "{failed:?}");
        assert!(none(&ServiceError::NotInstalled, true).note && none(&ServiceError::NotInstalled, false).warning);
    }
}
