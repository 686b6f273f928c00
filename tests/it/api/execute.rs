//! Scripts whose caller waits.

use super::{Server, wait_until};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

#[tokio::test]
async fn both_spellings_and_every_way_to_give_input_work() {
    let server = Server::start().await;
    server.demo().await;
    let path = "/v1/workspaces/demo/execute";
    let session = server.post("/v1/workspaces/demo/sessions", json!({"sessionId": "s1"})).await;
    assert_eq!(session.status, 201, "{session:?}");
    for key in ["session_id", "sessionId"] {
        let reply = server.post(path, json!({"command": "cd /data; pwd", key: "s1", "cwd": null, "bogus": 1})).await;
        assert_eq!(reply.json()["stdout"], "/data\n", "{reply:?}");
    }
    let cwd = server.post(path, json!({"command": "pwd; echo $A", "cwd": "/data", "env": {"A": "b"}})).await;
    assert_eq!(cwd.json()["stdout"], "/data\nb\n");

    let inline = server.post(path, json!({"command": "wc -c", "stdinBase64": "aGVsbG8="})).await;
    assert_eq!(inline.json()["stdout"].as_str().unwrap().trim(), "5");
    let binary: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let request = br#"{"command":"cat > /data/in.bin; wc -c < /data/in.bin; sha256sum < /data/in.bin"}"#;
    let parts: [(&str, &[u8]); 2] = [("name=\"request\"", request), ("name=\"stdin\"; filename=\"in.bin\"", &binary)];
    let reply = server.post_parts(path, &parts).await;
    let stdout = reply.json()["stdout"].as_str().unwrap().to_owned();
    assert!(stdout.contains("10000") && stdout.contains(&waypost::base::sha256_hex(&binary)), "{stdout}");
}

#[tokio::test]
async fn output_that_is_no_text_is_also_given_in_base64() {
    let server = Server::start().await;
    server.demo().await;
    let reply = server.post("/v1/workspaces/demo/execute", json!({"command": r"printf '\xff\xfeA'"})).await.json();
    assert_eq!(reply["stdout"], "\u{fffd}\u{fffd}A");
    assert_eq!(reply["stdout_base64"], "//5B");
    let text = server.post("/v1/workspaces/demo/execute", json!({"command": "echo hi"})).await.json();
    assert!(text.get("stdout_base64").is_none(), "{text}");
}

#[tokio::test]
async fn every_exit_code_is_an_answer_and_so_is_the_time_limit() {
    let server = Server::start().await;
    server.demo().await;
    let path = "/v1/workspaces/demo/execute";
    let reply = server.post(path, json!({"command": "echo out; echo err >&2; exit 3"})).await;
    let answer = reply.json();
    assert_eq!((reply.status, &answer["exit_code"], &answer["end"]), (200, &3.into(), &"exited".into()));
    assert_eq!((&answer["stdout"], &answer["stderr"]), (&"out\n".into(), &"err\n".into()));

    let reply = server.post(path, json!({"command": "echo begun; while :; do :; done", "timeout_s": 0.3})).await;
    let answer = reply.json();
    assert_eq!((reply.status, &answer["exit_code"], &answer["end"]), (200, &124.into(), &"timed_out".into()));
    assert_eq!(answer["stdout"], "begun\n");

    let reply = server.post(path, json!({"command": "while :; do echo yes; done", "max_output_bytes": 1000})).await;
    assert_eq!((reply.status, &reply.json()["end"]), (200, &"output_limit".into()), "{reply:?}");
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong_and_run_nothing() {
    let server = Server::start().await;
    server.demo().await;
    let path = "/v1/workspaces/demo/execute";
    for (body, status, words) in [
        (json!({}), 400, "missing field `command`"),
        (json!({"command": 5}), 400, "command: "),
        (json!({"command": "true", "timeout_s": -1}), 400, "timeout_s"),
        (json!({"command": "true", "env": {"a-b": "c"}}), 400, "a-b"),
        (json!({"command": "true", "stdin_base64": "*"}), 400, "stdin_base64"),
        (json!({"command": "true", "session_id": "nosuch"}), 404, "session not found"),
        (json!({"command": "if", "provision": true}), 400, "syntax error"),
        (json!({"command": "true", "provision": true, "session_id": "nosuch"}), 404, "session not found"),
    ] {
        let reply = server.post(path, body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {reply:?}");
        assert!(reply.detail().contains(words), "{body}: {}", reply.detail());
    }
    let unknown = server.post("/v1/workspaces/none/execute", json!({"command": "pwd"})).await;
    assert_eq!((unknown.status, unknown.detail()), (404, "workspace not found".to_owned()));
    let nameless = server.post_parts(path, &[("name=\"stdin\"", b"hello")]).await;
    assert_eq!((nameless.status, nameless.detail()), (400, "multipart body missing 'request' part".to_owned()));
    let bad = server.post_parts(path, &[("name=\"request\"", b"{")]).await;
    assert!(bad.detail().starts_with("bad request part: "), "{}", bad.detail());
}

#[tokio::test]
async fn a_caller_who_goes_away_ends_the_script() {
    let server = Server::start().await;
    server.demo().await;
    let body = r#"{"command":"while :; do :; done"}"#;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /v1/workspaces/demo/execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    wait_until("the script runs", async || running(&server).await.map(drop)).await;
    drop(stream);
    wait_until("the script has ended", async || {
        let jobs = server.get("/v1/jobs").await.json();
        if jobs[0]["status"] == "canceled" { Ok(()) } else { Err(jobs.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn cancelling_a_waited_for_script_answers_its_caller() {
    let server = Server::start().await;
    server.demo().await;
    let execute = server.post("/v1/workspaces/demo/execute", json!({"command": "while :; do :; done"}));
    let cancel = async {
        let id = wait_until("the script runs", async || running(&server).await).await;
        server.delete(&format!("/v1/jobs/{id}")).await
    };
    let (executed, cancelled) = tokio::join!(execute, cancel);
    assert_eq!(cancelled.json()["canceled"], true);
    assert_eq!((executed.status, executed.detail()), (499, "job canceled".to_owned()));
    assert_eq!(server.sh("echo usable").await, "usable\n");
}

async fn running(server: &Server) -> Result<String, String> {
    let jobs = server.get("/v1/jobs").await.json();
    let found = jobs.as_array().unwrap().iter().find(|job| job["status"] == "running");
    found.and_then(|job| job["job_id"].as_str()).map(str::to_owned).ok_or_else(|| jobs.to_string())
}
