//! The routes of mswarm's direct mode, on the real binary over loopback.

use crate::support::{Gateway, Process, TestEnv, http, wait_until};
use futures_util::StreamExt as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;
use waypost::base::{Secret, sha256_hex, sign_token, unix_ms};

const SECRET: &str = "s3cr3t-of-the-node";
const LIMIT: Duration = Duration::from_secs(20);
const CONTROL: &str = "generic-job-control/jobs";

/// A node with a signing secret, joined to a gateway that it does not need for any of this.
struct Direct {
    process: Process,
    url: String,
    node_id: String,
    _gateway: Gateway,
}

impl Direct {
    fn start(env: &TestEnv, args: &[&str]) -> Self {
        let gateway = Gateway::start(env);
        let setup = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box"];
        let (code, _, err) = env.run("box", &setup);
        assert_eq!(code, 0, "{err}");
        let (process, url, node_id) = Self::run(env, args, Some(SECRET));
        Self { process, url, node_id, _gateway: gateway }
    }

    fn run(env: &TestEnv, args: &[&str], secret: Option<&str>) -> (Process, String, String) {
        let mut command = env.waypost("box");
        command.args(["node", "run", "--listen", "127.0.0.1:0", "--json"]).args(args);
        command.envs(secret.map(|secret| ("MSWARM_SELF_HOSTED_INVOCATION_SIGNING_SECRET", secret)));
        let mut process = Process::spawn(command);
        let ready: Value = serde_json::from_str(&process.wait_line("\"ready\"", LIMIT)).expect("JSON");
        let text = |key: &str| ready[key].as_str().expect("a text").to_owned();
        (process, text("api_url"), text("node_id"))
    }

    fn restart(&mut self, env: &TestEnv, args: &[&str]) {
        self.process.kill();
        (self.process, self.url, self.node_id) = Self::run(env, args, Some(SECRET));
    }

    fn token(&self, scope: &str, job: &str, change: Value) -> String {
        let mut claims = json!({
            "node_id": self.node_id, "job_id": job, "request_id": format!("req-{job}"), "model": "m",
            "schema_version": "2026-06-14", "job_type": "tenant.test-echo", "scope": format!("self_hosted.{scope}"),
            "deadline_at": "2099-01-01T00:00:00.000Z", "exp": unix_ms() / 1000 + 600, "nonce": sha256_hex(job.as_bytes()),
        });
        for (key, value) in change.as_object().expect("an object") {
            claims[key] = value.clone();
        }
        sign_token(&Secret::new(SECRET), &claims)
    }

