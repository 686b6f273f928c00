//! The routes, without a listener.

use super::*;
use crate::base::{Secret, sha256_hex, sign_token, unix_ms};
use crate::jobs::generic::{GenericJobs, GenericOptions};
use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt as _;
use hyper::{Request, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Signed by the reference's own helper for node shn_fake01, job-1, req-1, model m, good until 2030: specification, appendix B.
const REFERENCE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJub2RlX2lkIjoic2huX2Zha2UwMSIsImpvYl9pZCI6ImpvYi0xIiwicmVxdWVzdF9pZCI6InJlcS0xIiwibW9kZWwiOiJtIiwiZGVhZGxpbmVfYXQiOiIyMDMwLTAxLTAxVDAwOjAwOjAwLjAwMFoiLCJzY29wZSI6InNlbGZfaG9zdGVkLmludm9rZSIsImlhdCI6MTg5MzQ1MjQwMCwiZXhwIjoxODkzNDU2MDAwfQ.G8LZKANzbaQiX8wBuUPHBLV0fSgOIWDCEe7Pn9ZDU3o";

const JOBS: &str = "/v1/swarm/self-hosted/node/jobs";

/// Answers with what it was asked, in two chunks; waits, fails or says what key it got when it is told to.
#[derive(Debug, Default)]
struct Parrot {
    ended_early: Arc<AtomicBool>,
}

struct Ends(Option<Arc<AtomicBool>>);

impl Drop for Ends {
    fn drop(&mut self) {
        if let Some(flag) = &self.0 {
            flag.store(true, Ordering::SeqCst);
        }
    }
}

#[async_trait::async_trait]
impl Invocations for Parrot {
    async fn invoke(&self, invocation: Invocation) -> Result<Invoked, InvocationFailure> {
        let mut ends = Ends(Some(self.ended_early.clone()));
        let text = invocation.job.rest["openai_request"]["messages"][0]["content"].as_str().unwrap_or_default();
        let chunk = |delta: Value, reason: Value| {
            let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
            json!({ "id": "chatcmpl-req-1", "object": "chat.completion.chunk", "choices": [choice] })
        };
        let _ = invocation.chunks.send(chunk(json!({ "content": text }), Value::Null)).await;
        match text {
            "wait" => std::future::pending::<()>().await,
            "fail" => {
                ends.0 = None;
                return Err(InvocationFailure::new("upstream_error", "fetch failed (ECONNREFUSED)"));
            }
            _ => {}
        }
        let _ = invocation.chunks.send(chunk(json!({}), json!("stop"))).await;
        ends.0 = None;
        Ok(Invoked {
            openai_response: json!({
                "object": "chat.completion", "key_length": invocation.attached_key.map(|key| key.expose().len()),
                "usage": { "prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11, "cost_cents": 0 },
            }),
            usage: None,
            progress_events: vec![json!({ "type": "agent_selected" })],
        })
    }
}

fn options() -> MswarmOptions {
    MswarmOptions {
        owner_local: true,
        ..MswarmOptions::new("shn_fake01".to_owned(), Some(Secret::new("s3cr3t")), Arc::new(Parrot::default()))
    }
}

fn claims(scope: &str) -> Value {
    let exp = unix_ms() / 1000 + 60;
    json!({
        "node_id": "shn_fake01", "job_id": "job-1", "request_id": "req-1", "model": "m", "scope": scope, "exp": exp,
        "deadline_at": "2099-01-01T00:00:00.000Z", "schema_version": "2026-06-14", "job_type": "tenant.test-echo",
        "iat": 1, "nonce": format!("{:x}", rand::random::<u64>()),
    })
}

fn token(change: Value) -> String {
    signed("self_hosted.invoke", change)
}

fn signed(scope: &str, change: Value) -> String {
    let mut claims = claims(scope);
    for (key, value) in change.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(key)),
            value => claims[key] = value.clone(),
        }
    }
    sign_token(&Secret::new("s3cr3t"), &claims)
}

fn job(text: &str, stream: bool) -> Value {
    json!({
        "job_id": "job-1", "request_id": "req-1", "node_id": "shn_fake01", "agent_slug": "a",
        "openai_request": { "model": "m", "stream": stream, "messages": [{ "role": "user", "content": text }] },
    })
}

fn request(method: &str, path: &str, token: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(method).uri(path).header("authorization", token).body(body.into()).unwrap()
}

