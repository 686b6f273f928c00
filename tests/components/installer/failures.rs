//! What goes wrong leaves the machine as it was, and says how to go on.

use super::machine::{Machine, USERLANDS, Userland};
use super::releases::Server;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// One with a version installed and a newer one to install.
fn with_an_old_one(userland: Userland) -> Machine {
    let machine = Machine::with_release(userland, "1.2.3");
    machine.install(&[]).worked(&[]);
    machine.releases.add("1.2.4");
    machine
}

#[test]
fn a_download_that_breaks_off_leaves_the_old_program() {
    for userland in USERLANDS {
        let mut machine = with_an_old_one(userland);
        let before = machine.listing();
        let server = Server::start(&machine.releases.dir());
        machine.set("WAYPOST_RELEASES", &server.url);
        for bytes in [0, 1, 100] {
            server.cut_archives_after(bytes);
            machine.install(&[]).failed(&["nothing was", "run the same command again"]);
            assert_eq!(machine.listing(), before, "{userland:?} after {bytes} bytes");
        }
        server.cut_archives_after(usize::MAX);
        machine.install(&[]).worked(&["waypost 1.2.4 is installed"]);
    }
}

#[test]
fn an_archive_that_was_cut_at_the_server_is_no_program() {
    let machine = with_an_old_one(Userland::Dash);
    let before = machine.listing();
    let archive = fs::read(machine.releases.archive("1.2.4")).unwrap();
    for length in [0, 1, archive.len() / 2, archive.len() - 1] {
        fs::write(machine.releases.archive("1.2.4"), &archive[..length]).unwrap();
        machine.install(&[]).failed(&["is not what the release says it is", "broke off"]);
        assert_eq!(machine.listing(), before);
    }
    fs::remove_file(machine.releases.archive("1.2.4")).unwrap();
    machine.install(&[]).failed(&["could not be downloaded"]);
    assert_eq!(machine.listing(), before);
}

#[test]
fn without_a_network_it_says_which_address_it_tried() {
    for userland in USERLANDS {
        let mut machine = with_an_old_one(userland);
        let before = machine.listing();
        machine.set("WAYPOST_RELEASES", "http://127.0.0.1:1/releases");
        machine.install(&[]).failed(&[
            "http://127.0.0.1:1/releases/latest/download/SHA256SUMS",
            "HTTPS_PROXY",
            "WAYPOST_RELEASES",
        ]);
        machine.set("WAYPOST_RELEASES", "/no/such/folder");
        machine.install(&[]).failed(&["there is no file /no/such/folder"]);
        assert_eq!(machine.listing(), before);
    }
    let mut machine = with_an_old_one(Userland::Dash);
    machine.set("WAYPOST_RELEASES", "https://127.0.0.1:1");
    machine.only_tools(
        &["uname", "mktemp", "mkdir", "rm", "rmdir", "dirname", "find", "sha256sum", "awk", "ssh-keygen", "grep"],
        &[],
    );
    machine.install(&[]).failed(&["neither curl nor wget is here", "WAYPOST_RELEASES=DIR"]);
}

#[test]
fn a_machine_that_has_no_release_is_told_what_else_there_is() {
    let machine_of = |system: &str, machine: &str| {
        let mut user = Machine::with_release(Userland::Dash, "1.2.3");
        user.shadow("uname", &format!("#!/bin/sh\n[ \"$1\" = -s ] && echo {system} || echo {machine}\n"));
        user
    };
    for (system, machine) in [("Linux", "riscv64"), ("FreeBSD", "amd64"), ("SunOS", "sun4v")] {
        let user = machine_of(system, machine);
        user.install(&[]).failed(&[&format!("there is no release for {system} on {machine}"), "--from-source"]);
        assert_eq!(user.listing(), [""; 0]);
    }
    // One that releases may have, and this one has not.
    for (system, machine, triple) in
        [("Darwin", "arm64", "aarch64-apple-darwin"), ("Darwin", "x86_64", "x86_64-apple-darwin")]
    {
        let user = machine_of(system, machine);
        user.install(&[]).failed(&[&format!("has nothing for this machine ({triple})"), "--version", "--from-source"]);
        assert_eq!(user.listing(), [""; 0]);
    }
    Machine::with_release(Userland::Dash, "1.2.3")
        .install(&["--version", "9.9.9"])
        .failed(&["download/v9.9.9/SHA256SUMS"]);
}

#[test]
fn where_nothing_can_be_written_it_names_a_place_that_can() {
    for userland in USERLANDS {
        let machine = with_an_old_one(userland);
        let before = machine.listing();
        machine.install(&["--prefix", "/proc/waypost"]).failed(&["/proc/waypost/bin cannot be made", "--prefix"]);
        machine.install(&["--prefix", "/usr"]).failed(&["nothing can be written in /usr/bin", "--prefix"]);
        assert_eq!(machine.listing(), before);

        let bin = machine.home().join(".local/bin");
        fs::set_permissions(&bin, fs::Permissions::from_mode(0o555)).unwrap();
        machine.install(&[]).failed(&["nothing can be written in", "--prefix"]);
        assert_eq!(machine.installed().as_deref(), Some("1.2.3"), "{userland:?}");
        fs::set_permissions(&bin, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(machine.listing(), before, "{userland:?}");
    }
}

#[test]
fn a_wrong_command_line_does_nothing() {
    let machine = Machine::with_release(Userland::Dash, "1.2.3");
    for args in [&["--verison", "1"][..], &["--version"], &["--prefix"], &["--version", "1/../2"], &["1.2.3"]] {
        let ran = machine.install(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.said);
        assert!(ran.said.contains("--help"), "{}", ran.said);
    }
    machine.install(&["--key-file", "missing"]).failed(&["missing cannot be read"]);
    assert_eq!(machine.listing(), [""; 0]);
    machine.install(&["--help"]).worked(&["Usage: install.sh", "WAYPOST_RELEASES", "Examples:"]);
}

#[test]
fn half_a_script_does_nothing() {
    let machine = Machine::with_release(Userland::Dash, "1.2.3");
    let script = fs::read(machine.script()).unwrap();
    // A cut in any line, and after any line.
    let ends = script.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    for end in ends.filter(|end| *end + 1 < script.len()) {
        for cut in [end.saturating_sub(1), end + 1] {
            machine.install_piped(&script[..cut], &[]);
            assert_eq!(machine.listing(), [""; 0], "the first {cut} bytes did something");
        }
    }
    machine.install_piped(&script, &[]).worked(&["waypost 1.2.3 is installed"]);
}
