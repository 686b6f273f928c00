//! The Debian package, built from the metadata in Cargo.toml: in, joined, started, out, purged.
//!
//! `WAYPOST_DEB` is the package; `.ci/run` builds it.

use crate::gateway::Gateway;
use crate::machine::{Machine, chosen_roots, run};
use crate::person::UNIT;
use crate::until;
use std::path::Path;

#[test]
fn the_units_of_the_package_and_of_the_installation_are_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let mut expected = read("service-templates/waypost-node.system.service");
    let values = [
        ("command", "/usr/bin/waypost node run --any-port"),
        ("environment", "WAYPOST_HOME=/var/lib/waypost\nEnvironmentFile=-/etc/default/waypost-node"),
        ("directory", "/var/lib/waypost"),
        ("restart", "5000ms"),
        ("account", "waypost"),
        ("writable", "-/var/lib/waypost"),
        ("state_directory", "StateDirectory=waypost\nStateDirectoryMode=0700\n"),
    ];
    for (name, value) in values {
        expected = expected.replace(&format!("{{{{{name}}}}}"), value);
    }
    let without_head = |text: &str| text[text.find("[Unit]").unwrap()..].to_owned();
    let packaged = read("installer/debian/waypost.waypost-node.service");
    assert_eq!(without_head(&packaged), without_head(&expected), "write the packaged unit anew from the template");
}

#[test]
fn a_package_is_installed_used_removed_and_purged() {
    let deb = std::env::var("WAYPOST_DEB").expect("WAYPOST_DEB names the package: cargo deb --no-build --profile dev");
    for root in chosen_roots().into_iter().filter(|root| !root.ends_with("polkitd")) {
        let machine = Machine::boot(root);
        let gateway = Gateway::start(&machine);
        let before = machine.listing();
        machine.put(&deb, "/var/tmp/waypost.deb");
        let apt = |args: &str| machine.root(&format!("DEBIAN_FRONTEND=noninteractive dpkg {args} 2>&1")).worked();
        apt("-i /var/tmp/waypost.deb");
        assert_eq!(machine.root(&format!("systemctl is-enabled {UNIT}")).out.trim(), "disabled");
        assert_eq!(machine.processes(), "", "{root}: installing the package started something");
        let verified = machine.root(&format!("systemd-analyze verify /usr/lib/systemd/system/{UNIT}")).worked();
        assert_eq!((verified.out.as_str(), verified.err.as_str()), ("", ""), "{root}");

        let setup = format!(
            "setpriv --reuid=waypost --regid=waypost --clear-groups waypost --home /var/lib/waypost node setup --api-key-stdin \
             --gateway {} --name box",
            gateway.url
        );
        run(machine.as_user("root", "root", 0, &["sh", "-c", &setup]), gateway.enroll.as_bytes()).worked();
        machine.root(&format!("systemctl enable --now {UNIT}")).worked();
        gateway.wait_node("box", "online");
        machine.reboot();
        until("the node is back", || match machine.processes() {
            none if none.is_empty() => Err("no process".to_owned()),
            _ => Ok(()),
        });
        gateway.wait_node("box", "online");
        // The same package again is an upgrade.
        apt("-i /var/tmp/waypost.deb");
        gateway.wait_node("box", "online");

        apt("-r waypost");
        assert_eq!(machine.processes(), "", "{root}: it runs without its program");
        machine.root("test -e /var/lib/waypost/config.json && test -e /etc/default/waypost-node").worked();
        apt("-P waypost");
        let after = machine.listing();
        // The account stays, in files that its tools rewrite with a copy beside each.
        let is_account = |line: &str| ["passwd", "group", "shadow"].iter().any(|name| line.contains(name));
        let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).filter(|line| !is_account(line)).collect();
        assert!(new.is_empty(), "{root}: {new:#?}");
    }
}
