//! The third door: a caller's `/v1` request, a node that answers it.

use super::*;
use crate::wire::node::BodyRef;

/// A node that answers every job with what `answer` makes of it, until it is dropped.
async fn serve(gateway: &TestGateway, node: &FakeNode, answer: impl Fn(&Job) -> Value) {
    loop {
        let job = node.next(gateway).await;
        assert_eq!(job.durable, Some(false));
        let (status, receipt) = node.finish(gateway, &job, answer(&job)).await;
        assert_eq!((status, receipt["receipt"]["disposition"].as_str()), (200, Some("recorded")));
    }
}

#[tokio::test]
async fn a_request_runs_on_the_node_and_answers_like_the_node_s_own_door() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let answer = |job: &Job| {
        let params = job.params.as_ref().unwrap();
        match job.operation.as_deref() {
            Some("workspaces.create") => json!({"answer": {"id": params["id"]}}),
            Some("workspaces.execute") => {
                json!({"answer": {"kind": "io", "stdout": params["command"], "job_id": "job_n", "stdin": job.body}})
            }
            _ => json!({"status": "failed", "state": "failed", "failure": {"code": "workspace_not_found",
                "message": "there is no workspace 'w'", "hint": "create it"}}),
        }
    };
    let calls = async {
        let create = json!({"id": "w", "config": {}});
        let (status, made) = gateway.ask(Method::POST, "/nodes/box/v1/workspaces", &gateway.call, Some(create)).await;
        assert_eq!((status, made), (201, json!({"id": "w"})));
        let execute = json!({"command": "ls", "stdinBase64": "aGk="});
        let path = format!("/nodes/{}/v1/workspaces/a%20b/execute", node.id);
        let response = gateway.send(Method::POST, &path, &gateway.call, Some(execute)).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["x-mirage-job-id"]),
            (200, &"job_n".parse().unwrap())
        );
        let ran: Value = response.json().await.unwrap();
        assert_eq!((&ran["stdout"], &ran["stdin"]["base64"]), (&json!("ls"), &json!("aGk=")));
        let (status, problem) = gateway.get("/nodes/box/v1/workspaces/w").await;
        assert_eq!((status, problem["detail"].as_str()), (404, Some("there is no workspace 'w'")));
    };
    tokio::select! {
        () = serve(&gateway, &node, answer) => {}
        () = within("the calls", calls) => {}
    }
    gateway.end().await;
}

#[tokio::test]
async fn archives_stream_both_ways() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let tar = vec![5u8; 300_000];
    let load = async {
        let request = gateway.client.post(format!("{}/nodes/box/v1/workspaces/load?id=w", gateway.url));
        let request = request.bearer_auth(&gateway.call).header("content-type", "application/x-tar").body(tar.clone());
        let response = within("the load", request.send()).await.unwrap();
        assert_eq!(response.status(), 201);
        let path = "/nodes/box/v1/workspaces/w/snapshot";
        let response = gateway.send(Method::GET, path, &gateway.call, None).await;
        assert_eq!(response.headers()["content-type"], "application/x-tar");
        assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"w.tar\"");
        response.bytes().await.unwrap()
    };
    let run = async {
        let job = node.next(&gateway).await;
        assert_eq!(job.params.as_ref().unwrap()["id"], "w");
        assert_eq!(job.body, Some(BodyRef { size: 300_000, stream: true, ..BodyRef::default() }));
        let bytes = node.body(&gateway, &job).await;
        node.finish(&gateway, &job, json!({"answer": {"id": "w"}})).await;

        let job = node.next(&gateway).await;
        assert!(job.stream_answer);
        let head = json!({"answer": {"id": "w"}, "content_type": "application/x-tar"});
        assert_eq!(node.answer(&gateway, &job, 0, &head, &bytes[..100_000]).await, (200, 100_000));
        // Sent again, as by a node that did not get the answer, and then the rest.
        assert_eq!(node.answer(&gateway, &job, 50_000, &Value::Null, &bytes[50_000..200_000]).await, (200, 200_000));
        assert_eq!(node.answer(&gateway, &job, 250_000, &Value::Null, &bytes[250_000..]).await, (200, 200_000));
        assert_eq!(node.answer(&gateway, &job, 200_000, &Value::Null, &bytes[200_000..]).await, (200, 300_000));
        let body = json!({"size": bytes.len(), "content_type": "application/x-tar"});
        node.finish(&gateway, &job, json!({"answer": {"id": "w"}, "answer_body": body})).await;
    };
    let (snapshot, ()) = within("both", async { tokio::join!(load, run) }).await;
    assert_eq!(snapshot, tar);
    gateway.end().await;
}

