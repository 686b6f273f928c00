//! Joining: by handle, by enrolment token, and what the environment of mswarm nodes says.

use super::script::{Answer, Script};
use super::{SOON, joined, run, until};
use crate::support::{Process, TestEnv};
use serde_json::{Value, json};

fn config(env: &TestEnv) -> Value {
    serde_json::from_str(&std::fs::read_to_string(env.path("box/config.json")).unwrap()).unwrap()
}

fn registered() -> Answer {
    Answer::Json(json!({ "node_id": "shn_fake01", "status": "pending", "approval_code": "ABCD-1234", "handle": "ada" }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_shows_a_code_and_waits_for_its_owner() {
    let (env, script) = (TestEnv::new(), Script::start(30).await);
    script.next("register", [registered()]);
    let approved =
        json!({ "status": "approved", "node": { "node_id": "shn_fake01" }, "runtime_token": "msn_approved" });
    script.next("claim", [Answer::Json(json!({ "status": "pending" })), Answer::Json(approved)]);
    let mut command = env.waypost("box");
    // A key in the environment is not the one that counts, and is not sent.
    command.args(["node", "setup", "ada", "--gateway", &script.url, "--json"]).env("MSWARM_API_KEY", "msw_other");
    let mut setup = Process::spawn(command);
    assert!(setup.wait(SOON).success(), "{}", setup.stderr());
    let joined: Value = serde_json::from_str(&setup.stdout()).unwrap();
    assert_eq!(joined["node_id"], "shn_fake01");
    let told = setup.stderr();
    assert!(told.contains("the handle ada is used"), "{told}");
    let code = told.lines().find(|line| line.contains("approval_code")).unwrap();
    let code: Value = serde_json::from_str(code).unwrap();
    assert_eq!((&code["registration"], &code["approval_code"]), (&json!("pending"), &json!("ABCD-1234")));
    assert_eq!(std::fs::read_to_string(env.path("box/node.key")).unwrap().trim(), "msn_approved");
    assert!(["register", "claim"].iter().all(|call| script.calls(call)[0].credential.is_empty()));
    assert_eq!((script.count("claim"), script.count("bootstrap")), (2, 0));
    let wait = script.calls("claim")[1].at - script.calls("claim")[0].at;
    assert!((3.9..30.0).contains(&wait.as_secs_f64()), "{wait:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_may_reject_and_whoever_waits_may_stop() {
    let (env, script) = (TestEnv::new(), Script::start(30).await);
    script.always("register", Some(registered()));
    script.next("claim", [Answer::Json(json!({ "status": "rejected" }))]);
    let (code, out, err) = env.run("box", &["node", "setup", "--handle", "ada", "--gateway", &script.url]);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("approval code ABCD-1234") && err.contains("rejected"), "{err}");

    script.always("claim", Some(Answer::Json(json!({ "status": "pending" }))));
    let mut command = env.waypost("box");
    command.args(["node", "setup", "--gateway", &script.url]).env("MSWARM_HANDLE", "ada");
    let mut setup = Process::spawn(command);
    until("it waits", || script.count("claim") >= 2).await;
    setup.signal(rustix::process::Signal::INT);
    assert_eq!(setup.wait(SOON).code(), Some(130), "{}", setup.stderr());
    assert!(!env.path("box/config.json").exists() && !env.path("box/node.key").exists());

    for args in [vec!["ada", "--handle", "bob"], vec!["--handle", "a b"]] {
        let args = [vec!["node", "setup", "--gateway", &script.url], args].concat();
        let (code, _, err) = env.run("box", &args);
        assert_eq!(code, 2, "{args:?}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_token_is_traded_once() {
    let (env, script) = (TestEnv::new(), Script::start(30).await);
    let enroll = |token: &str| {
        let mut command = env.waypost("box");
        command.args(["enroll", "--json"]).env("MSWARM_SELF_HOSTED_ENROLLMENT_TOKEN", token);
        command.env("MSWARM_SELF_HOSTED_NODE_ID", "shn_env").env("MSWARM_GATEWAY_BASE_URL", &script.url);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, _, err) = enroll("");
    assert!(code == Some(2) && err.contains("MSWARM_SELF_HOSTED_ENROLLMENT_TOKEN"), "{err}");
    script.next("enroll", [Answer::Json(json!({ "runtime_token": "msn_traded", "heartbeat_interval_seconds": 12 }))]);
    let (code, out, err) = enroll("mse_x");
    assert_eq!(code, Some(0), "{err}");
    let enrolled: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&enrolled["enrolled"], &enrolled["traded"]), (&json!(true), &json!(true)));
    assert_eq!(script.calls("enroll")[0].text, r#"{"node_id":"shn_env","enrollment_token":"mse_x"}"#);
    assert_eq!(config(&env)["heartbeat_interval_seconds"], 12);
    assert!(!config(&env).to_string().contains("mse_x"));
    assert_eq!(enroll("mse_y").0, Some(0));
    assert_eq!(script.count("enroll"), 1);
    let (code, _, err) = env.run("box", &["node", "once"]);
    assert_eq!(code, 0, "{err}");
    let beat = script.calls("heartbeat").remove(0);
    assert_eq!((beat.credential.as_str(), &beat.body["node_id"]), ("msn_traded", &json!("shn_env")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_says_what_nobody_else_does() {
    let (env, script) = (TestEnv::new(), Script::start(30).await);
    let setup = |variables: &[(&str, &str)]| {
        let mut command = env.waypost("box");
        command.args(["node", "setup", "--max-concurrent-jobs", "4"]).env("MSWARM_API_KEY", "msw_owner");
        command.env("MSWARM_GATEWAY_BASE_URL", &script.url);
        for (name, value) in variables {
            command.env(format!("MSWARM_SELF_HOSTED_{name}"), value);
        }
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, err) = setup(&[("RESERVED_PRIORITY_MAX", "101")]);
    assert!(code == Some(2) && err.contains("MSWARM_SELF_HOSTED_RESERVED_PRIORITY_MAX"), "{err}");
    assert_eq!(script.count("bootstrap"), 0);
    let (code, err) = setup(&[
        ("CLIENTS", "heka,192.0.2.10"),
        ("MAX_CONCURRENT_JOBS", "2"),
        ("MAX_CONCURRENT_LLM_JOBS", "3"),
        ("RESERVED_LLM_JOBS", "1"),
        ("RESERVED_PRIORITY_MAX", "-2"),
        ("MODEL_BLOCKLIST", "a, b"),
        ("EXPOSURE_POLICY", "none"),
        ("DRAIN_MODE", "yes"),
        ("LOAD_REPORTING", "0"),
    ]);
    assert_eq!(code, Some(0), "{err}");
    let sent = script.calls("bootstrap")[0].body.clone();
    let wanted = json!({
        "client_allowlist": [{ "kind": "domain", "value": "heka" }, { "kind": "ip", "value": "192.0.2.10" }],
        "max_concurrent_jobs": 4, "max_concurrent_llm_jobs": 3, "model_blocklist": ["a", "b"], "expose_all_models": false,
        "drain_mode": true, "load_reporting_enabled": false,
    });
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&sent[name], value, "{name}");
    }
    let kept = config(&env);
    assert_eq!((&kept["reserved_llm_jobs"], &kept["reserved_priority_max"]), (&json!(1), &json!(-2)));
    // Set up once, the environment moves nothing.
    assert_eq!(setup(&[("CLIENTS", "other"), ("DRAIN_MODE", "no")]).0, Some(0));
    assert_eq!(script.calls("bootstrap")[1].body["client_allowlist"], wanted["client_allowlist"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_added_and_removed_whether_the_node_runs_or_not() {
    let (env, script) = (TestEnv::new(), Script::start(30).await);
    joined(&env, &script);
    let change = |args: &[&str]| {
        let (code, out, err) = env.run("box", &[&["node"], args, &["--json"]].concat());
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let sent = || {
        let beats = script.calls("heartbeat");
        beats.last().map(|beat| beat.body["client_allowlist"].clone()).unwrap_or_default()
    };
    let kept = change(&["add-client", "Heka", "192.0.2.10", "--no-sync"]);
    assert_eq!((&kept["sync"], script.count("heartbeat")), (&json!({ "attempted": false }), 0));
    assert!(kept["client_allowlist"][0]["added_at"].is_string(), "{kept}");
    let told = change(&["add-client", "heka,build.example.com"]);
    assert_eq!((&told["sync"]["attempted"], told["client_allowlist"].as_array().unwrap().len()), (&json!(true), 3));
    assert_eq!(sent()[2], json!({ "kind": "domain", "value": "build.example.com" }));

    let _node = run(&env);
    until("it works", || script.count("poll") >= 1).await;
    let told = change(&["remove-clint", "heka", "192.0.2.10"]);
    assert_eq!(told["action"], "remove-client");
    assert_eq!(sent(), json!([{ "kind": "domain", "value": "build.example.com" }]));
    // Where nothing changes there is nothing to wait for.
    let beats = script.count("heartbeat");
    let same = change(&["remove-client", "heka"]);
    assert_eq!((&same["sync"]["status"], script.count("heartbeat")), (&json!("online"), beats));
    // Kept when it is set up again.
    joined(&env, &script);
    assert_eq!(script.calls("bootstrap").last().unwrap().body["client_allowlist"], sent());
    let (code, _, err) = env.run("box", &["node", "add-client", "a b"]);
    assert!(code == 2 && err.contains("a b"), "{err}");
    let (code, _, _) = env.run("other", &["node", "add-client", "heka"]);
    assert_eq!(code, 4);
}
