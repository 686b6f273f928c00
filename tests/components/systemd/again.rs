//! Installing again: the same, something else, over what is half there; two people on one machine.

use crate::gateway::Gateway;
use crate::machine::Machine;
use crate::person::{Person, UNIT};
use serde_json::json;

#[test]
fn the_same_changes_nothing_and_other_options_change_the_difference() {
    let machine = Machine::boot("trixie-polkitd");
    let gateway = Gateway::start(&machine);
    let dev = Person::dev(&machine);
    let before = machine.listing();
    let session = dev.log_in();
    dev.install(&gateway, "--name box --labels zone=home --json").worked();
    let pid = dev.wait_active(0);
    let unit = format!("/home/dev/.config/systemd/user/{UNIT}");
    let look = || machine.root(&format!("stat -c '%i %Y %Z' {unit} && sha256sum {unit}")).worked().out;
    let first = look();

    let again = dev.sh("waypost node install --yes --json").worked().json();
    assert_eq!(again["done"], json!([]), "{again:#}");
    assert_eq!(look(), first);
    assert_eq!(dev.main_pid(), pid, "it was started again for nothing");

    // The gateway is told of what changes there, and that takes a key.
    let changed = "--listen 127.0.0.1:0 --max-concurrent-jobs 3";
    let refused = dev.sh(&format!("waypost node install {changed} --yes"));
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert_eq!(look(), first);
    let other = dev.install(&gateway, &format!("{changed} --json")).worked().json();
    assert_ne!(other["done"], json!([]), "{other:#}");
    assert_ne!(look(), first);
    dev.wait_active(pid);
    // What was chosen before stays chosen.
    let node = gateway.wait_node("box", "online");
    assert_eq!(node["labels"]["zone"], "home", "{node:#}");
    assert_eq!(dev.status().1["slots"], 3);
    let kept = dev.sh("waypost node install --yes --json").worked().json();
    assert_eq!(kept["done"], json!([]), "{kept:#}");

    dev.sh("waypost node uninstall --purge --yes").worked();
    session.log_out();
    dev.assert_gone(&before);
}

#[test]
fn a_half_broken_installation_is_made_whole() {
    let machine = Machine::boot("bookworm-polkitd");
    let gateway = Gateway::start(&machine);
    let dev = Person::dev(&machine);
    let before = machine.listing();
    let session = dev.log_in();
    dev.install(&gateway, "--name box --json").worked();
    dev.wait_active(0);
    let home = dev.status().1["service"]["home"].as_str().map_or_else(|| "~/.waypost".to_owned(), str::to_owned);
    let receipt = dev.sh("find ~ -name install.json").worked().out.trim().to_owned();
    assert!(!receipt.is_empty(), "there is no receipt below {home}");
    let units = "~/.config/systemd/user";
    let breaks = [
        ("no unit", format!("rm {units}/{UNIT}; systemctl --user daemon-reload")),
        ("not enabled", format!("rm {units}/*.wants/{UNIT}; systemctl --user daemon-reload")),
        ("no receipt", format!("rm {receipt}")),
        ("half a unit", format!("printf '[Service]\\nExecStart=' > {units}/{UNIT}; systemctl --user daemon-reload")),
        ("stopped by somebody", format!("systemctl --user stop {UNIT}")),
        (
            "everything but the state",
            format!(
                "systemctl --user disable --now {UNIT}; rm -f {units}/{UNIT} {receipt}; systemctl --user daemon-reload"
            ),
        ),
    ];
    for (what, how) in breaks {
        println!("== {what}");
        dev.sh(&how).worked();
        dev.sh("waypost node install --yes").worked();
        dev.wait_active(0);
        assert_eq!(dev.show("UnitFileState"), "enabled", "{what}");
        gateway.wait_node("box", "online");
    }
    dev.sh("waypost node uninstall --purge --yes").worked();
    session.log_out();
    // The first receipt is gone, and with it what it knew of directories and linger that were there before.
    dev.sh("rmdir -p ~/.config/systemd/user ~/.local/state 2> /dev/null; :").worked();
    machine.root("rm -f /var/lib/systemd/linger/dev").worked();
    dev.assert_gone(&before);
}

#[test]
fn two_people_on_one_machine_do_not_disturb_each_other() {
    let machine = Machine::boot("trixie-polkitd");
    let gateway = Gateway::start(&machine);
    let dev = Person::dev(&machine);
    let eve = Person::new(&machine, "eve", 4243, "/home/eve");
    let before = machine.listing();
    let sessions = [dev.log_in(), eve.log_in()];
    dev.install(&gateway, "--name devs").worked();
    eve.install(&gateway, "--name eves").worked();
    let (devs, eves) = (dev.wait_active(0), eve.wait_active(0));
    assert_ne!(devs, eves);
    for name in ["devs", "eves"] {
        gateway.wait_node(name, "online");
    }
    dev.sh("waypost node uninstall --purge --yes").worked();
    assert_eq!(eve.wait_active(0), eves, "the other's node was disturbed");
    assert_eq!(gateway.nodes(), ["eves"]);
    eve.sh("waypost node uninstall --purge --yes").worked();
    sessions.into_iter().for_each(crate::person::Session::log_out);
    dev.assert_gone(&before);
}