#[tokio::test]
async fn a_streamed_answer_comes_as_it_is_made_and_breaks_off_with_its_job() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let path = "/nodes/box/v1/workspaces/w/vfs/read_stream";
    let ask = gateway.send(Method::POST, path, &gateway.call, Some(json!({"path": "/a"})));
    let (response, job) = within("the first piece", async {
        tokio::join!(ask, async {
            let job = node.next(&gateway).await;
            let head = json!({"answer": {}, "content_type": "application/octet-stream"});
            assert_eq!(node.answer(&gateway, &job, 0, &head, b"first").await, (200, 5));
            job
        })
    })
    .await;
    let mut response = response;
    assert_eq!(response.chunk().await.unwrap().unwrap(), "first");
    node.finish(
        &gateway,
        &job,
        json!({"status": "failed", "state": "failed", "failure": {"code": "internal",
        "message": "it broke off"}}),
    )
    .await;
    within("the end", response.chunk()).await.unwrap_err();

    // A caller that goes away: the node hears of it with the next piece.
    let ask = gateway.send(Method::POST, path, &gateway.call, Some(json!({"path": "/a"})));
    let (response, job) = tokio::join!(ask, async {
        let job = node.next(&gateway).await;
        let head = json!({"answer": {}, "content_type": "application/octet-stream"});
        assert_eq!(node.answer(&gateway, &job, 0, &head, b"first").await, (200, 5));
        job
    });
    drop(response);
    let mut offset = 5;
    until("nobody reads on", || {
        offset += 1;
        let (gateway, node, job) = (&gateway, &node, &job);
        async move { node.answer(gateway, job, offset - 1, &Value::Null, b"x").await.0 == 409 }
    })
    .await;
    gateway.end().await;
}

#[tokio::test]
async fn a_result_s_body_comes_in_pieces_and_a_download_goes_on_where_it_broke_off() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let job = json!({"operation": "workspaces.snapshot", "params": {"id": "w"}, "node": "box"});
    let (_, queued) = gateway.ask(Method::POST, "/v1/jobs", &gateway.call, Some(job)).await;
    let job = node.next(&gateway).await;
    let tar: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let sha256 = crate::base::sha256_hex(&tar);
    let put = async |from: usize, to: usize, sha256: &str| {
        let url = format!("{}{NODE_PREFIX}/jobs/{}/result-body?epoch=1&offset={from}", gateway.url, job.job_id);
        let put = gateway.client.put(format!("{url}&size={}", tar.len())).bearer_auth(&node.token);
        let response = put.header("x-content-sha256", sha256).body(tar[from..to].to_vec()).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap()["next_offset"].as_u64())
    };
    assert_eq!(put(0, 150_000, &sha256).await, (200, Some(150_000)));
    assert_eq!(put(200_000, 300_000, &sha256).await, (200, Some(150_000)));
    assert_eq!(put(100_000, 400_000, &sha256).await, (200, Some(400_000)));
    assert_eq!(put(0, 10, &sha256).await, (200, Some(400_000)), "it is there already");
    let other = crate::base::sha256_hex(b"other");
    assert_eq!(put(0, 400_000, &other).await.0, 425);
    assert_eq!(put(0, 0, &other).await, (200, Some(0)), "what is not what was announced is forgotten");
    let body = json!({"size": tar.len(), "sha256": sha256, "content_type": "application/x-tar"});
    node.finish(&gateway, &job, json!({"answer": {}, "answer_body": body})).await;

    let url = format!("{}/v1/jobs/{}/body", gateway.url, queued["id"].as_str().unwrap());
    let get = async |range: &str| {
        let request = gateway.client.get(&url).bearer_auth(&gateway.call).header("range", range);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap())
    };
    assert_eq!(get("bytes=399990-").await, (206, tar[399_990..].to_vec().into()));
    for whole in ["bytes=0-9,20-", "bytes=500000-", "lines=1-"] {
        assert_eq!(get(whole).await, (200, tar.clone().into()), "{whole}");
    }
    gateway.end().await;
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_at_once() {
    let gateway = TestGateway::start().await;
    FakeNode::join(&gateway, "silent", Some(2)).await;
    let node = gateway.node("drained").await;
    gateway.ask(Method::POST, "/v1/nodes/drained/drain", &gateway.admin, None).await;
    for (method, path, status, code) in [
        (Method::GET, "/nodes/nobody/v1/health", 404, "node_not_found"),
        (Method::GET, "/nodes/silent/v1/health", 503, "node_unreachable"),
        (Method::GET, "/nodes/drained/v1/health", 503, "draining"),
        (Method::POST, "/nodes/drained/v1/shutdown", 403, "forbidden"),
        (Method::GET, "/nodes/drained/v1/nothing", 404, "not_found"),
        (Method::PUT, "/nodes/drained/v1/workspaces", 405, "method_not_allowed"),
    ] {
        let (got, problem) = gateway.ask(method, path, &gateway.call, None).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{path}: {problem}");
    }
    gateway.ask(Method::DELETE, &format!("/v1/nodes/{}", node.id), &gateway.admin, None).await;
    assert_eq!(gateway.get("/nodes/drained/v1/health").await.0, 404);
    gateway.end().await;
}

