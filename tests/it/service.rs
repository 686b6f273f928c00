//! `node start`, `stop` and `restart`, with a `systemctl` that is played: the machine's own may have a node of its owner's.

use crate::support::{Gateway, Node, TestEnv};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// Runs a verb where `systemctl` is this script.
fn run(env: &TestEnv, home: &str, systemctl: &str, args: &[&str]) -> (i32, String, String) {
    let bin = env.path("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("text"), format!("#!/bin/sh\n{systemctl}\n")).unwrap();
    // By another process: what this one has open for writing, another thread's child has open too, and it cannot be run.
    let mut install = Command::new("install");
    let installed = install.args(["-m", "755"]).args([bin.join("text"), bin.join("systemctl")]).status().unwrap();
    assert!(installed.success());
    let mut command = env.waypost(home);
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).arg("node").args(args);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn without_a_service_the_way_out_is_said() {
    let env = TestEnv::new();
    let unknown = "echo LoadState=not-found";
    for (systemctl, options) in
        [("echo 'Failed to connect to bus' >&2; exit 1", &[][..]), (unknown, &[]), (unknown, &["--system"])]
    {
        for verb in ["start", "stop", "restart"] {
            let (code, out, err) = run(&env, "box", systemctl, &[&[verb], options].concat());
            assert_eq!((code, out.as_str()), (4, ""), "{verb}: {err}");
            assert!(err.contains("not installed") && err.contains("waypost node install KEY"), "{verb}: {err}");
        }
    }
}

#[test]
fn a_node_in_the_foreground_is_named_by_its_process() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    let pid = node.process.pid().to_string();
    let (code, _, err) = run(&env, "box", "echo LoadState=not-found", &["stop"]);
    assert!(code == 4 && err.contains("foreground") && err.contains(&pid), "{code}: {err}");
    let stopped = "echo LoadState=loaded; echo ActiveState=inactive";
    let (code, _, err) = run(&env, "box", stopped, &["start"]);
    assert!(code == 12 && err.contains(&pid), "{code}: {err}");
    let (code, _, err) = run(&env, "box", stopped, &["stop", "--json"]);
    let said: Value = serde_json::from_str(&err).unwrap();
    assert!(code == 1 && said["error"]["message"].as_str().unwrap().contains(&pid), "{code}: {err}");
}

#[test]
fn an_installation_says_first_what_the_command_line_lacks() {
    let env = TestEnv::new();
    let run = |args: &[&str]| {
        let output = env.waypost("home").args(["node", "install", "--user"]).args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run(&[]);
    assert!(code == Some(2) && said.contains("--gateway"), "{said}");
    let (code, said) = run(&["--gateway", "https://gateway.example"]);
    assert!(
        code == Some(2) && said.contains("--api-key-stdin") && said.contains("waypost gateway key create"),
        "{said}"
    );
    let (code, said) = run(&["msw_key", "--gateway", "no address"]);
    assert!(code == Some(2) && said.contains("no address") && !said.contains("msw_key"), "{said}");
    assert!(!env.path("home").exists(), "something was made for it");
}

#[test]
fn a_key_does_not_stay_among_the_arguments() {
    let env = TestEnv::new();
    // It accepts, and never answers: the program waits for it.
    let gateway = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gateway.local_addr().unwrap());
    let mut command = env.waypost("home");
    command.args(["node", "setup", "msw_a-key-that-nobody-shall-see", "--gateway", &url]);
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    let _connection = gateway.accept().unwrap();
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let arguments = String::from_utf8(arguments).unwrap();
    assert!(arguments.contains("--gateway") && arguments.contains("xxxx"), "{arguments:?}");
    assert!(!arguments.contains("nobody"), "{arguments:?}");
}
