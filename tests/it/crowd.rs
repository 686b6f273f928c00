//! Many sessions at once, some of which never end by themselves.

use crate::support::{TestEnv, http};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SESSIONS: usize = 64;
const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn endless_scripts_end_by_their_limit_and_hold_nobody_up() {
    let env = TestEnv::new();
    let mut command = env.waypost("box");
    command.args(["daemon", "start", "--foreground", "--listen", "127.0.0.1:0", "--json"]);
    let mut daemon = crate::support::Process::spawn(command);
    let line = daemon.wait_line("\"url\"", Duration::from_secs(20));
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    let url = ready["url"].as_str().expect("a URL").to_owned();
    let client = http();
    let call = async |method: Method, path: &str, body: Value| -> Value {
        let response = client.request(method, format!("{url}{path}")).json(&body).send().await.expect("an answer");
        let (status, text) = (response.status(), response.text().await.expect("a body"));
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).expect("JSON")
    };
    call(Method::POST, "/v1/workspaces", json!({ "id": "w", "config": { "mounts": {} } })).await;
    for number in 0..SESSIONS {
        call(Method::POST, "/v1/workspaces/w/sessions", json!({ "session_id": format!("s{number}") })).await;
    }
    let execute = async |session: usize, command: &str, limit: f64| {
        let body = json!({ "command": command, "session_id": format!("s{session}"), "timeout_s": limit });
        call(Method::POST, "/v1/workspaces/w/execute", body).await
    };

    let ended = AtomicBool::new(false);
    let endless = async {
        let scripts = ["while :; do :; done", "sleep 100000 & wait; while :; do sleep 1000; done"];
        let runs = scripts.iter().enumerate().map(|(session, script)| execute(session, script, 6.0));
        for (answer, script) in join_all(runs).await.iter().zip(scripts) {
            assert_eq!(answer["exit_code"], 124, "{script}: {answer}");
        }
        ended.store(true, Ordering::Release);
    };
    let others = async {
        let each = (2..SESSIONS).map(async |session| {
            for round in 0..ROUNDS {
                let script =
                    format!("n=$((n + 1)); echo {session}.{round} > /tmp/{session}; cat /tmp/{session}; echo $n");
                let answer = execute(session, &script, 60.0).await;
                let expected = format!("{session}.{round}\n{}\n", round + 1);
                assert_eq!(answer["stdout"], expected, "{answer}");
            }
        });
        join_all(each).await;
    };
    let health = async {
        let mut answered = 0;
        while !ended.load(Ordering::Acquire) {
            call(Method::GET, "/v1/health", json!({})).await;
            answered += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(answered > 1, "the server was silent as long as the endless scripts ran");
    };
    tokio::join!(endless, others, health);
    // The sessions of the endless ones are of use again.
    for session in 0..2 {
        assert_eq!(execute(session, "echo back", 60.0).await["stdout"], "back\n");
    }
}