#[tokio::test]
async fn a_request_that_no_node_takes_ends_with_503() {
    let gateway = TestGateway::start_with(|config| config.relay_queue_timeout = Duration::from_millis(50)).await;
    gateway.node("box").await;
    let (status, problem) = gateway.get("/nodes/box/v1/health").await;
    assert_eq!((status, problem["code"].as_str()), (503, Some("node_unreachable")));
    until("the job is cancelled", || async { gateway.get("/v1/jobs").await.1["items"][0]["state"] == "cancelled" })
        .await;
    gateway.end().await;
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_its_job() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let call = gateway.get("/nodes/box/v1/workspaces");
    let job = tokio::select! {
        _ = call => panic!("nobody answered"),
        job = node.next(&gateway) => job,
    };
    let told = within("the cancel", node.poll(&gateway, 20_000, 0)).await;
    assert_eq!(told.cancel[0].job_id, job.job_id);
    let ended = json!({"status": "failed", "state": "cancelled", "reason": "cancel_requested"});
    node.finish(&gateway, &job, ended).await;
    assert_eq!(gateway.job(&job.job_id).await.state.as_str(), "cancelled");
    gateway.end().await;
}

#[tokio::test]
async fn a_lost_job_says_so() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let answer = |_: &Job| json!({"status": "failed", "state": "lost", "reason": "node_restarted"});
    tokio::select! {
        () = serve(&gateway, &node, answer) => {}
        (status, problem) = gateway.get("/nodes/box/v1/workspaces") => {
            assert_eq!((status, problem["code"].as_str()), (502, Some("lost")));
            assert!(problem["detail"].as_str().unwrap().contains("node_restarted"), "{problem}");
        }
    }
    gateway.end().await;
}

#[tokio::test]
async fn a_gateway_that_ends_tells_callers_what_is_known() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let end = async {
        node.next(&gateway).await;
        gateway.shutdown.advance();
    };
    let call = gateway.get("/nodes/box/v1/workspaces");
    let ((status, problem), ()) = within("the answer", async { tokio::join!(call, end) }).await;
    assert_eq!((status, problem["code"].as_str()), (502, Some("lost")));
    within("the gateway's end", gateway.task).await.unwrap();
}

#[tokio::test]
async fn a_node_that_goes_silent_in_the_middle_is_not_asked_twice() {
    let gateway = TestGateway::start_with(|config| config.lease_grace = Duration::from_millis(100)).await;
    let node = gateway.node("box").await;
    let command = json!({"command": "rm -r /data/old"});
    let path = "/nodes/box/v1/workspaces/w/execute";
    let call = gateway.ask(Method::POST, path, &gateway.call, Some(command));
    // The node takes it and says nothing more. It may have run: handing it out again could run it twice.
    let ((status, problem), job) = within("the answer", async { tokio::join!(call, node.next(&gateway)) }).await;
    assert_eq!((status, problem["code"].as_str()), (502, Some("lost")));
    assert!(problem["hint"].as_str().unwrap().contains("look before"), "{problem}");
    assert_eq!(gateway.job(&job.job_id).await.attempt, 1);
    gateway.end().await;
}
