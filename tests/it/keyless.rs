//! Joining without a key, both ends ours. By a handle: the node shows its code, the gateway's operator decides, the node goes on or
//! ends. By an enrolment token.

use crate::support::{Gateway, Node, Process, TestEnv, wait_until};
use serde_json::{Value, json};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

/// A setup that waits, and the code that it shows.
async fn waiting(env: &TestEnv, gateway: &Gateway, home: &str) -> (Process, String) {
    let mut command = env.waypost(home);
    command.args(["node", "setup", "--handle", "ada", "--gateway", &gateway.url, "--name", home, "--json"]);
    let setup = Process::spawn(command);
    let mut code = String::new();
    wait_until("it shows a code", LIMIT, async || {
        let shown = setup.stderr();
        let line = shown.lines().find(|line| line.contains("approval_code")).ok_or_else(|| shown.clone())?;
        let told: Value = serde_json::from_str(line).map_err(|cut| cut.to_string())?;
        code = told["approval_code"].as_str().unwrap_or_default().to_owned();
        Ok(())
    })
    .await;
    (setup, code)
}

fn operator(env: &TestEnv, args: &[&str]) -> Value {
    let (code, out, err) = env.run("gw", &[&["gateway"], args, &["--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_approves_a_node_and_it_works() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let (mut setup, code) = waiting(&env, &gateway, "attic").await;
    let asked = operator(&env, &["registrations"]);
    assert_eq!((&asked["items"][0]["code"], &asked["items"][0]["replaces"]), (&json!(code), &Value::Null), "{asked}");
    // Codes are read out: case does not matter.
    assert_eq!(operator(&env, &["approve", &code.to_lowercase()])["state"], "approved");
    assert!(setup.wait(LIMIT).success(), "{}", setup.stderr());
    let joined: Value = serde_json::from_str(&setup.stdout()).unwrap();
    assert_eq!((&joined["name"], &joined["protocol"]), (&json!("attic"), &json!(2)));
    // The node that came of it is not one that it replaces.
    let approved = operator(&env, &["registrations"]);
    assert_eq!(approved["items"][0]["replaces"], Value::Null, "{approved}");
    let (exit, _, err) = env.run("gw", &["gateway", "reject", &code]);
    assert!(exit != 0 && err.contains("approved already"), "{exit} {err}");

    let (_node, _) = Node::run(&env, "attic");
    let job = gateway.submit(&json!({"operation": "workspaces.list", "node": "attic"})).await;
    assert_eq!(gateway.end_of(&job, LIMIT).await["state"], "succeeded");

    // It asks again: now it would replace itself, and stays what it is when nobody approves.
    let (mut again, code) = waiting(&env, &gateway, "attic").await;
    let asked = operator(&env, &["registrations"]);
    let items = asked["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["code"] == code).unwrap();
    assert_eq!((&item["replaces"], &item["node_id"]), (&json!("attic"), &joined["node_id"]));
    again.signal(rustix::process::Signal::INT);
    assert_eq!(again.wait(LIMIT).code(), Some(130), "{}", again.stderr());
    let job = gateway.submit(&json!({"operation": "workspaces.list", "node": "attic"})).await;
    assert_eq!(gateway.end_of(&job, LIMIT).await["state"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_turns_a_node_away_and_it_may_ask_again() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let (mut setup, code) = waiting(&env, &gateway, "attic").await;
    assert_eq!(operator(&env, &["reject", &code])["state"], "rejected");
    assert_eq!(setup.wait(LIMIT).code(), Some(1), "{}", setup.stderr());
    assert!(setup.stderr().contains("rejected"), "{}", setup.stderr());
    assert!(!env.path("attic/config.json").exists() && !env.path("attic/node.key").exists());
    let (exit, _, err) = env.run("gw", &["gateway", "approve", &code]);
    assert!(exit != 0 && err.contains("rejected already"), "{exit} {err}");

    let (mut setup, code) = waiting(&env, &gateway, "attic").await;
    operator(&env, &["approve", &code]);
    assert!(setup.wait(LIMIT).success(), "{}", setup.stderr());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_token_makes_the_node_that_the_operator_named() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let made = operator(&env, &["enrollment", "create", "--node", "cellar"]);
    let enroll = || {
        let mut command = env.waypost("box");
        command.args(["enroll", "--json", "--gateway", &gateway.url, "--node-id", made["node_id"].as_str().unwrap()]);
        command.env("MSWARM_SELF_HOSTED_ENROLLMENT_TOKEN", made["enrollment_token"].as_str().unwrap());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, err) = enroll();
    assert_eq!(code, Some(0), "{err}");
    let config: Value = serde_json::from_str(&std::fs::read_to_string(env.path("box/config.json")).unwrap()).unwrap();
    assert_eq!(config["server_name"], "cellar");
    let (_node, _) = Node::run(&env, "box");
    let job = gateway.submit(&json!({"operation": "workspaces.list", "node": "cellar"})).await;
    assert_eq!(gateway.end_of(&job, LIMIT).await["state"], "succeeded");
    let (code, err) = enroll();
    assert!(code == Some(12) && err.contains("running already"), "{code:?} {err}");
}
