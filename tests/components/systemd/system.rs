//! `--system`: the machine's node, under an account of its own.

use crate::gateway::Gateway;
use crate::machine::{Machine, Ran, run};
use crate::person::{Person, UNIT};
use crate::until;
use serde_json::Value;

/// Root, with the program where everybody has it.
struct Root<'a> {
    machine: &'a Machine,
}

impl Root<'_> {
    fn waypost(&self, args: &str, stdin: &[u8]) -> Ran {
        let script = format!("/usr/local/bin/waypost {args}");
        run(self.machine.as_user("root", "root", 0, &["sh", "-c", &script]), stdin)
    }

    fn wait_active(&self, other_than: u64) -> u64 {
        until("the machine's service is active and online", || {
            let ran = self.waypost("node status --system --json", b"");
            let status: Value = serde_json::from_str(&ran.out).map_err(|_| ran.err.clone())?;
            let pid = status["service"]["pid"].as_u64().unwrap_or(0);
            let is_there = status["service"]["activity"] == "active" && status["state"] == "online";
            if is_there && pid != 0 && pid != other_than { Ok(pid) } else { Err(status.to_string()) }
        })
    }
}

#[test]
fn the_machines_node_runs_under_its_own_account_and_goes_without_a_trace() {
    for root in crate::machine::chosen_roots().into_iter().filter(|root| !root.ends_with("polkitd")) {
        let machine = Machine::boot(root);
        let gateway = Gateway::start(&machine);
        machine.put_program("/usr/local/bin/waypost");
        let before = machine.listing();
        let admin = Root { machine: &machine };
        let install =
            format!("node install --system --api-key-stdin --gateway {} --name box --yes --json", gateway.url);
        let installed = admin.waypost(&install, gateway.enroll.as_bytes()).worked().json();
        assert_eq!(installed["service"]["boot"]["boot"], "at_boot", "{installed:#}");
        let pid = admin.wait_active(0);
        let owner = machine.root(&format!("ps -o user= -p {pid}")).worked().out;
        assert_eq!(owner.trim(), "waypost", "{root}");
        let verified = machine.root(&format!("systemd-analyze verify /etc/systemd/system/{UNIT}")).worked();
        assert_eq!((verified.out.as_str(), verified.err.as_str()), ("", ""), "{root}");
        let job = gateway.submit("box", "echo works");
        gateway.wait_job(&job, &["succeeded"]);

        machine.root(&format!("kill -9 {pid}")).worked();
        let pid = admin.wait_active(pid);
        machine.reboot();
        gateway.wait_node("box", "online");
        admin.wait_active(pid);

        // Somebody without root neither changes nor breaks it.
        let dev = Person::dev(&machine);
        let refused = dev.sh("waypost node uninstall --system --yes");
        assert_ne!(refused.code, 0, "{}", refused.out);
        admin.wait_active(0);
        machine.root("rm -r /home/dev/.local /usr/local/lib/waypost").worked();

        admin.waypost("node uninstall --system --purge --yes", b"").worked();
        assert_eq!(gateway.nodes(), [""; 0]);
        assert_eq!(machine.processes(), "");
        let units = machine.root(&format!(
            "systemctl --no-legend --all list-units {UNIT}; systemctl --no-legend list-unit-files {UNIT}"
        ));
        assert_eq!(units.out.trim(), "");
        // Accounts are kept in files that tools rewrite with a copy beside them.
        let is_account_file = |line: &&String| {
            ["passwd", "group", "shadow", "subuid", "subgid"]
                .iter()
                .any(|name| line.contains(&format!("/etc/{name}")) || line.contains(&format!("/etc/g{name}")))
        };
        let after = machine.listing();
        let strip = |lines: &[String]| lines.iter().filter(|line| !is_account_file(line)).cloned().collect::<Vec<_>>();
        let (before, after) = (strip(&before), strip(&after));
        let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
        assert!(new.is_empty(), "{root}: {new:#?}");
        assert_eq!(machine.root("getent passwd waypost").code, 2, "the account is left");
    }
}
