//! From the first install to the last trace, on every systemd.

use crate::gateway::Gateway;
use crate::machine::Machine;
use crate::person::{Person, UNIT};
use crate::until;

#[test]
fn of_a_node_on_systemd_252() {
    whole_life("bookworm");
}

#[test]
fn of_a_node_on_systemd_252_with_polkit() {
    whole_life("bookworm-polkitd");
}

#[test]
fn of_a_node_on_systemd_257() {
    whole_life("trixie");
}

#[test]
fn of_a_node_on_systemd_257_with_polkit() {
    whole_life("trixie-polkitd");
}

fn whole_life(root: &'static str) {
    if !crate::machine::chosen_roots().contains(&root) {
        return;
    }
    let machine = Machine::boot(root);
    let gateway = Gateway::start(&machine);
    let dev = Person::dev(&machine);
    let before = machine.listing();
    let life = Life { machine: &machine, gateway: &gateway, dev: &dev };
    life.is_installed();
    life.comes_back_after_a_kill();
    life.is_ended_by_the_watchdog_when_it_stalls();
    life.keeps_its_word_at_logout();
    life.keeps_its_word_after_a_reboot();
    life.is_honest_about_a_job_that_a_power_cut_ended();
    life.is_uninstalled(&before);
    life.ends_once_its_token_is_revoked(&before);
}

struct Life<'a> {
    machine: &'a Machine,
    gateway: &'a Gateway,
    dev: &'a Person<'a>,
}

