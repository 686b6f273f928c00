//! `waypost up`: the README's first command.

use crate::support::{Process, TestEnv};
use std::time::Duration;

#[test]
fn up_runs_a_first_real_job_says_what_is_there_and_its_suggestions_work() {
    let env = TestEnv::new();
    let mut command = env.waypost("home");
    command.args(["up", "--dir"]).arg(env.path("state"));
    let mut up = Process::spawn(command);
    up.wait_line("Ctrl-C", Duration::from_secs(30));
    let said = up.stdout();
    for part in ["gateway", "node", "first job", "waypost job list", "export WAYPOST_URL=", "export WAYPOST_TOKEN="] {
        assert!(said.contains(part), "'{part}' is missing:\n{said}");
    }

    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(&format!("export {name}="))).unwrap();
        line.trim_matches('\'').to_owned()
    };
    let script = said.lines().find_map(|line| line.trim().strip_prefix("waypost execute ")).expect("an execute to try");
    let shell = std::process::Command::new("sh")
        .args(["-c", &format!("{} execute {script}", env!("CARGO_BIN_EXE_waypost"))])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", env.root())
        .env("WAYPOST_URL", value("WAYPOST_URL"))
        .env("WAYPOST_TOKEN", value("WAYPOST_TOKEN"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(shell.status.success() && !shell.stdout.is_empty(), "{}", String::from_utf8_lossy(&shell.stderr));

    up.signal(rustix::process::Signal::INT);
    assert_eq!(up.wait(Duration::from_secs(20)).code(), Some(0), "{}", up.stderr());
}

#[test]
fn up_twice_in_one_directory_is_refused_the_second_time() {
    let env = TestEnv::new();
    let start = || {
        let mut command = env.waypost("home");
        command.args(["up", "--dir"]).arg(env.path("state"));
        command
    };
    let mut first = Process::spawn(start());
    first.wait_line("Ctrl-C", Duration::from_secs(30));
    let second = start().output().unwrap();
    let err = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(12), "{err}");
    assert!(err.contains("running already"), "{err}");
}
