//! Somebody without root who uses the box.

use crate::gateway::Gateway;
use crate::machine::{Machine, Ran, run};
use crate::{until, until_within};
use serde_json::Value;
use std::process::{Child, Stdio};
use std::time::Duration;

/// A unit's name.
pub const UNIT: &str = "waypost-node.service";

/// Somebody with an account in a box, and the program in `~/.local/bin`.
pub struct Person<'a> {
    pub machine: &'a Machine,
    pub user: String,
    pub uid: u32,
    pub home: String,
}

/// A login that lasts until it is dropped.
pub struct Session {
    held: Child,
}

impl<'a> Person<'a> {
    /// The one whom every box has.
    pub fn dev(machine: &'a Machine) -> Self {
        Self::with_program(machine, "dev", 4242, "/home/dev")
    }

    /// Somebody new.
    pub fn new(machine: &'a Machine, user: &str, uid: u32, home: &str) -> Self {
        machine.add_user(user, uid, home);
        Self::with_program(machine, user, uid, home)
    }

    fn with_program(machine: &'a Machine, user: &str, uid: u32, home: &str) -> Self {
        let person = Self { machine, user: user.to_owned(), uid, home: home.to_owned() };
        machine.put_program("/usr/local/lib/waypost");
        person.sh("mkdir -p ~/.local/bin && cp /usr/local/lib/waypost ~/.local/bin/waypost").worked();
        person
    }

    /// A script in a login session that ends with it.
    pub fn sh(&self, script: &str) -> Ran {
        self.sh_with(script, b"")
    }

    /// The same with something on standard input.
    pub fn sh_with(&self, script: &str, stdin: &[u8]) -> Ran {
        let script = format!("PATH=~/.local/bin:$PATH; {script}");
        run(self.machine.as_user("user", &self.user, self.uid, &["bash", "-c", &script]), stdin)
    }

    /// A script without a session, as cron runs it.
    pub fn sh_bare(&self, script: &str, stdin: &[u8]) -> Ran {
        let script = format!("PATH=~/.local/bin:$PATH; {script}");
        run(self.machine.as_user("userbare", &self.user, self.uid, &["bash", "-c", &script]), stdin)
    }

    /// Logs in and stays.
    pub fn log_in(&self) -> Session {
        let mut command = self.machine.as_user("user", &self.user, self.uid, &["cat"]);
        let held = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        until("the session is there", || {
            let sessions = self.machine.root("loginctl --no-legend list-sessions").out;
            if sessions.contains(&self.user) { Ok(()) } else { Err(sessions) }
        });
        Session { held }
    }

    /// `waypost node install` with the key on standard input.
    pub fn install(&self, gateway: &Gateway, options: &str) -> Ran {
        let command = format!("waypost node install --api-key-stdin --gateway {} --yes {options}", gateway.url);
        self.sh_with(&command, gateway.enroll.as_bytes())
    }

    /// What `waypost node status --json` says, and its exit code.
    pub fn status(&self) -> (i32, Value) {
        let ran = self.sh("waypost node status --json");
        (ran.code, ran.json())
    }

    /// Waits until the service is active with a process that is not `other_than`, and online, and gives its process.
    pub fn wait_active(&self, other_than: u64) -> u64 {
        until("the service is active and online", || {
            let ran = self.sh("waypost node status --json");
            let status: Value = serde_json::from_str(&ran.out).map_err(|_| ran.err.clone())?;
            let pid = status["service"]["pid"].as_u64().unwrap_or(0);
            let is_there = status["service"]["activity"] == "active" && status["state"] == "online";
            if is_there && pid != 0 && pid != other_than { Ok(pid) } else { Err(status.to_string()) }
        })
    }

    /// The main process as systemd knows it; 0 when there is none.
    pub fn main_pid(&self) -> u64 {
        self.show("MainPID").parse().unwrap_or(0)
    }

    /// A property of the unit.
    pub fn show(&self, property: &str) -> String {
        self.sh(&format!("systemctl --user show -p {property} --value {UNIT}")).out.trim().to_owned()
    }

    /// Nothing of the node is known to the user's manager and none of its processes runs; the disk is as it was.
    #[track_caller]
    pub fn assert_gone(&self, before: &[String]) {
        let units = self.sh("systemctl --user --no-legend --all list-units 'waypost*'; systemctl --user --no-legend list-unit-files 'waypost*'").out;
        assert_eq!(units.trim(), "", "units are left");
        assert_eq!(self.machine.processes(), "", "processes are left");
        self.assert_same(before);
    }

    /// The disk is as it was.
    #[track_caller]
    pub fn assert_same(&self, before: &[String]) {
        let after = self.machine.listing();
        let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
        let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
        assert!(new.is_empty() && gone.is_empty(), "new: {new:#?}\ngone: {gone:#?}");
    }
}

impl Session {
    /// Logs out.
    pub fn log_out(mut self) {
        drop(self.held.stdin.take());
        until_within(Duration::from_secs(20), "the session ends", || match self.held.try_wait() {
            Ok(Some(_)) => Ok(()),
            other => Err(format!("{other:?}")),
        });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.held.stdin.take());
        let _ = self.held.wait();
    }
}
