//! `--from-source`, with a real cargo and a very small checkout.

use super::machine::{Machine, Userland, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAIN: &str = "fn main() { println!(\"waypost {}\", env!(\"CARGO_PKG_VERSION\")); }\n";

fn checkout(machine: &Machine, version: &str) -> PathBuf {
    let dir = machine.beside("checkout");
    fs::create_dir_all(dir.join("src")).unwrap();
    let manifest = format!("[package]\nname = \"waypost\"\nversion = \"{version}\"\nedition = \"2024\"\n[workspace]\n");
    fs::write(dir.join("Cargo.toml"), manifest).unwrap();
    fs::write(dir.join("src/main.rs"), MAIN).unwrap();
    let locked =
        Command::new(env!("CARGO")).args(["generate-lockfile", "--offline"]).current_dir(&dir).output().unwrap();
    assert!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));
    dir
}

/// As whoever runs the test: another user has no Rust.
fn build(machine: &Machine, from: &Path) -> super::machine::Ran {
    let mut command = Command::new("sh");
    command.arg(machine.script()).arg("--from-source").arg(from);
    command.arg("--prefix").arg(machine.home().join(".local")).current_dir(machine.home());
    let cargo = Path::new(env!("CARGO")).parent().unwrap().display().to_string();
    command.env("PATH", format!("{cargo}:{}", std::env::var("PATH").unwrap())).env_remove("CARGO_TARGET_DIR");
    run(command, b"")
}

#[test]
fn a_checkout_is_built_and_installed_and_again_changes_nothing() {
    let machine = Machine::new(Userland::Dash);
    let from = checkout(&machine, "7.7.7");
    build(&machine, &from).worked(&["waypost 7.7.7 is installed: "]);
    assert_eq!(machine.installed().as_deref(), Some("7.7.7"));
    let before = machine.listing();
    build(&machine, &from).worked(&["of this source is installed already"]);
    assert_eq!(machine.listing(), before);

    fs::write(from.join("src/main.rs"), "no program").unwrap();
    build(&machine, &from).failed(&["the build failed; nothing was installed"]);
    build(&machine, &machine.home()).failed(&["is not a checkout of waypost", "--from-source DIR"]);
    assert_eq!(machine.listing(), before);

    checkout(&machine, "7.7.8");
    build(&machine, &from).worked(&["waypost 7.7.8 is installed, in place of 7.7.7"]);
}
