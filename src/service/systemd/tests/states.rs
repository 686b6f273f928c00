//! What `systemctl show` prints, as recorded from systemd 252, and what it means.

use super::super::show::Shown;
use super::super::state::{Known, state};
use crate::service::{Activity, Boot, Scope, ServiceState};

fn seen(scope: Scope, lingers: bool, text: &str, journal: &str) -> ServiceState {
    let known = Known { scope, user: "dev", lingers, now_us: 5_000_000 };
    state(&Shown::parse(text), known, || journal.to_owned())
}

const ACTIVE: &str = "MainPID=71\nNRestarts=0\nResult=success\nExecMainCode=0\nExecMainStatus=0\nLoadState=loaded\n\
    ActiveState=active\nSubState=running\nFragmentPath=/home/dev/.config/systemd/user/waypost-node.service\n\
    UnitFileState=enabled\nStateChangeTimestampMonotonic=2000000\nNeedDaemonReload=no\n";

#[test]
fn a_running_service() {
    let state = seen(Scope::User, true, ACTIVE, "");
    assert_eq!((state.activity, state.pid, state.since_ms_ago), (Activity::Active, Some(71), Some(3000)));
    assert_eq!((state.restarts, state.last_exit, state.boot.boot), (Some(0), None, Boot::AtBoot));
    let state = seen(Scope::User, false, ACTIVE, "");
    assert_eq!(state.boot.boot, Boot::AtLogin);
    assert_eq!(state.boot.better.as_deref(), Some("sudo loginctl enable-linger dev"));
    assert_eq!(seen(Scope::System, false, ACTIVE, "").boot.boot, Boot::AtBoot);
    let disabled = ACTIVE.replace("State=enabled", "State=disabled");
    for (scope, better) in [
        (Scope::User, "systemctl --user enable waypost-node.service"),
        (Scope::System, "sudo systemctl enable waypost-node.service"),
    ] {
        let boot = seen(scope, true, &disabled, "").boot;
        assert_eq!((boot.boot, boot.better.as_deref()), (Boot::OnlyNow, Some(better)));
    }
}

#[test]
fn how_the_last_process_ended() {
    let ended = |active: &str, result: &str, code: &str, status: &str| {
        let text = format!(
            "LoadState=loaded\nActiveState={active}\nMainPID=0\nNRestarts=2\nResult={result}\nExecMainCode={code}\nExecMainStatus={status}\n"
        );
        let state = seen(Scope::User, false, &text, "");
        (state.activity, state.last_exit.unwrap_or_default(), state.last_exit_code)
    };
    assert_eq!(ended("failed", "exit-code", "1", "5"), (Activity::Failed, "exit code 5".to_owned(), Some(5)));
    assert_eq!(ended("activating", "signal", "2", "9"), (Activity::Starting, "signal KILL".to_owned(), None));
    assert_eq!(ended("activating", "watchdog", "3", "6").1, "watchdog (signal ABRT)");
    assert_eq!(ended("failed", "resources", "0", "0"), (Activity::Failed, "resources".to_owned(), None));
    assert_eq!(ended("inactive", "success", "1", "0"), (Activity::Inactive, "exit code 0".to_owned(), Some(0)));
    assert_eq!(ended("inactive", "success", "0", "0"), (Activity::Inactive, String::new(), None));
    assert_eq!(ended("deactivating", "success", "0", "0").0, Activity::Stopping);
}

#[test]
fn what_systemd_forgets_is_in_the_journal() {
    let again = ACTIVE.replace("NRestarts=0", "NRestarts=1");
    let record = r#"{"EXIT_CODE":"killed","EXIT_STATUS":"9","__CURSOR":"s=1"}"#;
    let state = seen(Scope::User, true, &again, &format!("{record}\n"));
    assert_eq!((state.last_exit.as_deref(), state.last_exit_code), (Some("signal KILL"), None));
    let state = seen(Scope::User, true, &again, r#"{"EXIT_CODE":"exited","EXIT_STATUS":"6"}"#);
    assert_eq!((state.last_exit.as_deref(), state.last_exit_code), (Some("exit code 6"), Some(6)));
    for nothing in ["", "no json", "{}", r#"{"EXIT_CODE":"exited"}"#, r#"{"EXIT_CODE":1,"EXIT_STATUS":null}"#] {
        assert_eq!(seen(Scope::User, true, &again, nothing).last_exit, None);
    }
}

#[test]
fn a_service_that_is_not_there() {
    for text in ["LoadState=not-found\nActiveState=inactive\n", ""] {
        let state = seen(Scope::User, true, text, "");
        assert_eq!((state.pid, state.file, state.boot.boot), (None, None, Boot::OnlyNow), "{text:?}");
    }
    assert_eq!(seen(Scope::User, true, "LoadState=not-found\n", "").activity, Activity::NotInstalled);
    let forgotten = "LoadState=not-found\nActiveState=active\nMainPID=3\n";
    assert_eq!(seen(Scope::User, true, forgotten, "").activity, Activity::Active, "it still runs");
}
