//! What goes well: first, again, another version, away.

use super::machine::{Machine, USERLANDS, Userland};
use super::releases::{MUSL, Releases, Server, TRIPLE};
use std::fs;
use std::os::unix::fs::MetadataExt as _;

#[test]
fn first_again_another_version_and_away_under_every_shell() {
    for userland in USERLANDS {
        let machine = Machine::with_release(userland, "1.2.3");
        let here = machine.program().display().to_string();
        machine.install(&["--dry-run"]).worked(&["would download", "waypost-1.2.3-", &here]);
        assert_eq!(machine.listing(), [""; 0], "{userland:?}: a dry run wrote");

        machine.install(&[]).worked(&["waypost 1.2.3 is installed: ", &here, "is not in your PATH", ".bashrc"]);
        assert_eq!(machine.installed().as_deref(), Some("1.2.3"), "{userland:?}");
        let before = machine.listing();
        assert_eq!(before.len(), 3, "{userland:?}: only the program and its two directories: {before:?}");

        machine.install(&[]).worked(&["waypost 1.2.3 is installed already"]);
        machine.install(&["--version", "v1.2.3"]).worked(&["waypost 1.2.3 is installed already"]);
        assert_eq!(machine.listing(), before, "{userland:?}: installing again changed something");

        machine.releases.add("1.3.0-rc.1");
        machine.install(&["--dry-run"]).worked(&["would replace waypost 1.2.3 with waypost 1.3.0-rc.1"]);
        assert_eq!(machine.listing(), before, "{userland:?}: a dry run wrote");
        machine.install(&[]).worked(&["waypost 1.3.0-rc.1 is installed, in place of 1.2.3", "waypost node restart"]);
        assert_eq!(machine.installed().as_deref(), Some("1.3.0-rc.1"), "{userland:?}");
        machine.install(&["--version", "1.2.3"]).worked(&["waypost 1.2.3 is installed, in place of 1.3.0-rc.1"]);
        assert_eq!(machine.installed().as_deref(), Some("1.2.3"), "{userland:?}");

        machine.install(&["--uninstall", "--dry-run"]).worked(&["would remove", &here]);
        assert_eq!(machine.installed().as_deref(), Some("1.2.3"), "{userland:?}");
        machine.install(&["--uninstall"]).worked(&["removed", &here]);
        assert_eq!(machine.installed(), None, "{userland:?}");
        machine.install(&["--uninstall"]).worked(&["nothing to remove"]);
    }
}

#[test]
fn a_release_comes_from_a_folder_a_file_url_or_a_server_through_curl_or_wget() {
    for userland in USERLANDS {
        let mut machine = Machine::with_release(userland, "1.2.3");
        let server = Server::start(&machine.releases.dir());
        for from in [format!("file://{}", machine.releases.dir()), server.url.clone()] {
            machine.set("WAYPOST_RELEASES", &from);
            machine.install(&[]).worked(&["waypost 1.2.3 is installed: "]);
            machine.install(&["--uninstall"]).worked(&["removed"]);
        }
    }
}

#[test]
fn a_prefix_may_have_any_name_and_the_lines_for_the_path_work_as_printed() {
    for name in ["/my \"odd\" $x é", "/it's"] {
        let machine = Machine::with_release(Userland::Dash, "1.2.3");
        let prefix = format!("{}{name}", machine.home().display());
        let ran = machine.install(&["--prefix", &prefix]).worked(&["is not in your PATH"]);
        let lines: Vec<&str> = ran.said.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        let typed = format!("set -e\n{}\n. ~/.bashrc\nwaypost --version", lines.join("\n"));
        let typed = super::machine::run(machine.command(&["/bin/bash".to_owned(), "-c".to_owned(), typed]), b"");
        typed.worked(&["waypost 1.2.3"]);
        let line = fs::read_to_string(machine.home().join(".bashrc")).unwrap();
        assert!(line.contains("export PATH="), "{line}");
    }
}

#[test]
fn the_path_is_not_talked_of_when_it_is_right() {
    let mut machine = Machine::with_release(Userland::Dash, "1.2.3");
    let path = format!("/usr/bin:{}", machine.home().join(".local/bin").display());
    machine.set("PATH", &path);
    let ran = machine.install(&[]).worked(&["is installed"]);
    assert!(!ran.said.contains("PATH"), "{}", ran.said);
}

#[test]
fn what_does_not_start_is_not_installed_and_the_other_c_library_is_tried() {
    let machine = Machine::new(Userland::Dash);
    let broken = "#!/no/such/loader\n";
    machine.releases.add_for("1.2.3", &[(TRIPLE, broken), (MUSL, Releases::program())]);
    machine.install(&[]).worked(&["waypost 1.2.3 is installed"]);
    assert_eq!(machine.installed().as_deref(), Some("1.2.3"));
    let before = machine.listing();

    machine.releases.add_for("1.2.4", &[(TRIPLE, broken), (MUSL, broken)]);
    machine.install(&[]).failed(&["waypost 1.2.4 does not run on this machine", "--from-source"]);
    assert_eq!(machine.listing(), before);
}

#[test]
fn the_old_program_is_replaced_in_one_step() {
    let machine = Machine::with_release(Userland::Dash, "1.2.3");
    machine.install(&[]).worked(&[]);
    // Whoever has the old one open keeps it whole: it is another file that takes its name.
    let old = fs::File::open(machine.program()).unwrap();
    machine.releases.add("1.2.4");
    machine.install(&[]).worked(&[]);
    assert_eq!(old.metadata().unwrap().nlink(), 0);
    assert!(std::io::read_to_string(old).unwrap().contains("waypost 1.2.3"));
}
