//! Queued jobs from submission to receipt.

use super::*;
use crate::wire::gateway::JobList;
use serde_json::json;
use std::collections::BTreeMap;

#[tokio::test]
async fn a_job_goes_from_submission_to_receipt() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let submitted = json!({"node": "box", "operation": "workspaces.execute", "params": {"id": "w", "command": "cat"},
        "body": "on standard input", "timeout_s": 5});
    let job = gateway.submit(submitted).await;
    let handed = node.next(&gateway).await;
    assert_eq!((handed.timeout_ms, handed.durable), (Some(5_000), Some(true)));
    let body = handed.body.clone().unwrap();
    assert_eq!((body.size, body.base64.as_deref()), (17, Some("b24gc3RhbmRhcmQgaW5wdXQ=")));

    let (status, started) = node.start(&gateway, &handed).await;
    assert_eq!((status, started["status"].as_str(), started["ttl_ms"].as_u64()), (200, Some("started"), Some(120_000)));
    assert_eq!(node.start(&gateway, &handed).await.0, 200);
    let lease = json!({"job_id": job.id, "epoch": 1});
    let stale = json!({"job_id": "job_gone", "epoch": 4});
    let (_, renewed) = node.call(&gateway, "/jobs/renew", json!({"leases": [lease, stale]})).await;
    assert_eq!((&renewed["leases"][0]["state"], &renewed["leases"][1]["state"]), (&json!("held"), &json!("stale")));

    let answer = json!({"answer": {"kind": "io", "exit_code": 3}, "reason": "exited"});
    for expected in ["recorded", "duplicate"] {
        let (status, answer) = node.finish(&gateway, &handed, answer.clone()).await;
        assert_eq!((status, answer["receipt"]["disposition"].as_str()), (200, Some(expected)));
    }
    let view = gateway.wait(&job.id).await;
    assert_eq!((view.state.as_str(), view.reason.as_deref(), view.attempt), ("succeeded", Some("exited"), 1));
    assert_eq!(view.result.unwrap()["exit_code"], 3);
    gateway.end().await;
}

#[tokio::test]
async fn calls_about_unknown_jobs_are_never_404() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let (status, problem) = node.call(&gateway, "/jobs/job_no/start", json!({"epoch": 1})).await;
    assert_eq!((status, problem["error"].as_str()), (409, Some("lease_stale")));
    let (status, _) = node.call(&gateway, "/jobs/job_no/events", json!({"epoch": 1, "events": []})).await;
    assert_eq!(status, 409);
    let body = json!({"job_id": "job_no", "status": "success", "state": "succeeded",
        "lease": {"id": "l", "epoch": 1, "ttl_ms": 1}});
    let (status, answer) = node.call(&gateway, "/jobs/job_no/result", body).await;
    assert_eq!((status, answer["receipt"]["disposition"].as_str()), (200, Some("unknown")));
    let path = format!("{NODE_PREFIX}/jobs/job_no/body");
    assert_eq!(gateway.ask(Method::GET, &path, &node.token, None).await.0, 409);
    gateway.end().await;
}

#[tokio::test]
async fn an_idempotency_key_gives_the_same_job_or_says_that_it_cannot() {
    let gateway = TestGateway::start().await;
    let request = json!({"operation": "workspaces.get", "params": {"id": "a", "verbose": true}});
    let post = |key: &'static str, body: Value| {
        let request = gateway.client.post(format!("{}/v1/jobs", gateway.url)).bearer_auth(&gateway.call);
        async move {
            let response = request.header("Idempotency-Key", key).json(&body).send().await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        }
    };
    let (status, first) = post("k1", request.clone()).await;
    assert_eq!(status, 202);
    let reordered = json!({"params": {"verbose": true, "id": "a"}, "operation": "workspaces.get"});
    let (status, second) = post("k1", reordered).await;
    assert_eq!((status, &second["id"]), (200, &first["id"]));
    let (status, problem) = post("k1", json!({"operation": "workspaces.list"})).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("idempotency_mismatch")));
    let mut in_body = request;
    in_body["idempotency_key"] = "k1".into();
    assert_eq!(gateway.ask(Method::POST, "/v1/jobs", &gateway.call, Some(in_body.clone())).await.0, 200);
    assert_eq!(post("k2", in_body).await.0, 400);
    gateway.end().await;
}