impl Life<'_> {
    fn is_installed(&self) {
        let session = self.dev.log_in();
        let installed = self.dev.install(self.gateway, "--name box --json").worked().json();
        assert_eq!(installed["joined"], true, "{installed:#}");
        assert_eq!(installed["service"]["activity"], "active", "{installed:#}");
        let expected = if self.machine.has_polkit() { "at_boot" } else { "at_login" };
        assert_eq!(installed["service"]["boot"]["boot"], expected, "{installed:#}");
        if !self.machine.has_polkit() {
            let better = installed["service"]["boot"]["better"].as_str().unwrap_or_default();
            assert_eq!(better, "sudo loginctl enable-linger dev", "{installed:#}");
        }
        self.gateway.wait_node("box", "online");
        self.dev.wait_active(0);
        let (code, status) = self.dev.status();
        assert_eq!(code, 0, "{status:#}");
        assert_eq!(status["service"]["boot"], installed["service"]["boot"]);
        // What a person sees says the same.
        let said = self.dev.sh("waypost node status").worked().out;
        let sentence = if self.machine.has_polkit() { "starts at boot" } else { "starts at login only" };
        assert!(said.contains(sentence), "{said}");
        let unit = status["service"]["file"].as_str().unwrap();
        assert_eq!(self.dev.sh(&format!("systemd-analyze --user verify {unit}")).worked().err, "");
        session.log_out();
    }

    /// A session for the parts that need the service to run in any case.
    fn comes_back_after_a_kill(&self) {
        let session = self.dev.log_in();
        let pid = self.dev.wait_active(0);
        self.machine.root(&format!("kill -9 {pid}")).worked();
        self.dev.wait_active(pid);
        let (_, status) = self.dev.status();
        assert!(status["service"]["restarts"].as_u64().unwrap_or(0) >= 1, "{status:#}");
        self.gateway.wait_node("box", "online");
        session.log_out();
    }

    fn is_ended_by_the_watchdog_when_it_stalls(&self) {
        let session = self.dev.log_in();
        let dir = format!("~/.config/systemd/user/{UNIT}.d");
        let sooner =
            format!("mkdir -p {dir} && printf '[Service]\\nWatchdogSec=4\\nTimeoutAbortSec=1\\n' > {dir}/x.conf");
        self.dev.sh(&format!("{sooner} && systemctl --user daemon-reload && systemctl --user restart {UNIT}")).worked();
        let pid = self.dev.wait_active(0);
        self.machine.root(&format!("kill -STOP {pid}")).worked();
        self.dev.wait_active(pid);
        let log = self.dev.sh(&format!("journalctl --user -q --no-pager -u {UNIT} | grep -i watchdog")).out;
        assert!(log.contains("atchdog timeout"), "{log}");
        self.dev
            .sh(&format!("rm -r {dir} && systemctl --user daemon-reload && systemctl --user restart {UNIT}"))
            .worked();
        self.dev.wait_active(0);
        session.log_out();
    }

    /// With linger it is still there; without, it is gone as it was said, and back at the next login.
    fn keeps_its_word_at_logout(&self) {
        let session = self.dev.log_in();
        let pid = self.dev.wait_active(0);
        session.log_out();
        if self.machine.has_polkit() {
            until("the user lingers", || {
                let state = self.machine.root("loginctl show-user dev -p State --value");
                if state.out.trim() == "lingering" { Ok(()) } else { Err(state.out + &state.err) }
            });
            let running = self.machine.processes();
            assert!(running.starts_with(&format!("{pid} ")), "{pid} is not there any more: {running}");
        } else {
            self.wait_for_its_end();
        }
        let session = self.dev.log_in();
        let again = self.dev.wait_active(0);
        assert_eq!(again == pid, self.machine.has_polkit());
        session.log_out();
    }

    fn keeps_its_word_after_a_reboot(&self) {
        self.machine.reboot();
        if self.machine.has_polkit() {
            until("its process is back", || match self.machine.processes() {
                none if none.is_empty() => Err(self.machine.root("systemctl --no-pager status user@4242.service").out),
                _ => Ok(()),
            });
            // It works, and nobody has logged in meanwhile.
            let job = self.gateway.submit("box", "echo back");
            self.gateway.wait_job(&job, &["succeeded"]);
            let sessions = self.machine.root("loginctl --no-legend list-sessions | grep -v manager || :").out;
            assert_eq!(sessions.trim(), "", "somebody is logged in");
        } else {
            assert_eq!(self.machine.processes(), "", "it said that it starts at login only");
            let session = self.dev.log_in();
            self.dev.wait_active(0);
            session.log_out();
        }
    }

    fn is_honest_about_a_job_that_a_power_cut_ended(&self) {
        let session = self.dev.log_in();
        self.dev.wait_active(0);
        let job = self.gateway.submit("box", "echo begun; sleep 1000");
        self.gateway.wait_job(&job, &["running"]);
        self.machine.power_cut();
        drop(session);
        let session = self.dev.log_in();
        self.dev.wait_active(0);
        let ended = self.gateway.wait_job(&job, &["succeeded", "failed", "cancelled", "timed_out", "lost", "refused"]);
        assert_eq!(ended["state"], "lost", "{ended:#}");
        let next = self.gateway.submit("box", "echo again");
        self.gateway.wait_job(&next, &["succeeded"]);
        session.log_out();
    }

    fn is_uninstalled(&self, before: &[String]) {
        let session = self.dev.log_in();
        self.dev.wait_active(0);
        let removed = self.dev.sh("waypost node uninstall --purge --yes --json").worked().json();
        assert_eq!(removed["gateway_told"], true, "{removed:#}");
        assert_eq!(self.gateway.nodes(), [""; 0]);
        session.log_out();
        self.wait_for_its_end();
        self.dev.assert_gone(before);
        assert_eq!(self.dev.sh("waypost node status").code, 4);
    }

    fn ends_once_its_token_is_revoked(&self, before: &[String]) {
        let session = self.dev.log_in();
        self.dev.install(self.gateway, "--name box --json").worked();
        self.dev.wait_active(0);
        self.gateway.waypost(&["gateway", "node", "remove", "box"]).worked();
        until("the service has ended", || {
            let active = self.dev.show("ActiveState");
            if active == "failed" || active == "inactive" { Ok(()) } else { Err(active) }
        });
        let restarts = self.dev.show("NRestarts");
        let (code, status) = self.dev.status();
        assert_eq!(code, 3, "{status:#}");
        let said = self.dev.sh("waypost node status").out;
        assert!(said.contains("removed") || said.contains("revoked"), "{said}\n{status:#}");
        // It stays so: systemd has no start of it planned, and counted none.
        assert_eq!(self.dev.main_pid(), 0);
        assert_eq!(self.dev.show("SubState"), if self.dev.show("ActiveState") == "failed" { "failed" } else { "dead" });
        assert_eq!(self.dev.show("NRestarts"), restarts);
        self.dev.sh("waypost node uninstall --purge --yes").worked();
        session.log_out();
        self.dev.assert_gone(before);
    }

    fn wait_for_its_end(&self) {
        until("none of its processes runs", || {
            let running = self.machine.processes();
            if running.is_empty() { Ok(()) } else { Err(running) }
        });
    }
}
