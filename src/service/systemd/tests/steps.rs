//! Steps in a directory of their own, with commands that are played: each is a script, and every call is written down.

use super::super::commands::{Commands, Session};
use super::super::manager::Systemd;
use super::super::places::{Places, UNIT};
use crate::service::{Activity, Boot, Entry, Manager, Receipt, Scope, ServiceError, ServiceSpec};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A machine with a systemd that does as systemd does, and nothing else.
struct Machine {
    dir: TempDir,
    systemd: Systemd,
}

/// Knows the unit when it is there, and is enabled when its link is.
const SYSTEMCTL: &str = r#"
root=${0%/bin/systemctl}; [ "$1" = --user ] && shift; [ "$1" = --no-ask-password ] && shift
unit=$root/config/systemd/user/waypost-node.service; link=$root/config/systemd/user/default.target.wants/waypost-node.service
case $1 in
show) if [ -e "$unit" ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
      if [ -e "$link" ]; then echo UnitFileState=enabled; fi
      if [ -e "$root/read" ] && cmp -s "$root/read" "$unit"; then echo NeedDaemonReload=no; else echo NeedDaemonReload=yes; fi
      if [ -e "$root/runs" ]; then echo ActiveState=active; else echo ActiveState=inactive; fi;;
daemon-reload) cp "$unit" "$root/read" 2>/dev/null || rm -f "$root/read";;
is-enabled) if [ -e "$link" ]; then echo enabled; else echo disabled; exit 1; fi;;
enable) mkdir -p "${link%/*}"; ln -sf "$unit" "$link";;
disable) rm -f "$link"; rmdir "${link%/*}" 2>/dev/null; true;;
start|restart) : > "$root/runs";;
stop) rm -f "$root/runs";;
esac"#;

const LOGINCTL: &str = r#"
root=${0%/bin/loginctl}
case $2 in enable-linger) : > "$root/linger/$3";; disable-linger) rm "$root/linger/$3";; esac"#;

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_owned();
        for made in ["bin", "linger", "booted", "run/systemd/private", "home"] {
            fs::create_dir_all(root.join(made)).unwrap();
        }
        let uid = rustix::process::geteuid().as_raw();
        let places = Places {
            units: Some(root.join("config/systemd/user")),
            booted: root.join("booted"),
            runtime: root.join("run"),
            linger: root.join("linger"),
            machine_id: root.join("machine-id"),
        };
        let session = Session { uid, usual: root.join("run"), inherited: None };
        let mut path = root.join("bin").into_os_string();
        path.push(":/usr/bin:/bin");
        let commands = Commands { scope: Scope::User, session, path: Some(path) };
        let stage = |_: Scope, units: &Path, text: &str| {
            let staged = units.join(".waypost-node.new.service");
            fs::write(&staged, text)?;
            Ok(staged)
        };
        let machine = Self { dir, systemd: Systemd { commands, places, user: "dev".to_owned(), stage } };
        machine.play("systemctl", SYSTEMCTL);
        machine.play("loginctl", LOGINCTL);
        machine
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn play(&self, name: &str, script: &str) {
        let (path, text) = (self.root().join("bin").join(name), self.root().join("text"));
        let calls = self.root().join("calls");
        fs::write(&text, format!("#!/bin/sh\necho \"{name} $*\" >> '{}'\n{script}\n", calls.display())).unwrap();
        // By another process: what this one has open for writing, another thread's child has open too, and it cannot be run.
        let installed = Command::new("install").args(["-m", "755"]).args([&text, &path]).status().unwrap();
        assert!(installed.success());
    }

    /// Has one verb fail; everything else goes on as before.
    fn refuse(&self, name: &str, verb: &str, script: &str) {
        self.play(name, &format!("case \" $* \" in *' {verb} '*) echo 'not today' >&2; exit 1;; esac\n{script}"));
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.root().join("calls")).unwrap_or_default()
    }

    fn unit(&self) -> PathBuf {
        self.root().join("config/systemd/user").join(UNIT)
    }

    fn spec(&self) -> ServiceSpec {
        ServiceSpec {
            scope: Scope::User,
            program: "/opt/waypost".into(),
            args: vec!["node".to_owned(), "run".to_owned()],
            home: self.root().join("home"),
            logs: self.root().join("logs"),
            account: None,
            user: "dev".to_owned(),
        }
    }

    fn apply(&self, spec: &ServiceSpec, receipt: &mut Receipt) -> Result<usize, ServiceError> {
        let plan = self.systemd.plan(spec)?;
        let mut done = Vec::new();
        plan.apply(receipt, &mut done, |_| {}, |_| Ok(()))?;
        Ok(done.len())
    }

    fn undo(&self, receipt: &Receipt) -> Vec<Option<String>> {
        receipt.entries.iter().rev().map(|entry| self.systemd.undo(entry).unwrap().left).collect()
    }

    /// Every path but the commands, their notes, and what systemd has in memory.
    fn listing(&self) -> Vec<PathBuf> {
        fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
                found.push(entry.path());
                if entry.file_type().unwrap().is_dir() {
                    walk(&entry.path(), found);
                }
            }
        }
        let mut found = Vec::new();
        walk(self.root(), &mut found);
        found.retain(|path| !["calls", "read", "text"].iter().any(|name| path.ends_with(name)));
        found.sort();
        found
    }
}

