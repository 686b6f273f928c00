//! The definitions against golden files and as launchd's own format, and the calls against a `launchctl` of ours.

use super::Launchd;
use super::definition::definition;
use crate::service::{Scope, ServiceError, ServiceSpec};
use plist::Value;
use std::path::{Path, PathBuf};

fn spec(scope: Scope, home: &str) -> ServiceSpec {
    let home = PathBuf::from(home);
    ServiceSpec {
        scope,
        program: home.join(".local/bin/waypost"),
        args: ["node", "run", "--listen", "127.0.0.1:8765"].map(str::to_owned).into(),
        logs: home.join("logs"),
        account: (scope == Scope::System).then(|| "_waypost".to_owned()),
        user: "dev".to_owned(),
        home,
    }
}

/// Compares with the file, or writes it with `UPDATE=1`.
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platforms/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{}: UPDATE=1 writes it", path.display());
}

const ORDINARY: &str = "/Users/dev/Library/Application Support/waypost";
const HOSTILE: &str = "/Users/dev/my \"odd\" %h $x & <é> {{home}} 'it'";

#[test]
fn property_lists_are_the_golden_ones_and_mean_what_was_given() {
    for (file, scope, home) in [
        ("agent/dev.waypost.node.plist", Scope::User, ORDINARY),
        ("agent-hostile/dev.waypost.node.plist", Scope::User, HOSTILE),
        ("daemon/dev.waypost.node.plist", Scope::System, ORDINARY),
    ] {
        let spec = spec(scope, home);
        let text = definition(&spec).unwrap();
        golden(file, &text);
        let read = Value::from_reader_xml(text.as_bytes()).unwrap();
        let list = read.as_dictionary().unwrap();
        let words: Vec<_> =
            list["ProgramArguments"].as_array().unwrap().iter().map(|word| word.as_string().unwrap()).collect();
        assert_eq!(words[0], spec.program.to_str().unwrap());
        assert_eq!(words[1..words.len() - 1], spec.args);
        assert_eq!(words.last(), Some(&"--supervisor=launchd"));
        let environment = list["EnvironmentVariables"].as_dictionary().unwrap();
        assert_eq!(environment.len(), 1);
        assert_eq!(environment["WAYPOST_HOME"].as_string(), Some(home));
        assert_eq!(list["StandardErrorPath"].as_string().unwrap(), format!("{home}/logs/launchd.err.log"));
        assert_eq!(list["Umask"].as_unsigned_integer(), Some(0o077));
        assert_eq!(list.get("UserName").and_then(Value::as_string), spec.account.as_deref());
    }
}

#[test]
fn values_that_cannot_be_written_are_refused_by_name() {
    let refused = |spec: &ServiceSpec| match definition(spec) {
        Err(ServiceError::Unfit { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&spec(Scope::User, "/Users/dev/a\u{1}b")), "the program's path");
    assert_eq!(refused(&spec(Scope::User, "relative")), "the program's path");
    let nobody = ServiceSpec { account: None, ..spec(Scope::System, ORDINARY) };
    assert!(refused(&nobody).contains("without an account"));
}

/// `launchctl` as far as it is needed here: what is loaded is a file, its state another.
#[cfg(unix)]
const LAUNCHCTL: &str = r#"#!/bin/sh
echo "$@" >> DIR/calls
case "$1" in
print) [ -e DIR/loaded ] || { echo 'Could not find service' >&2; exit 113; }; cat DIR/state ;;
print-disabled) echo 'disabled services = {'; cat DIR/disabled 2> /dev/null; echo '}' ;;
enable) rm -f DIR/disabled ;;
bootstrap) [ -e DIR/broken ] && { echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; }; : > DIR/loaded ;;
bootout) rm DIR/loaded; echo 'Boot-out failed: 36: Operation now in progress' >&2; exit 36 ;;
kickstart) printf '\tstate = running\n\tpid = 1\n' > DIR/state ;;
*) exit 64 ;;
esac
"#;

#[cfg(unix)]
#[test]
fn a_service_is_installed_started_asked_stopped_and_taken_back() {
    use crate::service::{Activity, Boot, Entry, Manager, Receipt};
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let launchctl = root.join("launchctl");
    fs::write(&launchctl, LAUNCHCTL.replace("DIR", root.to_str().unwrap())).unwrap();
    fs::set_permissions(&launchctl, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(root.join("state"), "\tstate = running\n\tpid = 1\n\truns = 2\n").unwrap();
    fs::write(root.join("disabled"), "\t\"dev.waypost.node\" => disabled\n").unwrap();
    let home = root.join("my home");
    fs::create_dir_all(home.join("Library")).unwrap();
    let manager = Launchd::new(Scope::User, 501, &home).with_launchctl(launchctl);
    let spec = spec(Scope::User, home.to_str().unwrap());

    assert!(matches!(manager.start(), Err(ServiceError::NotInstalled)));
    assert_eq!(manager.state().unwrap().activity, Activity::NotInstalled);
    let mut receipt = Receipt {
        format: 1,
        version: String::new(),
        scope: Scope::User,
        program: spec.program.clone(),
        args: spec.args.clone(),
        entries: Vec::new(),
    };
    let plan = manager.plan(&spec).unwrap();
    assert_eq!(plan.changes().iter().filter(|change| !change.is_done).count(), 4);
    let mut done = Vec::new();
    plan.apply(&mut receipt, &mut done, |_| {}, |_| Ok(())).unwrap();
    assert_eq!(done.len(), 4);
    plan.apply(&mut receipt, &mut done, |_| {}, |_| Ok(())).unwrap();
    assert_eq!(done.len(), 4);
    assert_eq!(manager.state().unwrap().activity, Activity::Inactive);
    assert_eq!(manager.state().unwrap().boot.boot, Boot::AtLogin);

    manager.start().unwrap();
    let state = manager.state().unwrap();
    assert_eq!((state.activity, state.pid, state.restarts), (Activity::Active, Some(1), Some(1)));
    assert!(state.since_ms_ago.is_some());
    manager.restart().unwrap();
    manager.stop().unwrap();
    manager.stop().unwrap();
    assert_eq!(manager.state().unwrap().activity, Activity::Inactive);

    fs::write(root.join("broken"), "").unwrap();
    let failed = manager.start().unwrap_err().to_string();
    assert!(failed.contains("bootstrap gui/501") && failed.contains("Input/output error"), "{failed}");
    fs::remove_file(root.join("broken")).unwrap();
    fs::write(root.join("state"), "\tstate = not running\n\tlast exit code = 0\n").unwrap();
    let ended = manager.start().unwrap_err().to_string();
    assert!(ended.contains("exit code 0") && ended.contains("launchd.err.log"), "{ended}");
    manager.start().unwrap();

    for entry in receipt.entries.iter().rev().chain([&Entry::Started { service: "x".to_owned() }]) {
        assert_eq!(manager.undo(entry).unwrap().left, None, "{entry:?}");
    }
    assert!(!root.join("loaded").exists());
    assert!(!home.join("Library/LaunchAgents").exists());
}