#[tokio::test]
async fn a_submission_that_cannot_work_is_refused_and_says_why() {
    let gateway = TestGateway::start().await;
    let many: BTreeMap<_, _> = (0..10_000).map(|n| (n.to_string(), "")).collect();
    for (body, status, code, says) in [
        (json!({"operation": "workspaces.list", "color": 1}), 400, "invalid_request", "color"),
        (json!({"operation": "workspaces.fly"}), 501, "unsupported_operation", "workspaces.fly"),
        (json!({"operation": "shutdown"}), 403, "forbidden", "shutdown"),
        (json!({"operation": "workspaces.list", "node": "moon"}), 404, "node_not_found", "moon"),
        (json!({"operation": "workspaces.list", "timeout_s": -1}), 400, "invalid_request", "timeout_s"),
        (json!({"operation": "workspaces.list", "priority": 101}), 400, "invalid_request", "priority"),
        (json!({"operation": "workspaces.list", "labels": many}), 400, "invalid_request", "10000 labels"),
        (
            json!({"operation": "workspaces.list", "labels": {"a": "b".repeat(300)}}),
            400,
            "invalid_request",
            "300 bytes",
        ),
        (json!({"operation": "workspaces.load", "body": {"base64": "?"}}), 400, "invalid_request", "base64"),
        (json!({"operation": "workspaces.load", "body": {"sha256": "../x"}}), 400, "invalid_request", "SHA-256"),
        (
            json!({"operation": "chat.completions", "params": {"openai_request": {}, "attached_mswarm_api_key": "k"}}),
            400,
            "invalid_request",
            "credential",
        ),
        (
            json!({"operation": "chat.completions", "params": {"openai_request": {"model": "m"}}}),
            501,
            "unsupported_operation",
            "'m'",
        ),
    ] {
        let (got, problem) = gateway.ask(Method::POST, "/v1/jobs", &gateway.call, Some(body.clone())).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{body} {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    gateway.end().await;
}

#[tokio::test]
async fn queued_jobs_say_what_they_wait_for_and_end_at_once_when_cancelled() {
    let gateway = TestGateway::start().await;
    let job = gateway.submit(json!({"operation": "workspaces.list"})).await;
    assert_eq!(job.reason.as_deref(), Some("no_node_matches"));
    FakeNode::join(&gateway, "box", Some(2)).await;
    assert_eq!(gateway.job(&job.id).await.reason.as_deref(), Some("node_unreachable"));
    let path = format!("/v1/jobs/{}", job.id);
    let (status, ended) = gateway.ask(Method::DELETE, &path, &gateway.call, None).await;
    assert_eq!((status, ended["state"].as_str()), (200, Some("cancelled")));
    assert_eq!(gateway.get("/v1/jobs/job_no").await.1["code"], "job_not_found");

    for _ in 0..3 {
        gateway.submit(json!({"operation": "workspaces.list"})).await;
    }
    let page: JobList = parse(gateway.get("/v1/jobs?limit=2&state=queued").await.1);
    let rest: JobList =
        parse(gateway.get(&format!("/v1/jobs?state=queued&cursor={}", page.next_cursor.unwrap())).await.1);
    assert_eq!((page.items.len(), rest.items.len(), rest.next_cursor), (2, 1, None));
    assert_eq!(gateway.get("/v1/jobs?colour=red").await.0, 400);
    gateway.end().await;
}

#[tokio::test]
async fn bodies_travel_beside_the_job_both_ways() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let big = vec![7u8; 200_000];
    let put = gateway.client.put(format!("{}/v1/blobs", gateway.url)).bearer_auth(&gateway.call);
    let blob: Value = put.body(big.clone()).send().await.unwrap().json().await.unwrap();
    assert_eq!(blob["size"], 200_000);
    let body = json!({"sha256": blob["sha256"]});
    let job = gateway.submit(json!({"operation": "workspaces.load", "node": "box", "body": body})).await;
    let handed = node.next(&gateway).await;
    assert!(handed.body.as_ref().unwrap().base64.is_none());
    let url = format!("{}{NODE_PREFIX}/jobs/{}", gateway.url, job.id);
    let fetched = gateway.client.get(format!("{url}/body")).bearer_auth(&node.token).send().await.unwrap();
    assert_eq!(fetched.bytes().await.unwrap(), big);

    let snapshot = vec![9u8; 100_000];
    let answer_body =
        json!({"size": 100_000, "sha256": crate::base::sha256_hex(&snapshot), "content_type": "application/x-tar"});
    let answer = json!({"answer_body": answer_body});
    let (status, early) = node.finish(&gateway, &handed, answer.clone()).await;
    assert_eq!((status, early["retryable"].as_bool()), (425, Some(true)));
    let put = |epoch: u64| {
        let request = gateway.client.put(format!("{url}/result-body?epoch={epoch}")).bearer_auth(&node.token);
        let request = request.body(snapshot.clone());
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!((put(2).await, put(1).await), (409, 200));
    assert_eq!(node.finish(&gateway, &handed, answer).await.0, 200);
    let read = gateway.send(Method::GET, &format!("/v1/jobs/{}/body", job.id), &gateway.call, None).await;
    assert_eq!(read.headers()["content-type"], "application/x-tar");
    assert_eq!(read.bytes().await.unwrap(), snapshot);
    gateway.end().await;
}

#[tokio::test]
async fn a_job_whose_hand_out_got_lost_is_handed_out_again_and_the_first_attempt_is_fenced_out() {
    let gateway = TestGateway::start_with(|config| config.lease_grace = Duration::from_millis(500)).await;
    let node = gateway.node("box").await;
    let job = gateway.submit(json!({"operation": "workspaces.execute", "node": "box"})).await;
    let lost = node.next(&gateway).await;
    let again = within("the second hand-out", node.next(&gateway)).await;
    assert_eq!((&again.job_id, again.lease.as_ref().unwrap().epoch), (&job.id, 2));
    assert_eq!(node.start(&gateway, &again).await.0, 200);
    let (status, problem) = node.start(&gateway, &lost).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("lease_stale")));
    let (_, late) = node.finish(&gateway, &lost, json!({"answer": {"exit_code": 1}})).await;
    assert_eq!(late["receipt"]["disposition"], "superseded");
    let (_, kept) = node.finish(&gateway, &again, json!({"answer": {"exit_code": 2}})).await;
    assert_eq!(kept["receipt"]["disposition"], "recorded");
    let view = gateway.wait(&job.id).await;
    assert_eq!((view.result.unwrap()["exit_code"].as_i64(), view.late_results.len()), (Some(2), 1));
    gateway.end().await;
}
