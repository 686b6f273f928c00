//! The node's commands as an owner uses them.

mod doctor;
mod logs;

use crate::support::{Gateway, Node, TestEnv, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn setup_again_is_the_same_node_and_keeps_what_is_not_given() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let setup = |more: &[&str]| {
        let args = [&["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--json"], more].concat();
        let (code, out, err) = env.run("box", &args);
        assert_eq!(code, 0, "{err}");
        json_of(&out)
    };
    let first = setup(&["--name", "My Box!", "--labels", "gpu=true,zone=a", "--max-concurrent-jobs", "3"]);
    assert_eq!((&first["created"], &first["name"]), (&json!(true), &json!("my-box")));
    let again = setup(&[]);
    assert_eq!(
        (&again["created"], &again["node_id"], &again["name"]),
        (&json!(false), &first["node_id"], &json!("my-box"))
    );
    let config = json_of(&std::fs::read_to_string(env.path("box/config.json")).unwrap());
    assert_eq!((&config["labels"]["gpu"], &config["max_concurrent_jobs"]), (&json!("true"), &json!(3)));
    let node = gateway.get("/v1/nodes/my-box").await;
    assert_eq!(node["labels"], json!({ "gpu": "true", "zone": "a" }));
}

#[test]
fn setup_takes_the_key_from_standard_input_and_refuses_half_given_ones() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let key = env.path("key");
    std::fs::write(&key, format!("{}\n", gateway.enroll)).unwrap();
    let mut command = env.waypost("box");
    command.args(["node", "setup", "--api-key-stdin", "--gateway", &gateway.url]);
    let output = command.stdin(std::fs::File::open(&key).unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    for (args, word) in [
        (vec!["node", "setup", "--gateway", &gateway.url], "key"),
        (vec!["node", "setup", &gateway.enroll, "--api-key-stdin", "--gateway", &gateway.url], "--api-key-stdin"),
        (vec!["node", "setup", "--api-key-stdin", "--gateway", &gateway.url], "empty"),
        (vec!["node", "setup", &gateway.enroll, "--gateway", "not a url"], "gateway"),
        (vec!["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--labels", "gpu"], "gpu"),
    ] {
        let (code, _, err) = env.run("other", &args);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(word), "{args:?}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_doctor_tell_the_truth_and_send_nothing() {
    let env = TestEnv::new();
    let mut gateway = Gateway::start(&env);
    for command in ["status", "doctor", "run", "once"] {
        let (code, _, err) = env.run("box", &["node", command]);
        assert_eq!(code, 4, "{command}: {err}");
        assert!(err.contains("waypost node setup"), "{command}: {err}");
    }
    let mut node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    let status = wait_until("status says online", Duration::from_secs(10), async || {
        let (code, out, err) = env.run("box", &["node", "status", "--json"]);
        let status: Value = serde_json::from_str(&out).map_err(|_| err.clone())?;
        if code == 0 && status["state"] == "online" { Ok(status) } else { Err(out) }
    })
    .await;
    for part in ["process", "link", "claims", "outbox"] {
        let condition = status["conditions"].as_array().unwrap().iter().find(|condition| condition["type"] == part);
        assert_eq!(condition.unwrap_or_else(|| panic!("no condition {part}: {status:#}"))["ok"], true, "{status:#}");
    }
    assert_eq!(status["pid"], node.process.pid());
    let (code, out, err) = env.run("box", &["node", "doctor"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(env.run("box", &["node", "health"]).0, 0);

    node.process.signal(Signal::TERM);
    assert_eq!(node.process.wait(Duration::from_secs(20)).code(), Some(0), "{}", node.process.stderr());
    let (code, out, _) = env.run("box", &["node", "status", "--json"]);
    assert_eq!((code, &json_of(&out)["state"]), (3, &json!("stopped")));
    let before = Instant::now();
    let seen = gateway.get("/v1/nodes/box").await["last_seen_ms"].as_u64().unwrap();
    let (code, out, _) = env.run("box", &["node", "doctor", "--json"]);
    let report = json_of(&out);
    assert_eq!((code, &report["ok"]), (11, &json!(false)), "{report:#}");
    let failed = report["checks"].as_array().unwrap().iter().find(|check| check["ok"] == false).unwrap();
    assert!(failed["fix"].as_str().is_some_and(|fix| fix.contains("waypost node run")), "{report:#}");
    let later = gateway.get("/v1/nodes/box").await["last_seen_ms"].as_u64().unwrap();
    assert!(later + 5 >= seen + u64::try_from(before.elapsed().as_millis()).unwrap() / 2, "doctor sent a heartbeat");

    gateway.kill();
    let (code, out, _) = env.run("box", &["node", "doctor", "--json"]);
    let report = json_of(&out);
    assert_eq!(code, 11, "{report:#}");
    let check = |name: &str| report["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).cloned();
    assert_eq!(check("gateway").unwrap()["ok"], false, "{report:#}");
    assert_eq!(check("config").unwrap()["ok"], true, "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_signal_lets_what_runs_finish_the_second_ends_it() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let mut node = Node::start(&env, &gateway, "box");
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    let running = async |command: &str| {
        let params = json!({ "id": "w", "command": command });
        let id = gateway.submit(&json!({ "node": "box", "operation": "workspaces.execute", "params": params })).await;
        wait_until("it runs", Duration::from_secs(10), async || {
            let job = gateway.get(&format!("/v1/jobs/{id}")).await;
            if job["state"] == "running" { Ok(()) } else { Err(job.to_string()) }
        })
        .await;
        id
    };
    let id = running("sleep 1.5; echo finished").await;
    node.process.signal(Signal::TERM);
    let queued = gateway.submit(&json!({ "node": "box", "operation": "workspaces.list" })).await;
    assert_eq!(node.process.wait(Duration::from_secs(20)).code(), Some(0), "{}", node.process.stderr());
    let job = gateway.get(&format!("/v1/jobs/{id}")).await;
    assert_eq!((&job["state"], &job["result"]["stdout"]), (&json!("succeeded"), &json!("finished\n")), "{job:#}");
    assert_eq!(gateway.get(&format!("/v1/jobs/{queued}")).await["state"], "queued");

    (node.process, node.api_url) = Node::run(&env, "box");
    assert_eq!(gateway.end_of(&queued, Duration::from_secs(20)).await["state"], "succeeded");
    let id = running("sleep 1000").await;
    node.process.signal(Signal::TERM);
    wait_until("it drains", Duration::from_secs(10), async || {
        let (_, out, _) = env.run("box", &["node", "status", "--json"]);
        if out.contains("\"draining\"") { Ok(()) } else { Err(out) }
    })
    .await;
    let begun = Instant::now();
    node.process.signal(Signal::TERM);
    node.process.wait(Duration::from_secs(15));
    assert!(begun.elapsed() < Duration::from_secs(12));
    let job = gateway.end_of(&id, Duration::from_secs(10)).await;
    assert_ne!(job["state"], "succeeded", "{job:#}");
    assert!(job["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{job:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_takes_what_is_there_and_ends() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let args = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box"];
    assert_eq!(env.run("box", &args).0, 0);
    let id = gateway.submit(&json!({ "node": "box", "operation": "workspaces.list" })).await;
    let (code, out, err) = env.run("box", &["node", "once", "--json"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(json_of(&out)["jobs"], 1, "{out}");
    let job = gateway.get(&format!("/v1/jobs/{id}")).await;
    assert_eq!((&job["state"], &job["result"]), (&json!("succeeded"), &json!([])), "{job:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_choose_the_node_and_nobody_else_takes_the_job() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _plain = Node::start(&env, &gateway, "plain");
    let args =
        ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "gpu-box", "--labels", "gpu=true"];
    assert_eq!(env.run("gpu", &args).0, 0);
    let job = json!({ "labels": { "gpu": "true" }, "operation": "workspaces.list" });
    let id = gateway.submit(&job).await;
    let waiting = gateway.get(&format!("/v1/jobs/{id}")).await;
    assert_eq!(waiting["state"], "queued", "{waiting:#}");
    assert!(waiting["reason"].as_str().is_some_and(|reason| reason != "waiting_for_slot"), "{waiting:#}");
    let (_process, _) = Node::run(&env, "gpu");
    let job = gateway.end_of(&id, Duration::from_secs(20)).await;
    assert_eq!((&job["state"], &job["node"]), (&json!("succeeded"), &json!("gpu-box")), "{job:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_names_the_port_and_the_way_out() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    let args = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "other"];
    assert_eq!(env.run("other", &args).0, 0);
    let taken = node.api_url.trim_start_matches("http://");
    let (code, _, err) = env.run("other", &["node", "run", "--listen", taken]);
    assert!(code != 0 && err.contains(taken) && err.contains("--listen"), "{code} {err}");
    let (code, _, err) = env.run("gw", &["gateway", "serve", "--listen", "0.0.0.0:0"]);
    assert!(code == 2 || code == 7, "{code} {err}");
    assert!(err.contains("TLS"), "{err}");
}