fn receipt() -> Receipt {
    Receipt {
        format: 1,
        version: "0".to_owned(),
        scope: Scope::User,
        program: PathBuf::new(),
        args: Vec::new(),
        entries: Vec::new(),
    }
}

#[test]
fn an_installation_is_done_once_and_taken_back_whole() {
    let machine = Machine::new();
    let (before, mut receipt) = (machine.listing(), receipt());
    assert!(machine.systemd.plan(&machine.spec()).unwrap().changes().iter().all(|change| !change.is_done));
    assert_eq!(machine.systemd.state().unwrap().activity, Activity::NotInstalled);
    assert_eq!(machine.apply(&machine.spec(), &mut receipt).unwrap(), 6);
    let state = machine.systemd.state().unwrap();
    assert_eq!((state.activity, state.boot.boot), (Activity::Inactive, Boot::AtBoot));
    let done = machine.listing();
    assert_eq!(machine.apply(&machine.spec(), &mut receipt).unwrap(), 0);
    assert!(machine.systemd.plan(&machine.spec()).unwrap().changes().iter().all(|change| change.is_done));
    assert_eq!(machine.listing(), done);

    machine.systemd.start().unwrap();
    receipt.add(Entry::Started { service: UNIT.to_owned() });
    assert_eq!(machine.systemd.state().unwrap().activity, Activity::Active);
    assert!(machine.undo(&receipt).iter().all(Option::is_none));
    assert_eq!(machine.listing(), before);
    assert!(machine.undo(&receipt).iter().all(Option::is_none), "what is gone is undone");
    assert!(matches!(machine.systemd.start(), Err(ServiceError::NotInstalled)));
    machine.systemd.stop().unwrap();
}

#[test]
fn an_installation_whose_receipt_was_lost_is_taken_back_by_the_next_ones() {
    let machine = Machine::new();
    machine.apply(&machine.spec(), &mut receipt()).unwrap();
    let mut next = receipt();
    let mut kept = Vec::new();
    let plan = machine.systemd.plan(&machine.spec()).unwrap();
    let keep = |receipt: &Receipt| {
        kept.push(receipt.clone());
        Ok(())
    };
    let mut done = Vec::new();
    plan.apply(&mut next, &mut done, |_| {}, keep).unwrap();
    assert!(done.is_empty() && kept.last() == Some(&next));
    plan.apply(&mut next, &mut Vec::new(), |_| {}, |_| panic!("nothing is new")).unwrap();
    assert!(machine.undo(&next).iter().all(Option::is_none));
    assert!(!machine.unit().exists() && !machine.unit().with_file_name("default.target.wants").exists());
    assert!(machine.root().join("linger/dev").exists(), "which may be somebody else's wish");
}

#[test]
fn as_root_a_receipt_is_not_taken_at_its_word() {
    let mut machine = Machine::new();
    machine.systemd.commands.scope = Scope::System;
    let victim = machine.root().join("passwd");
    fs::write(&victim, "root").unwrap();
    let sha256 = crate::base::sha256_hex(b"root");
    let entry = Entry::File { path: victim.clone(), sha256, before: Some("evil".to_owned()) };
    assert!(machine.systemd.undo(&entry).unwrap().left.is_some());
    assert_eq!(fs::read_to_string(&victim).unwrap(), "root");
}

#[test]
fn other_options_change_the_unit_alone_and_undoing_goes_back_to_the_first() {
    let machine = Machine::new();
    let mut receipt = receipt();
    fs::create_dir_all(machine.unit().parent().unwrap()).unwrap();
    fs::write(machine.unit(), "[Service]\nExecStart=/somebody/elses\n").unwrap();
    machine.apply(&machine.spec(), &mut receipt).unwrap();
    let mut other = machine.spec();
    other.args.push("--max-concurrent-jobs=2".to_owned());
    assert_eq!(machine.apply(&other, &mut receipt).unwrap(), 1);
    assert!(fs::read_to_string(machine.unit()).unwrap().contains("--max-concurrent-jobs=2"));
    assert!(machine.undo(&receipt).iter().all(Option::is_none));
    assert!(fs::read_to_string(machine.unit()).unwrap().contains("/somebody/elses"));
}

