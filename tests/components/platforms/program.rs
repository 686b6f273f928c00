//! The Windows program itself.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

fn waypost(arguments: &[&str]) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    let ran = command.args(arguments).env("WAYPOST_HOME", home.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

#[test]
fn it_says_its_version() {
    let (code, out, _) = waypost(&["--version"]);
    assert_eq!((code, out.trim()), (Some(0), concat!("waypost ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_node_that_is_not_set_up_ends_with_its_code() {
    let (code, _, err) = waypost(&["node", "run"]);
    assert_eq!(code, Some(4), "{err}");
}

/// Ended when it is dropped.
struct Gateway(Child);

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_installation_is_planned_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let data_arg = data.path().to_str().unwrap();
    let make_key = |scope: &str| {
        let (code, key, err) = waypost(&["gateway", "key", "create", "--scope", scope, "--data", data_arg]);
        assert_eq!(code, Some(0), "{err}");
        key.trim().to_owned()
    };
    let (key, call) = (make_key("enroll"), make_key("call"));
    let mut gateway = Command::new(env!("CARGO_BIN_EXE_waypost"));
    gateway.args(["gateway", "serve", "--listen", "127.0.0.1:0", "--json", "--data", data_arg]);
    let mut gateway = Gateway(gateway.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(gateway.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let url = ready["listening"].as_str().unwrap();

    let install = ["node", "install", &key, "--gateway", url, "--dry-run", "--json"];
    let (code, plan, err) = waypost(&install);
    assert_eq!(code, Some(0), "{err}");
    assert!(!plan.contains(&key) && !err.contains(&key), "the key is shown");
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let is = |step: &Value, part: &str| step["what"].as_str().is_some_and(|what| what.contains(part));
    assert!(steps.iter().any(|step| is(step, "schtasks")), "{plan:#}");
    let task = steps.iter().find_map(|step| step["content"].as_str().filter(|text| text.contains("<Task ")));
    let task = task.unwrap_or_else(|| panic!("no step shows the task: {plan:#}"));
    assert!(task.contains("waypost.exe") && task.contains("<ExecutionTimeLimit>PT0S<"), "{task}");
    let (code, nodes, err) = waypost(&["gateway", "node", "list", "--url", url, "--token", &call, "--json"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(!nodes.contains("shn_"), "the plan has joined: {nodes}");
}