async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Status, code and the whole answer.
async fn call(mswarm: &Mswarm, method: &str, path: &str, token: &str, body: &Value) -> (u16, String, Value) {
    let body = if method == "GET" { Body::empty() } else { Body::from(body.to_string()) };
    let response = mswarm.answer(request(method, path, token, body)).await;
    let status = response.status().as_u16();
    let value: Value = serde_json::from_str(&text(response).await).unwrap();
    (status, value["code"].as_str().unwrap_or_default().to_owned(), value)
}

async fn post(mswarm: &Mswarm, token: &str, body: &Value) -> (u16, String) {
    let (status, code, _) = call(mswarm, "POST", JOBS, token, body).await;
    (status, code)
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_token_of_the_reference_s_signer_works_once() {
    let mswarm = Mswarm::new(options());
    let (status, _, result) = call(&mswarm, "POST", JOBS, &format!("bearer {REFERENCE}"), &job("hi", false)).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&result["status"], &result["operation"], &result["usage"]),
        (
            &json!("success"),
            &json!("chat.completions"),
            &json!({ "prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11 })
        )
    );
    assert_eq!((result["stream_events"].as_array().unwrap().len(), &result["error"]), (2, &Value::Null));
    assert_eq!(result["progress_events"][0]["type"], "agent_selected");
    assert!(result["timing"]["local_latency_ms"].is_u64());
    assert_eq!(post(&mswarm, REFERENCE, &job("hi", false)).await, refused(401, "token_used"));
}

#[tokio::test]
async fn every_token_that_does_not_do_is_refused_with_a_code_of_its_own() {
    let mswarm = Mswarm::new(options());
    let body = job("hi", false);
    let long_ago = unix_ms() / 1000 - 1;
    let other = sign_token(&Secret::new("other"), &claims("self_hosted.invoke"));
    for (token, status, code) in [
        (String::new(), 401, "token_missing"),
        ("Bearer ".to_owned(), 401, "token_missing"),
        ("a.b".to_owned(), 401, "token_malformed"),
        (other, 401, "token_signature"),
        (signed("self_hosted.capabilities.read", json!({})), 401, "token_scope"),
        (signed("self_hosted.generic_job.invoke", json!({})), 401, "token_scope"),
        (token(json!({ "exp": null })), 401, "token_claims"),
        (token(json!({ "exp": "soon" })), 401, "token_claims"),
        (token(json!({ "model": null })), 401, "token_claims"),
        (token(json!({ "deadline_at": "soon" })), 401, "token_claims"),
        (token(json!({ "operation": "make.coffee" })), 401, "token_claims"),
        (token(json!({ "exp": long_ago })), 401, "token_expired"),
        (token(json!({ "deadline_at": "2020-01-01T00:00:00.000Z" })), 401, "token_deadline_passed"),
        (token(json!({ "node_id": "shn_other" })), 400, "wrong_node"),
        (token(json!({ "body_sha256": "00" })), 400, "body_mismatch"),
    ] {
        assert_eq!(post(&mswarm, &token, &body).await, refused(status, code), "{token}");
    }
    for (change, reason) in [
        (json!({ "job_id": "job-2" }), "job_id_mismatch"),
        (json!({ "request_id": "req-2" }), "request_id_mismatch"),
        (json!({ "model": "other" }), "model_mismatch"),
        (json!({ "operation": "images.generations" }), "operation_mismatch"),
    ] {
        let (status, code, value) = call(&mswarm, "POST", JOBS, &token(change), &body).await;
        assert_eq!((status, code.as_str(), &value["reason"]), (400, "validation_failed", &json!(reason)));
        assert_eq!(value["error"], "bad_request");
    }
    let good = token(json!({ "body_sha256": sha256_hex(body.to_string().as_bytes()) }));
    assert_eq!(post(&mswarm, &good, &job("changed", false)).await, refused(400, "body_mismatch"));
    assert_eq!(post(&mswarm, &good, &body).await.0, 200, "what was refused has not used it up");
    let now = token(json!({ "exp": unix_ms() / 1000 + 1 }));
    assert_eq!(post(&mswarm, &now, &body).await.0, 200);
    let none = Mswarm::new(MswarmOptions { secret: None, ..options() });
    assert_eq!(post(&none, "x", &body).await, refused(503, "missing_config"));
}

#[tokio::test]
async fn bodies_are_refused_for_what_is_wrong_with_them_and_not_for_a_mebibyte() {
    let mswarm = Mswarm::new(MswarmOptions { max_body_bytes: 3 << 20, ..options() });
    assert_eq!(post(&mswarm, &token(json!({})), &job(&"x".repeat(2 << 20), false)).await.0, 200);
    let (status, code) = post(&mswarm, &token(json!({})), &job(&"x".repeat(3 << 20), false)).await;
    assert_eq!((status, code.as_str()), (413, "payload_too_large"));
    for field in ["job_id", "request_id", "node_id", "agent_slug", "openai_request"] {
        let mut body = job("hi", false);
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(post(&mswarm, &token(json!({})), &body).await, refused(400, "validation_failed"), "{field}");
    }
    assert_eq!(post(&mswarm, &token(json!({})), &json!("text")).await, refused(400, "validation_failed"));
    let failed = call(&mswarm, "POST", JOBS, &token(json!({})), &job("fail", false)).await;
    assert_eq!((failed.0, &failed.2["status"]), (502, &json!("failed")));
    assert_eq!(failed.2["error"], json!({ "code": "upstream_error", "message": "fetch failed (ECONNREFUSED)" }));
}

#[tokio::test]
async fn a_chat_is_streamed_in_the_reference_s_frames() {
    let mswarm = Mswarm::new(options());
    let streamed = async |text_of: &str| {
        let body = job(text_of, true).to_string();
        mswarm.answer(request("POST", JOBS, &token(json!({})), body)).await
    };
    let response = streamed("hi").await;
    let header = |name| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(response.status(), 200);
    assert_eq!(header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!(header("cache-control"), "no-cache, no-transform");
    assert_eq!((header("connection"), header("x-accel-buffering")), ("keep-alive".to_owned(), "no".to_owned()));
    let first =
        r#"data: {"id":"chatcmpl-req-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"#;
    let last = r#"data: {"id":"chatcmpl-req-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let expected = format!("{first}\"hi\"}},\"finish_reason\":null}}]}}\n\n{last}\n\ndata: [DONE]\n\n");
    assert_eq!(text(response).await, expected);
    let failed = text(streamed("fail").await).await;
    let error = r#"data: {"object":"error","error":{"code":"upstream_error","message":"fetch failed (ECONNREFUSED)"}}"#;
    assert!(failed.ends_with(&format!("\n\n{error}\n\ndata: [DONE]\n\n")), "{failed}");
}

#[tokio::test]
async fn a_silent_stream_shows_life_and_a_reader_who_goes_ends_the_job() {
    let parrot = Parrot::default();
    let ended = parrot.ended_early.clone();
    let keep_alive = Duration::from_millis(20);
    let mswarm =
        Mswarm::new(MswarmOptions { invocations: Arc::new(parrot), keep_alive, max_invocations: 1, ..options() });
    let response = mswarm.answer(request("POST", JOBS, &token(json!({})), job("wait", true).to_string())).await;
    let mut frames = response.into_body().into_data_stream();
    assert!(frames.next().await.unwrap().unwrap().starts_with(b"data: {"));
    assert_eq!(frames.next().await.unwrap().unwrap(), Bytes::from_static(b": keep-alive\n\n"));
    // The slot is taken meanwhile, and a token that was told to come back is still good.
    let patient = token(json!({}));
    let busy = mswarm.answer(request("POST", JOBS, &patient, job("hi", false).to_string())).await;
    assert_eq!((busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    assert_eq!(serde_json::from_str::<Value>(&text(busy).await).unwrap()["code"], "node_busy");
    assert!(!ended.load(Ordering::SeqCst));
    drop(frames);
    tokio::time::timeout(Duration::from_secs(10), async {
        while post(&mswarm, &patient, &job("hi", false)).await.0 == 503 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the slot is free again");
    assert!(ended.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_job_ends_at_its_deadline_or_the_node_s_limit_and_with_its_caller() {
    let parrot = Parrot::default();
    let ended = parrot.ended_early.clone();
    let job_timeout = Duration::from_millis(20);
    let mswarm = Mswarm::new(MswarmOptions { invocations: Arc::new(parrot), job_timeout, ..options() });
    let late = call(&mswarm, "POST", JOBS, &token(json!({})), &job("wait", false)).await;
    assert_eq!((late.0, &late.2["error"]["code"]), (502, &json!("timeout")));
    assert_eq!(late.2["stream_events"].as_array().unwrap().len(), 1, "what there was comes with it");
    assert!(ended.load(Ordering::SeqCst));

    let parrot = Parrot::default();
    let ended = parrot.ended_early.clone();
    let mswarm = Mswarm::new(MswarmOptions { invocations: Arc::new(parrot), ..options() });
    let waiting = mswarm.answer(request("POST", JOBS, &token(json!({})), job("wait", false).to_string()));
    assert!(tokio::time::timeout(Duration::from_millis(20), waiting).await.is_err());
    assert!(ended.load(Ordering::SeqCst), "a caller who goes ends the job");
}

#[tokio::test]
async fn the_attached_key_reaches_the_job_and_nothing_else() {
    let mswarm = Mswarm::new(options());
    for header in ["x-mswarm-attached-api-key", "x-attached-mswarm-api-key"] {
        let mut request = request("POST", JOBS, &token(json!({})), job("hi", false).to_string());
        request.headers_mut().insert(header, "msw_very_secret".parse().unwrap());
        let answer = text(mswarm.answer(request).await).await;
        assert!(answer.contains("\"key_length\":15") && !answer.contains("very_secret"), "{answer}");
    }
}

#[tokio::test]
async fn a_node_without_agents_says_so_in_an_envelope() {
    let mswarm = Mswarm::new(MswarmOptions { invocations: Arc::new(NoAgents), ..options() });
    let (status, _, result) = call(&mswarm, "POST", JOBS, &token(json!({})), &job("hi", false)).await;
    assert_eq!((status, &result["error"]["code"]), (502, &json!("selected_agent_unavailable")));
    assert_eq!(
        (&result["job_id"], &result["request_id"], &result["status"]),
        (&json!("job-1"), &json!("req-1"), &json!("failed"))
    );
}

#[tokio::test]
async fn routes_that_only_read_take_a_token_as_often_as_it_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let generic = GenericJobs::new(GenericOptions::new("shn_fake01".to_owned(), dir.path().to_owned()));
    let mswarm = Mswarm::new(MswarmOptions { generic: Some(generic), ..options() });
    let health = call(&mswarm, "GET", "/healthz", "", &Value::Null).await;
    assert_eq!(health.2, json!({ "service": "mswarm-self-hosted-node", "status": "ok", "node_id": "shn_fake01" }));
    let read = signed("self_hosted.capabilities.read", json!({}));
    let path = "/v1/swarm/self-hosted/node/capabilities";
    for _ in 0..2 {
        let (status, _, found) = call(&mswarm, "GET", path, &read, &Value::Null).await;
        assert_eq!((status, &found["job_types"]), (200, &json!(["tenant.test-echo"])));
        assert_eq!((&found["generic_jobs_enabled"], &found["schema_version"]), (&json!(true), &json!("2026-06-14")));
    }
    let ops = signed("self_hosted.generic_job.ops.read", json!({}));
    let path_of_ops = "/v1/swarm/self-hosted/node/generic-job-control/ops?audit_limit=9999&audit_offset=99999";
    let (status, _, found) = call(&mswarm, "GET", path_of_ops, &ops, &Value::Null).await;
    assert_eq!((status, &found["audit"]["limit"], &found["audit"]["offset"]), (200, &json!(250), &json!(10_000)));
    assert_eq!(call(&mswarm, "GET", path_of_ops, &read, &Value::Null).await.1, "token_scope");
    let other = signed("self_hosted.capabilities.read", json!({ "node_id": "shn_other" }));
    assert_eq!(call(&mswarm, "GET", path, &other, &Value::Null).await.0, 400);
    let (status, _, missing) = call(&mswarm, "PUT", path, &read, &json!({})).await;
    let route = "Route PUT:/v1/swarm/self-hosted/node/capabilities not found";
    assert_eq!((status, missing), (404, json!({ "message": route, "error": "Not Found", "statusCode": 404 })));
}

#[tokio::test]
async fn generic_jobs_are_off_and_not_for_others() {
    let all = ["/generic-jobs", "/generic-jobs/job-1/cancel", "/generic-job-control/jobs"];
    for (mswarm, expected) in [
        (Mswarm::new(options()), refused(404, "feature_disabled")),
        (on(|options| options.owner_local = false), refused(403, "owner_local_required")),
        (on(|options| options.secret = None), refused(503, "missing_config")),
        (on(|_| {}), refused(401, "token_scope")),
    ] {
        for path in all {
            let path = format!("/v1/swarm/self-hosted/node{path}");
            let (status, code, _) = call(&mswarm, "POST", &path, &token(json!({})), &json!({})).await;
            assert_eq!((status, code), expected, "{path}");
        }
    }
}

fn on(change: impl FnOnce(&mut MswarmOptions)) -> Mswarm {
    let store = std::env::temp_dir().join(format!("waypost-none-{}", std::process::id()));
    let generic = GenericJobs::new(GenericOptions::new("shn_fake01".to_owned(), store));
    let mut options = MswarmOptions { generic: Some(generic), ..options() };
    change(&mut options);
    Mswarm::new(options)
}
