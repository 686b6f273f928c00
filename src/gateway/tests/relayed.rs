//! The third door: a caller's `/v1` request, a node that answers it.

use super::*;

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
        let url = format!("{}{NODE_PREFIX}/jobs", gateway.url);
        let fetched = gateway.client.get(format!("{url}/{}/body", job.job_id)).bearer_auth(&node.token).send().await;
        let bytes = fetched.unwrap().bytes().await.unwrap();
        node.finish(&gateway, &job, json!({"answer": {"id": "w"}})).await;

        let job = node.next(&gateway).await;
        let put = gateway.client.put(format!("{url}/{}/result-body?epoch=1", job.job_id)).bearer_auth(&node.token);
        let stored: Value = put.body(bytes).send().await.unwrap().json().await.unwrap();
        let body = json!({"size": stored["size"], "sha256": stored["sha256"], "content_type": "application/x-tar"});
        node.finish(&gateway, &job, json!({"answer": null, "answer_body": body})).await;
    };
    let (snapshot, ()) = within("both", async { tokio::join!(load, run) }).await;
    assert_eq!(snapshot, tar);
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
