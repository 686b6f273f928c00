//! A token that the gateway refuses, and one loop of the node that stalls while the others go on.

use crate::gateway::Gateway;
use crate::machine::{Machine, chosen_roots};
use crate::person::{Person, UNIT};
use crate::{until, until_within};
use std::time::Duration;

/// A heartbeat comes every 30 s, and a refusal is believed when it went on for as long.
const PATIENCE: Duration = Duration::from_secs(180);
const STATE: &str = "~/.local/state/waypost";

#[test]
fn a_stalled_loop_is_restarted_and_a_refused_token_is_not() {
    for root in chosen_roots().into_iter().filter(|root| !root.ends_with("polkitd")) {
        let machine = Machine::boot(root);
        let gateway = Gateway::start(&machine);
        let dev = Person::dev(&machine);
        let before = machine.listing();
        let session = dev.log_in();
        dev.install(&gateway, "--name box").worked();
        one_loop_stalls(&dev, &gateway);
        the_token_is_refused(&dev, &gateway);
        dev.sh("waypost node uninstall --purge --yes; rm -r ~/elsewhere").worked();
        session.log_out();
        dev.assert_gone(&before);
    }
}

/// The same machine joins from another directory: the service's token is worth nothing from then on.
fn revoke(dev: &Person, gateway: &Gateway) {
    let join = format!(
        "mkdir -m 700 -p ~/elsewhere && cp -p {STATE}/machine.id ~/elsewhere/ && \
         waypost --home ~/elsewhere node setup --api-key-stdin --gateway {}",
        gateway.url
    );
    dev.sh_with(&join, gateway.enroll.as_bytes()).worked();
}

/// The heartbeat loop looks for a new token when the old one is refused; a pipe that nobody writes to keeps it there, while
/// the process lives and its other loops go on.
fn one_loop_stalls(dev: &Person, gateway: &Gateway) {
    let dir = format!("~/.config/systemd/user/{UNIT}.d");
    let sooner = format!("mkdir -p {dir} && printf '[Service]\\nWatchdogSec=4\\nTimeoutAbortSec=1\\n' > {dir}/x.conf");
    dev.sh(&format!("{sooner} && systemctl --user daemon-reload && systemctl --user restart {UNIT}")).worked();
    let pid = dev.wait_active(0);
    dev.sh(&format!("rm {STATE}/node.key && mkfifo -m 600 {STATE}/node.key")).worked();
    revoke(dev, gateway);
    until_within(PATIENCE, "the watchdog has ended it", || {
        let log = dev.sh(&format!("journalctl --user -q --no-pager -u {UNIT} -n 20")).out;
        if log.contains("atchdog timeout") { Ok(()) } else { Err(log) }
    });
    let log = dev.sh("waypost node logs -n 200").worked().out;
    assert!(log.contains("a loop does not go on") && log.contains("heartbeat"), "{log}");
    // Whoever waits at the pipe gets the new token, and so does everybody after.
    let mend = format!(
        "cd {STATE} && exec 3<> node.key && cat ~/elsewhere/node.key >&3 && \
         cp -p ~/elsewhere/node.key node.new && mv node.new node.key"
    );
    dev.sh(&format!("{mend} && rm -r {dir} && systemctl --user daemon-reload")).worked();
    dev.wait_active(pid);
    assert!(dev.show("NRestarts").parse::<u64>().unwrap_or(0) >= 1);
}

fn the_token_is_refused(dev: &Person, gateway: &Gateway) {
    dev.sh(&format!("systemctl --user restart {UNIT}")).worked();
    dev.wait_active(0);
    revoke(dev, gateway);
    until_within(PATIENCE, "the service has ended", || {
        let active = dev.show("ActiveState");
        if active == "failed" { Ok(()) } else { Err(active) }
    });
    let (restarts, code) = (dev.show("NRestarts"), dev.show("ExecMainStatus"));
    assert_eq!((code.as_str(), dev.main_pid()), ("5", 0));
    let (code, status) = dev.status();
    assert_eq!((code, status["state"].as_str()), (3, Some("unauthorized")), "{status:#}");
    let said = dev.sh("waypost node status").out;
    assert!(said.contains("waypost node setup"), "no way out: {said}");
    assert_eq!((dev.show("SubState").as_str(), dev.show("NRestarts")), ("failed", restarts), "it was started again");
    // The way out works.
    dev.install(gateway, "").worked();
    until("it is back", || if dev.main_pid() == 0 { Err("no process") } else { Ok(()) }.map_err(str::to_owned));
    gateway.wait_node("box", "online");
}
