//! The owner's key on its way to `waypost node install`: in no process's arguments, in no file.

use super::machine::{Machine, USERLANDS, Userland, run};
use std::fs;

const KEY: &str = "msw_a-key-that-nobody-may-see-0123456789";

#[test]
fn it_goes_through_a_pipe_and_is_in_no_argument() {
    for userland in USERLANDS {
        let machine = Machine::with_release(userland, "1.2.3");
        let trace = machine.home().join("trace");
        let words =
            ["/usr/bin/strace", "-f", "-qq", "-s", "4096", "-e", "trace=execve", "-o", trace.to_str().unwrap(), "--"];
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).chain(machine.shell()).collect();
        let mut command = machine.command(&words);
        command.arg(machine.script()).args(["--key-stdin", "--", "--gateway", "https://gateway.example"]);
        run(command, KEY.as_bytes()).worked(&["waypost 1.2.3 is installed"]);

        let told = fs::read_to_string(machine.home().join("told")).unwrap();
        assert_eq!(told, KEY, "{userland:?}");
        let asked = fs::read_to_string(machine.home().join("asked")).unwrap();
        assert_eq!(asked, "node install --yes --api-key-stdin --gateway https://gateway.example\n", "{userland:?}");
        let trace = fs::read_to_string(trace).unwrap();
        assert!(trace.contains("--api-key-stdin"), "{userland:?}: nothing was traced: {trace}");
        assert!(!trace.contains(KEY), "{userland:?}: {trace}");
    }
}

#[test]
fn a_file_gives_it_too_and_again_is_no_other_than_first() {
    let machine = Machine::with_release(Userland::Dash, "1.2.3");
    let file = machine.home().join("key.txt");
    fs::write(&file, KEY).unwrap();
    machine.give(&file);
    for _ in 0..2 {
        machine.install(&["--key-file", file.to_str().unwrap()]).worked(&[]);
    }
    assert_eq!(fs::read_to_string(machine.home().join("told")).unwrap(), KEY.repeat(2));
    assert_eq!(
        fs::read_to_string(machine.home().join("asked")).unwrap(),
        "node install --yes --api-key-stdin\n".repeat(2)
    );
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let machine = Machine::with_release(Userland::Dash, "1.2.3");
    machine.install(&[]).worked(&["next: ", "node install --api-key-stdin --gateway URL"]);
    assert!(!machine.home().join("asked").exists());
}

#[test]
fn a_node_that_is_installed_goes_first() {
    let machine = Machine::with_release(Userland::Dash, "1.2.3");
    machine.install(&[]).worked(&[]);
    let service = machine.home().join("service");
    // The stand-in fails to uninstall what is a directory.
    fs::create_dir(&service).unwrap();
    machine.install(&["--uninstall"]).failed(&["could not be uninstalled", "node uninstall"]);
    assert_eq!(machine.installed().as_deref(), Some("1.2.3"));
    fs::remove_dir(&service).unwrap();
    fs::write(&service, "").unwrap();
    machine.give(&service);
    machine.install(&["--uninstall"]).worked(&["removed"]);
    assert!(!service.exists() && !machine.program().exists());
}