#[test]
fn a_step_that_fails_leaves_nothing_and_the_rest_can_be_taken_back() {
    let enable =
        SYSTEMCTL.replace("ln -sf \"$unit\" \"$link\";;", "ln -sf \"$unit\" \"$link\"; echo 'not today' >&2; exit 1;;");
    for failing in ["daemon-reload", "enable half way", "write", "directory"] {
        let machine = Machine::new();
        match failing {
            "daemon-reload" => machine.refuse("systemctl", "daemon-reload", SYSTEMCTL),
            "enable half way" => machine.play("systemctl", &enable),
            "directory" => fs::write(machine.root().join("config"), "in the way").unwrap(),
            _ => fs::create_dir_all(machine.unit()).unwrap(),
        }
        let (before, mut receipt) = (machine.listing(), receipt());
        let failed = machine.apply(&machine.spec(), &mut receipt).unwrap_err().to_string();
        assert!(["not today", UNIT, "config"].iter().any(|said| failed.contains(said)), "{failing}: {failed}");
        assert!(machine.undo(&receipt).iter().all(Option::is_none), "{failing}");
        assert_eq!(machine.listing(), before, "{failing}");
    }
}

#[test]
fn linger_that_is_refused_is_no_failure_and_said_with_the_way_out() {
    let machine = Machine::new();
    machine.refuse("loginctl", "enable-linger", LOGINCTL);
    let mut receipt = receipt();
    machine.apply(&machine.spec(), &mut receipt).unwrap();
    assert!(!receipt.entries.iter().any(|entry| matches!(entry, Entry::Linger { .. })));
    assert!(machine.calls().contains("enable-linger dev"), "by name:\n{}", machine.calls());
    let boot = machine.systemd.state().unwrap().boot;
    assert_eq!((boot.boot, boot.better.as_deref()), (Boot::AtLogin, Some("sudo loginctl enable-linger dev")));

    // Switched on by somebody else: not ours to switch off.
    fs::write(machine.root().join("linger/dev"), "").unwrap();
    machine.apply(&machine.spec(), &mut receipt).unwrap();
    machine.undo(&receipt);
    assert!(machine.root().join("linger/dev").exists());
}

#[test]
fn what_somebody_changed_since_stays_and_is_said() {
    let machine = Machine::new();
    let mut receipt = receipt();
    machine.apply(&machine.spec(), &mut receipt).unwrap();
    fs::write(machine.unit(), "[Service]\nExecStart=/mine/now\n").unwrap();
    let left: Vec<String> = machine.undo(&receipt).into_iter().flatten().collect();
    assert!(left[0].contains("changed since"), "{left:?}");
    assert!(fs::read_to_string(machine.unit()).unwrap().contains("/mine/now"));
    assert_eq!(machine.systemd.state().unwrap().boot.boot, Boot::OnlyNow, "it is not enabled any more");
}

#[test]
fn a_manager_that_is_not_there_is_said_with_the_way_out() {
    let machine = Machine::new();
    let mut receipt = receipt();
    machine.apply(&machine.spec(), &mut receipt).unwrap();
    machine.systemd.available().unwrap();
    machine.play("systemctl", "echo 'Failed to connect to bus: No medium found' >&2; exit 1");
    let reason = machine.systemd.available().unwrap_err().to_string();
    assert!(reason.contains("Failed to connect to bus"), "{reason}");
    fs::remove_dir_all(machine.root().join("run")).unwrap();
    let root = rustix::process::geteuid().is_root();
    let way_out = if root { "--system" } else { "sudo loginctl enable-linger dev" };
    for reason in [machine.systemd.available().unwrap_err(), machine.systemd.state().unwrap_err()] {
        assert!(reason.to_string().contains(way_out), "{reason}");
    }
    // Nothing can run there; the files are taken back without it.
    assert!(machine.undo(&receipt).iter().all(Option::is_none));
    assert!(!machine.unit().exists() && !machine.root().join("config").exists());
    assert_eq!(machine.systemd.state().unwrap().activity, Activity::NotInstalled);
    fs::remove_dir(machine.root().join("booted")).unwrap();
    let reason = machine.systemd.available().unwrap_err().to_string();
    assert!(reason.contains("waypost node run"), "{reason}");
}

#[test]
fn commands_reach_the_users_manager_without_a_session_of_ours() {
    let machine = Machine::new();
    let note = machine.root().join("seen");
    machine.play("systemctl", &format!("echo \"$XDG_RUNTIME_DIR\" > '{}'", note.display()));
    machine.systemd.available().unwrap();
    assert_eq!(fs::read_to_string(&note).unwrap().trim(), machine.root().join("run").display().to_string());
}

#[test]
fn a_start_that_fails_says_how_the_node_ended() {
    let machine = Machine::new();
    machine.play(
        "systemctl",
        "case \"$*\" in *show*) printf 'LoadState=loaded\\nActiveState=failed\\nResult=exit-code\\nExecMainCode=1\\nExecMainStatus=5\\n';; \
         *) echo 'Job failed. See more.' >&2; exit 1;; esac",
    );
    let failed = machine.systemd.start().unwrap_err().to_string();
    assert!(failed.contains("exit code 5") && failed.contains("journalctl --user -u waypost-node.service"), "{failed}");
}
