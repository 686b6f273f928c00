//! `workspaces.shell`: the newest generation's way to run a line, and output as it comes.

use super::{Server, wait_until};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Response};
use serde_json::{Value, json};

const PATH: &str = "/v1/workspaces/demo/shell";

/// The lines of a streamed answer, one by one as they arrive.
struct Lines {
    response: Response,
    rest: Vec<u8>,
}

impl Lines {
    async fn of(server: &Server, path: &str, body: Value) -> Self {
        let response = server.client.post(format!("{}{path}", server.url)).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/x-ndjson");
        assert!(response.headers().get("content-disposition").is_none());
        assert!(response.headers()["x-mirage-job-id"].to_str().unwrap().starts_with("job_"));
        Self { response, rest: Vec::new() }
    }

    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            match self.response.chunk().await.unwrap() {
                Some(chunk) => self.rest.extend_from_slice(&chunk),
                None => {
                    assert!(self.rest.is_empty(), "half a line");
                    return None;
                }
            }
        }
    }

    /// Everything to the end: the two outputs, and the last line.
    async fn all(mut self) -> (Vec<u8>, Vec<u8>, Value) {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        while let Some(line) = self.next().await {
            if line.get("status").is_some() {
                assert!(self.next().await.is_none(), "something came after the last line");
                return (stdout, stderr, line);
            }
            let into = if line["stream"] == "stdout" { &mut stdout } else { &mut stderr };
            into.extend(STANDARD.decode(line["data"].as_str().unwrap()).unwrap());
        }
        panic!("no last line");
    }
}