    fn generic_token(&self, job: &str) -> String {
        self.token("generic_job.invoke", job, json!({}))
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Response {
        let url = format!("{}/v1/swarm/self-hosted/node/{path}", self.url);
        let request = http().request(method, url).bearer_auth(token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().await.expect("an answer")
    }

    async fn call(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> (u16, Value) {
        let response = self.send(method, path, token, body).await;
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}")))
    }

    async fn get(&self, path: &str, token: &str) -> Value {
        let (status, value) = self.call(Method::GET, path, token, None).await;
        assert_eq!(status, 200, "{path}: {value:#}");
        value
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        self.call(Method::POST, path, token, Some(body)).await
    }

    fn llm(&self, job: &str, content: &str) -> Value {
        json!({
            "job_id": job, "request_id": format!("req-{job}"), "node_id": self.node_id, "agent_slug": "a",
            "openai_request": { "model": "m", "messages": [{ "role": "user", "content": content }] },
        })
    }

    fn echo(&self, job: &str, rest: Value) -> Value {
        let mut echo = json!({
            "schema_version": "2026-06-14", "job_type": "tenant.test-echo", "policy": { "trust_mode": "owner-local" },
        });
        for (key, value) in rest.as_object().expect("an object") {
            echo[key] = value.clone();
        }
        json!({ "job_id": job, "request_id": format!("req-{job}"), "node_id": self.node_id, "job": echo })
    }

    async fn ended(&self, job: &str) -> Value {
        let (path, token) = (format!("{CONTROL}/{job}"), self.generic_token(job));
        wait_until(&format!("{job} ends"), LIMIT, async || {
            let snapshot = self.get(&path, &token).await;
            match snapshot["job"]["state"].as_str() {
                Some("queued" | "scheduled" | "running" | "retrying") | None => Err(snapshot["job"].to_string()),
                Some(_) => Ok(snapshot),
            }
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_for_one_node_one_body_one_time_also_across_a_restart() {
    let env = TestEnv::new();
    let mut node = Direct::start(&env, &["--direct-max-body-bytes", "4000000"]);
    let health: Value = http().get(format!("{}/healthz", node.url)).send().await.unwrap().json().await.unwrap();
    assert_eq!(health, json!({ "service": "mswarm-self-hosted-node", "status": "ok", "node_id": node.node_id }));

    let body = node.llm("j", "hi");
    let good = node.token("invoke", "j", json!({ "body_sha256": sha256_hex(body.to_string().as_bytes()) }));
    let past = unix_ms() / 1000 - 5;
    let other = sign_token(&Secret::new("another secret"), &json!({}));
    for (token, body, status, code) in [
        (node.token("invoke", "j", json!({ "exp": past })), &body, 401, "token_expired"),
        (
            node.token("invoke", "j", json!({ "deadline_at": "2020-01-01T00:00:00Z" })),
            &body,
            401,
            "token_deadline_passed",
        ),
        (node.token("invoke", "j", json!({ "node_id": "shn_other" })), &body, 400, "wrong_node"),
        (other, &body, 401, "token_signature"),
        (node.token("capabilities.read", "j", json!({})), &body, 401, "token_scope"),
        (good.clone(), &node.llm("j", "something else"), 400, "body_mismatch"),
        (node.token("invoke", "k", json!({})), &body, 400, "validation_failed"),
        // The node has no agents: that is how far a token that is good gets.
        (good.clone(), &body, 502, "selected_agent_unavailable"),
        (good.clone(), &body, 401, "token_used"),
        (
            node.token("invoke", "long", json!({})),
            &node.llm("long", &"x".repeat(3_500_000)),
            502,
            "selected_agent_unavailable",
        ),
        (
            node.token("invoke", "long", json!({ "nonce": 2 })),
            &node.llm("long", &"x".repeat(4_000_000)),
            413,
            "payload_too_large",
        ),
    ] {
        let (found, answer) = node.post("jobs", &token, body).await;
        let found_code = answer["code"].as_str().or(answer["error"]["code"].as_str()).unwrap_or_default();
        assert_eq!((found, found_code), (status, code), "{answer:#}");
    }
    node.restart(&env, &[]);
    let (status, answer) = node.post("jobs", &good, &body).await;
    assert_eq!((status, &answer["code"]), (401, &json!("token_used")));

    let streamed = json!({ "stream": true, "model": "m", "messages": [] });
    let mut body = node.llm("s", "");
    body["openai_request"] = streamed;
    let response = node.send(Method::POST, "jobs", &node.token("invoke", "s", json!({})), Some(&body)).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let error = r#"data: {"object":"error","error":{"code":"selected_agent_unavailable","message":"this node offers no agents"}}"#;
    assert_eq!(response.text().await.unwrap(), format!("{error}\n\ndata: [DONE]\n\n"));

    let (status, answer) = node.post("generic-jobs", &node.generic_token("g"), &node.echo("g", json!({}))).await;
    assert_eq!((status, &answer["code"], &answer["error"]), (404, &json!("feature_disabled"), &json!("not_found")));
    // `/v1` is as it was, with its own token.
    let v1 = http().get(format!("{}/v1/workspaces", node.url)).bearer_auth(good).send().await.unwrap();
    assert_eq!(v1.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generic_job_runs_while_its_caller_waits() {
    let env = TestEnv::new();
    let mut node = Direct::start(&env, &["--enable-generic-jobs"]);
    let (status, answer) = node
        .post("generic-jobs", &node.generic_token("a"), &node.echo("a", json!({ "args": { "message": "hello" } })))
        .await;
    let kinds: Vec<_> = answer["events"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    assert_eq!((status, &answer["status"], &answer["result"]["exit_code"]), (200, &json!("succeeded"), &json!(0)));
    assert_eq!(kinds, ["queued", "scheduled", "started", "stdout", "progress", "completed"]);
    let again = node
        .post("generic-jobs", &node.generic_token("a"), &node.echo("a", json!({ "args": { "message": "hello" } })))
        .await;
    assert_eq!((again.0, &again.1["code"]), (401, &json!("token_used")));

    for (job, rest, status, code) in [
        ("f", json!({ "args": { "exit_code": 3 } }), 502, "runner_failed"),
        ("t", json!({ "args": { "delay_ms": 60_000 }, "limits": { "timeout_sec": 1 } }), 408, "timeout"),
        ("v", json!({ "args": { "command": "id" } }), 400, "validation_failed"),
        ("g", json!({ "resources": { "gpu": { "count": 1 } } }), 502, "no_capable_node"),
    ] {
        let (found, answer) = node.post("generic-jobs", &node.generic_token(job), &node.echo(job, rest)).await;
        assert_eq!((found, &answer["result"]["error"]["code"]), (status, &json!(code)), "{answer:#}");
        assert_eq!(answer["validation_issues"].is_array(), code == "validation_failed");
    }
    let mut blender = node.echo("b", json!({}));
    blender["job"]["job_type"] = "render.blender".into();
    let token = node.token("generic_job.invoke", "b", json!({ "job_type": "render.blender" }));
    let (status, answer) = node.post("generic-jobs", &token, &blender).await;
    assert_eq!((status, &answer["result"]["error"]["code"]), (502, &json!("runner_unavailable")));
    let (status, answer) = node.post("generic-jobs", &node.generic_token("b"), &blender).await;
    assert_eq!((status, &answer["reason"]), (400, &json!("job_type_mismatch")));

    // Events as they happen; somebody else ends it.
    let url = format!("{}/v1/swarm/self-hosted/node/generic-jobs", node.url);
    let begin = async |job: &str| {
        let body = node.echo(job, json!({ "args": { "message": "hi", "delay_ms": 60_000 } }));
        let request = http().post(&url).bearer_auth(node.generic_token(job)).header("accept", "text/event-stream");
        request.json(&body).send().await.unwrap()
    };
    let response = begin("s").await;
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let (status, answer) =
        node.post("generic-jobs", &node.token("generic_job.invoke", "n", json!({})), &node.echo("n", json!({}))).await;
    assert_eq!((status, &answer["code"]), (503, &json!("node_busy")));
    let other = node.token("generic_job.invoke", "s", json!({ "request_id": "another" }));
    assert_eq!(node.call(Method::POST, "generic-jobs/s/cancel", &other, None).await.0, 400);
    assert_eq!(node.call(Method::POST, "generic-jobs/s/cancel", &node.generic_token("x"), None).await.0, 400);
    let (status, answer) = node.call(Method::POST, "generic-jobs/s/cancel", &node.generic_token("s"), None).await;
    assert_eq!((status, answer), (202, json!({ "job_id": "s", "request_id": "req-s", "status": "cancelling" })));
    let text = response.text().await.unwrap();
    assert!(text.starts_with("event: queued\ndata: {\"job_id\":\"s\",\"sequence\":1,"), "{text}");
    assert!(text.contains("event: stdout\ndata: {") && text.contains("\"message\":\"hi\""), "{text}");
    assert!(text.contains("event: cancelled\ndata: ") && text.ends_with("\n\ndata: [DONE]\n\n"), "{text}");
    let (status, answer) = node.call(Method::POST, "generic-jobs/s/cancel", &node.generic_token("s"), None).await;
    assert_eq!((status, &answer["code"]), (404, &json!("job_not_running")));

    // A caller who goes ends it, too: its slot is free again.
    let mut stream = begin("gone").await.bytes_stream();
    assert!(stream.next().await.unwrap().unwrap().starts_with(b"event: "));
    drop(stream);
    let token = node.generic_token("next");
    wait_until("the slot is free", LIMIT, async || {
        let (status, answer) = node.post("generic-jobs", &token, &node.echo("next", json!({}))).await;
        if status == 200 { Ok(()) } else { Err(answer.to_string()) }
    })
    .await;

    // A node that is told to end does not wait for what may take a minute when it is told twice.
    let response = begin("end").await;
    node.process.signal(rustix::process::Signal::TERM);
    wait_until("the node drains", LIMIT, async || {
        let log = node.process.stderr();
        if log.contains("draining: ") { Ok(()) } else { Err(log) }
    })
    .await;
    node.process.signal(rustix::process::Signal::TERM);
    node.process.wait(LIMIT);
    drop(response);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generic_job_s_life_in_the_queue() {
    let env = TestEnv::new();
    let store = env.path("files");
    let node = Direct::start(&env, &["--enable-generic-jobs", "--artifact-store-path", store.to_str().unwrap()]);
    let upload = json!({ "path": "in/a.txt", "content_base64": "aGVsbG8=", "name": "greeting", "size_bytes": 5 });
    let token = node.generic_token("a");
    let (status, answer) = node.post(&format!("{CONTROL}/a/artifacts"), &token, &upload).await;
    let uri = answer["artifact"]["uri"].clone();
    assert_eq!(
        (status, &uri, &answer["artifact"]["scope"]),
        (201, &json!("artifact://local/a/in/a.txt"), &json!("input"))
    );
    assert_eq!(answer["artifact"]["retention"]["ttl_seconds"], 86_400);
    for (change, status, code) in [
        (json!({}), 409, "artifact_exists"),
        (json!({ "path": "../a" }), 400, "unsafe_path"),
        (json!({ "path": "b", "sha256": "00" }), 400, "artifact_mismatch"),
        (json!({ "path": "b", "content_base64": "?" }), 400, "invalid_artifact"),
    ] {
        let mut upload = upload.clone();
        for (key, value) in change.as_object().unwrap() {
            upload[key] = value.clone();
        }
        let (found, answer) = node.post(&format!("{CONTROL}/a/artifacts"), &token, &upload).await;
        assert_eq!((found, &answer["code"]), (status, &json!(code)));
        assert!(!answer["message"].as_str().unwrap().contains(store.to_str().unwrap()));
    }

    let job = node.echo(
        "a",
        json!({
            "args": { "message": "printed" }, "idempotency_key": "once",
            "inputs": [{ "name": "a", "artifact": { "uri": uri } }], "outputs": [{ "name": "out", "path": "o.txt" }],
        }),
    );
    let (status, answer) = node.post(CONTROL, &token, &job).await;
    assert_eq!((status, &answer["job"]["job_id"]), (202, &json!("a")));
    let ended = node.ended("a").await;
    assert_eq!(ended["job"]["state"], "succeeded", "{ended:#}");
    assert_eq!(
        (&ended["job"]["tenant_id"], &ended["job"]["idempotency_key"]),
        (&json!("owner-local"), &json!("owner-local:once"))
    );
    assert_eq!(ended["job"]["envelope"]["token_sha256"], sha256_hex(token.as_bytes()));
    assert!(!ended.to_string().contains(&token), "the token is not told");
    // The same again is the same job, and starts nothing: its used token does no harm.
    assert_eq!(node.post(CONTROL, &token, &job).await.0, 200);
    for (path, key, found) in [
        ("events", "events", "\"type\":\"completed\""),
        ("logs", "logs", "\"message\":\"printed\""),
        ("audit", "audit", "\"action\":\"job_idempotent_reused\""),
        ("artifacts", "artifacts", "\"uri\":\"artifact://local/a/o.txt\""),
    ] {
        let answer = node.get(&format!("{CONTROL}/a/{path}"), &token).await;
        assert_eq!(answer["job_id"], "a");
        assert!(answer[key].to_string().contains(found), "{answer:#}");
    }
    let clash = node.echo("a2", json!({ "idempotency_key": "once" }));
    let (status, answer) = node.post(CONTROL, &node.generic_token("a2"), &clash).await;
    assert_eq!((status, &answer["code"]), (409, &json!("idempotency_key_conflict")));
    let (status, answer) = node.post(CONTROL, &node.generic_token("v"), &node.echo("v", json!({ "limits": [] }))).await;
    assert_eq!((status, &answer["validation_issues"][0]["path"]), (400, &json!("limits")));

    // One slot: what runs, what waits, and what is ended meanwhile.
    let slow = |tenant: &str| json!({ "args": { "delay_ms": 60_000 }, "metadata": { "tenant_id": tenant } });
    for (job, tenant) in [("r", "one"), ("w", "two")] {
        assert_eq!(node.post(CONTROL, &node.generic_token(job), &node.echo(job, slow(tenant))).await.0, 202);
    }
    let waiting = node.get(&format!("{CONTROL}/w"), &node.generic_token("w")).await;
    assert_eq!(
        (&waiting["job"]["state"], &waiting["job"]["backpressure"]["reason"]),
        (&json!("queued"), &json!("no_free_slot"))
    );
    let ops =
        node.get("generic-job-control/ops?audit_limit=3", &node.token("generic_job.ops.read", "-", json!({}))).await;
    assert_eq!(
        (&ops["queue"]["active_jobs"], &ops["queue"]["queued_jobs"], &ops["queue"]["terminal_jobs"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!((ops["audit"]["events"].as_array().unwrap().len(), &ops["node"]["node_id"]), (3, &json!(node.node_id)));
    assert_eq!(node.call(Method::POST, &format!("{CONTROL}/w/retry"), &node.generic_token("w"), None).await.0, 400);
    for (job, body) in [("w", None), ("r", Some(json!({})))] {
        let path = format!("{CONTROL}/{job}/cancel");
        assert_eq!(node.call(Method::POST, &path, &node.generic_token(job), body.as_ref()).await.0, 202);
        assert_eq!(node.ended(job).await["job"]["state"], "cancelled");
    }
    let (status, answer) = node.call(Method::POST, &format!("{CONTROL}/w/retry"), &node.generic_token("w"), None).await;
    assert_eq!((status, &answer["job"]["state"]), (202, &json!("running")));
    let (status, answer) = node.call(Method::POST, &format!("{CONTROL}/a/retry"), &token, None).await;
    assert_eq!((status, &answer["code"]), (400, &json!("job_not_retryable")));
    let (status, answer) = node.call(Method::GET, &format!("{CONTROL}/none"), &node.generic_token("none"), None).await;
    assert_eq!((status, &answer["code"]), (404, &json!("job_not_found")));
    let (status, answer) = node.call(Method::GET, &format!("{CONTROL}/r"), &token, None).await;
    assert_eq!((status, &answer["reason"]), (400, &json!("job_id_mismatch")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_nothing_is_there_and_a_node_that_others_reach_keeps_to_itself() {
    let env = TestEnv::new();
    let mut node = Direct::start(&env, &[]);
    node.process.kill();
    let (process, url, _) = Direct::run(&env, &[], None);
    let health = http().get(format!("{url}/healthz")).send().await.unwrap();
    assert_eq!(health.status(), 401, "a node that takes nothing directly has no such routes, only /v1");
    drop(process);

    let config = env.path("box").join("config.json");
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&config).unwrap()).unwrap();
    settings["direct_base_url"] = "https://node.example.com".into();
    settings["generic_jobs_enabled"] = true.into();
    std::fs::write(&config, settings.to_string()).unwrap();
    (node.process, node.url, node.node_id) = Direct::run(&env, &[], Some(SECRET));
    for (method, path, token) in [
        (Method::GET, "capabilities", node.token("capabilities.read", "-", json!({}))),
        (Method::GET, "generic-job-control/ops", node.token("generic_job.ops.read", "-", json!({}))),
        (Method::POST, "generic-jobs", node.generic_token("a")),
    ] {
        let (status, answer) = node.call(method, path, &token, None).await;
        assert_eq!((status, &answer["code"]), (403, &json!("owner_local_required")), "{path}");
    }
}
