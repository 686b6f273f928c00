//! The gateway's data directory: made private, served by one gateway, never made up.

use crate::support::{Process, TestEnv};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

fn serve(env: &TestEnv) -> std::process::Command {
    let mut command = env.waypost("box");
    command.args(["gateway", "serve", "--listen", "127.0.0.1:0", "--json"]);
    command
}

#[test]
fn the_readme_s_order_works_on_a_fresh_machine_whose_new_directories_are_open() {
    let env = TestEnv::new();
    let (code, key, err) = env.run("deep/box", &["gateway", "key", "create", "--scope", "enroll"]);
    assert_eq!(code, 0, "{err}");
    let mut command = env.waypost("deep/box");
    command.args(["gateway", "serve", "--listen", "127.0.0.1:0", "--json"]);
    let mut gateway = Process::spawn(command);
    let line = gateway.wait_line("\"listening\"", Duration::from_secs(20));
    let url = serde_json::from_str::<serde_json::Value>(&line).unwrap()["listening"].as_str().unwrap().to_owned();
    // The node shares the directory that the gateway made.
    let (code, _, err) = env.run("deep/box", &["node", "setup", key.trim(), "--gateway", &url]);
    assert_eq!(code, 0, "{err}");
    for file in ["gateway/gateway.db", "gateway/gateway.db-wal", "gateway/lock", "config.json", "node.key"] {
        let mode = fs::metadata(env.path("deep/box").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} has mode {mode:o}");
    }
}

#[test]
fn one_gateway_serves_a_directory_while_keys_can_be_made_beside_it() {
    let env = TestEnv::new();
    let mut first = Process::spawn(serve(&env));
    first.wait_line("\"listening\"", Duration::from_secs(20));
    let second = serve(&env).output().unwrap();
    let err = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(12), "{err}");
    assert!(err.contains(&first.pid().to_string()) && err.contains("box/gateway"), "{err}");

    for args in [&["gateway", "key", "create", "--scope", "call"][..], &["gateway", "key", "list"]] {
        let (code, _, err) = env.run("box", args);
        assert_eq!(code, 0, "{args:?}: {err}");
    }
    first.kill();
    let mut again = Process::spawn(serve(&env));
    again.wait_line("\"listening\"", Duration::from_secs(20));
}

#[test]
fn a_mistyped_shared_or_damaged_directory_is_named_and_left_alone() {
    let env = TestEnv::new();
    let (code, _, err) = env.run("box", &["gateway", "key", "list", "--data", "typo"]);
    assert_eq!((code, env.path("typo").exists()), (13, false), "{err}");

    let shared = env.path("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("file"), "").unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
    let (code, _, err) = env.run("box", &["gateway", "key", "create", "--scope", "call", "--data", "shared"]);
    assert!(code == 7 && err.contains("chmod 700"), "{code} {err}");
    assert_eq!(fs::metadata(&shared).unwrap().permissions().mode() & 0o777, 0o755);

    let damaged = env.path("damaged");
    fs::create_dir(&damaged).unwrap();
    fs::write(damaged.join("gateway.db"), "this is not a database, whatever its name says").unwrap();
    fs::set_permissions(&damaged, fs::Permissions::from_mode(0o700)).unwrap();
    let (code, _, err) = env.run("box", &["gateway", "serve", "--listen", "127.0.0.1:0", "--data", "damaged"]);
    assert!(code == 7 && err.contains("gateway.db") && err.contains("move it away"), "{code} {err}");
}