#[tokio::test]
async fn a_line_answers_as_execute_does_with_its_session_in_the_query() {
    let server = Server::start().await;
    server.demo().await;
    server.post("/v1/workspaces/demo/sessions", json!({"session_id": "s1"})).await;
    let answer = server.post(PATH, json!({"command": "echo out; echo err >&2; exit 3"})).await;
    let io = answer.json();
    assert_eq!(
        (answer.status, &io["kind"], &io["exit_code"], &io["exitCode"]),
        (200, &"io".into(), &3.into(), &3.into())
    );
    assert_eq!((&io["stdout"], &io["stderr"], &io["refusal"]), (&"out\n".into(), &"err\n".into(), &Value::Null));
    for key in ["session_id", "sessionId"] {
        let run = server.post(&format!("{PATH}?{key}=s1"), json!({"command": "cd /data; pwd", "runtime": null})).await;
        assert_eq!(run.json()["stdout"], "/data\n");
    }
    let here = server.post(PATH, json!({"command": "pwd", "cwd": "/data"})).await;
    assert_eq!(here.json()["stdout"], "/data\n");
    let parts: [(&str, &[u8]); 2] = [
        ("name=\"request\"; filename=\"request.json\"", br#"{"command": "wc -c"}"#),
        ("name=\"stdin\"; filename=\"stdin.bin\"", b"hello"),
    ];
    assert_eq!(server.post_parts(PATH, &parts).await.json()["stdout"], "5\n");
    let accepted = server.post_parts(&format!("{PATH}?background=true"), &parts).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let id = accepted.json()["job_id"].as_str().unwrap().to_owned();
    let waited = server.post(&format!("/v1/jobs/{id}/wait"), json!({})).await.json();
    assert_eq!((&waited["result"]["stdout"], &waited["session_id"]), (&"5\n".into(), &"default".into()));
}

#[tokio::test]
async fn the_body_is_strict_and_errors_come_before_anything_runs() {
    let server = Server::start().await;
    server.demo().await;
    for (path, body, status, words) in [
        (PATH, r#"{"command":"pwd","session_id":"zz"}"#, 400, "bad shell request: unknown field `session_id`"),
        (PATH, "{}", 400, "bad shell request: missing field `command`"),
        (PATH, "garbage", 400, "bad shell request: the body is not JSON"),
        ("/v1/workspaces/none/shell", r#"{"command":"pwd"}"#, 404, "workspace not found"),
        ("/v1/workspaces/demo/shell?session_id=nosuch", r#"{"command":"pwd"}"#, 404, "session not found"),
        ("/v1/workspaces/demo/shell?session_id=nosuch&stream=true", r#"{"command":"pwd"}"#, 404, "session not found"),
    ] {
        let json = [("content-type", "application/json")];
        let reply = server.send(Method::POST, path, &json, body.into()).await;
        assert_eq!(reply.status, status, "{path} {body}: {reply:?}");
        assert!(reply.detail().starts_with(words), "{path} {body}: {}", reply.detail());
    }
    let parts = server.post_parts(PATH, &[("name=\"request\"", br#"{"command":"pwd","env":{}}"#)]).await;
    assert_eq!(parts.detail(), "bad shell request: unknown field `env`");
    assert_eq!(server.get("/v1/jobs").await.json(), json!([]), "a refused line left a job");
}

#[tokio::test]
async fn a_stream_has_every_byte_in_order_and_one_last_line() {
    let server = Server::start().await;
    server.demo().await;
    let stream = format!("{PATH}?stream=true");
    let lines = Lines::of(&server, &stream, json!({"command": "echo a; echo b >&2; printf '\\xff'; exit 4"})).await;
    let (stdout, stderr, last) = lines.all().await;
    assert_eq!((&stdout[..], &stderr[..]), (&b"a\n\xff"[..], &b"b\n"[..]));
    let result = &last["result"];
    assert_eq!((&last["status"], &last["error"]), (&"done".into(), &Value::Null), "{last}");
    assert_eq!((&result["kind"], &result["exit_code"], &result["stdout"]), (&"io".into(), &4.into(), &"".into()));

    let lines = Lines::of(&server, &stream, json!({"command": "seq 1 200000"})).await;
    let (stdout, _, _) = lines.all().await;
    let wanted: String = (1..=200_000).map(|n| format!("{n}\n")).collect();
    assert!(stdout == wanted.as_bytes(), "{} of {} bytes", stdout.len(), wanted.len());

    let path = "/v1/workspaces/demo/execute?stream=true";
    let lines = Lines::of(&server, path, json!({"command": "while :; do :; done", "timeout_s": 0.2})).await;
    let (_, stderr, last) = lines.all().await;
    assert_eq!((&last["result"]["exit_code"], &last["result"]["end"]), (&124.into(), &"timed_out".into()), "{last}");
    assert!(String::from_utf8_lossy(&stderr).contains("timed out"), "{stderr:?}");
}

#[tokio::test]
async fn lines_come_while_the_script_runs() {
    let server = Server::start().await;
    server.demo().await;
    let script = "echo begun; until [ -e /data/go ]; do :; done; echo ended";
    let mut lines = Lines::of(&server, &format!("{PATH}?stream=true"), json!({ "command": script })).await;
    let first = lines.next().await.unwrap();
    assert_eq!(first, json!({"stream": "stdout", "data": STANDARD.encode("begun\n")}));
    server.post("/v1/workspaces/demo/sessions", json!({"session_id": "other"})).await;
    server.post(&format!("{PATH}?session_id=other"), json!({"command": "touch /data/go"})).await;
    let (stdout, _, last) = lines.all().await;
    assert_eq!((&stdout[..], &last["status"]), (&b"ended\n"[..], &"done".into()));
}

#[tokio::test]
async fn a_reader_who_goes_away_ends_the_script_and_a_cancelled_one_is_told() {
    let server = Server::start().await;
    server.demo().await;
    let stream = format!("{PATH}?stream=true");
    let endless = json!({"command": "echo begun; while :; do :; done"});
    let mut lines = Lines::of(&server, &stream, endless.clone()).await;
    lines.next().await.unwrap();
    drop(lines);
    wait_until("the script has ended", async || {
        let jobs = server.get("/v1/jobs").await.json();
        if jobs[0]["status"] == "canceled" { Ok(()) } else { Err(jobs.to_string()) }
    })
    .await;
    let mut lines = Lines::of(&server, &stream, endless).await;
    lines.next().await.unwrap();
    server.send(Method::POST, "/v1/workspaces/demo/cancel", &[], Vec::new()).await;
    let (_, _, last) = lines.all().await;
    assert_eq!(last, json!({"status": "canceled", "result": null, "error": null}));
}

#[tokio::test]
async fn what_is_not_to_be_recorded_is_not_counted() {
    let server = Server::start().await;
    server.demo().await;
    server.post(PATH, json!({"command": "true", "record": false})).await;
    server.post("/v1/workspaces/demo/execute", json!({"command": "true", "record": false})).await;
    server.post(PATH, json!({"command": "true", "record": true})).await;
    let internals = server.get("/v1/workspaces/demo?verbose=true").await.json()["internals"].clone();
    assert_eq!(internals["history_length"], 1);
}
