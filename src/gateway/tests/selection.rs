//! The choice of a node: `any` with labels, by what nodes say of themselves, and workspaces that stay where they are.

use super::*;

async fn labelled(gateway: &TestGateway, name: &str, labels: Value) -> FakeNode {
    let node = FakeNode::join(gateway, name, Some(2)).await;
    let capacity = json!({"active_jobs": 0, "queued_jobs": 0, "max_concurrency": 4});
    let body = json!({"status": "online", "starting": true, "capacity": capacity, "labels": labels});
    assert_eq!(node.call(gateway, "/heartbeat", body).await.0, 200);
    node
}

/// Sends a request and has the node that gets it answer; gives the status, the body and the node of the header.
async fn relayed(
    gateway: &TestGateway,
    nodes: &[&FakeNode],
    method: Method,
    path: &str,
    answer: Value,
) -> (u16, Value, Option<String>) {
    let serve = async |node: &FakeNode| {
        let job = node.next(gateway).await;
        node.finish(gateway, &job, json!({"answer": answer})).await;
        std::future::pending::<()>().await;
    };
    let serving = futures_util::future::join_all(nodes.iter().map(|node| serve(node)));
    let calling = async {
        let body = (method == Method::POST).then(|| json!({}));
        let response = gateway.send(method, path, &gateway.call, body).await;
        let header = response.headers().get("x-waypost-node").map(|id| id.to_str().unwrap().to_owned());
        (response.status().as_u16(), response.json().await.unwrap(), header)
    };
    tokio::select! {
        _ = serving => unreachable!(),
        answer = within("the answer", calling) => answer,
    }
}

#[tokio::test]
async fn any_goes_to_a_node_with_the_labels_and_says_which() {
    let gateway = TestGateway::start().await;
    let plain = labelled(&gateway, "plain", json!({"os": "linux"})).await;
    let gpu = labelled(&gateway, "gpu", json!({"os": "linux", "gpu": "true"})).await;
    let both = [&plain, &gpu];
    for path in ["/nodes/any;gpu=true;os=linux/v1/workspaces", "/nodes/any%3Bgpu%3Dtrue/v1/workspaces"] {
        let (status, _, node) = relayed(&gateway, &both, Method::GET, path, json!([])).await;
        assert_eq!((status, node.as_deref()), (200, Some(gpu.id.as_str())), "{path}");
    }
    // By name and id the answer says so as well, a refusal too.
    for name in ["plain", &plain.id] {
        let path = format!("/nodes/{name}/v1/health");
        let (status, _, node) = relayed(&gateway, &both, Method::GET, &path, json!({})).await;
        assert_eq!((status, node.as_deref()), (200, Some(plain.id.as_str())));
    }
    let refused = gateway.send(Method::POST, "/nodes/plain/v1/workspaces/load", &gateway.call, None).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["x-waypost-node"].to_str().unwrap()), (400, &*plain.id));

    let job = gateway.submit(json!({"operation": "workspaces.list", "node": "any;gpu=true"})).await;
    assert!(plain.poll(&gateway, 0, 4).await.jobs.is_empty());
    assert_eq!(gpu.poll(&gateway, 0, 4).await.jobs[0].job_id, job.id);
    for (node, labels, says) in
        [("any;gpu", json!({}), "NAME=VALUE"), ("any;a=1", json!({"a": "2"}), "different values")]
    {
        let body = json!({"operation": "workspaces.list", "node": node, "labels": labels});
        let (status, problem) = gateway.ask(Method::POST, "/v1/jobs", &gateway.call, Some(body)).await;
        assert_eq!(status, 400);
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    gateway.end().await;
}

#[tokio::test]
async fn what_nobody_can_take_is_told_with_why_each_kind_of_node_was_out() {
    let gateway = TestGateway::start().await;
    let ask = async |key: &str| {
        let (status, problem) = gateway.ask(Method::GET, "/nodes/any;gpu=true/v1/workspaces", key, None).await;
        assert_eq!((status, &problem["code"], &problem["retryable"]), (503, &json!("node_unreachable"), &json!(true)));
        problem["detail"].as_str().unwrap().to_owned()
    };
    assert!(ask(&gateway.call).await.ends_with("looked for any with gpu=true among 0: there is none"));
    labelled(&gateway, "plain", json!({})).await;
    let gpu = json!({"gpu": "true"});
    let busy = labelled(&gateway, "busy", gpu.clone()).await;
    busy.poll(&gateway, 0, 0).await;
    labelled(&gateway, "draining", gpu.clone()).await;
    gateway.ask(Method::POST, "/v1/nodes/draining/drain", &gateway.admin, None).await;
    let off = FakeNode::join(&gateway, "off", Some(2)).await;
    let label = json!({"labels": gpu});
    gateway.ask(Method::PATCH, &format!("/v1/nodes/{}", off.id), &gateway.admin, Some(label)).await;
    gateway.ask(Method::DELETE, "/v1/nodes/nobody", &gateway.admin, None).await;
    // The fleet is looked at anew once a second.
    let all = "among 4: 1 without these labels, 1 not connected, 1 draining, 1 without a free slot";
    until("all are counted", || async { ask(&gateway.call).await.ends_with(all) }).await;
    let (key, _) = gateway.limited(json!([{"node": "busy"}])).await;
    assert!(ask(&key).await.ends_with("among 1: 1 without a free slot"), "of others not even the number is told");
    gateway.end().await;
}

#[tokio::test]
async fn requests_are_spread_by_what_is_free() {
    let gateway = TestGateway::start().await;
    let (one, two) = (gateway.node("one").await, gateway.node("two").await);
    one.poll(&gateway, 0, 1).await;
    two.poll(&gateway, 0, 3).await;
    let mut asking = Vec::new();
    for _ in 0..4 {
        let request = gateway.client.get(format!("{}/nodes/any/v1/health", gateway.url)).bearer_auth(&gateway.call);
        asking.push(tokio::spawn(async move {
            let response = request.send().await.unwrap();
            response.headers()["x-waypost-node"].to_str().unwrap().to_owned()
        }));
    }
    let queued = async || {
        let (_, list) = gateway.get("/v1/jobs?state=queued").await;
        list["items"].as_array().unwrap().len()
    };
    until("all wait for their nodes", || async { queued().await == 4 }).await;
    let (status, problem) = gateway.get("/nodes/any/v1/health").await;
    assert_eq!(status, 503, "{problem}");
    for node in [&one, &two] {
        for job in node.poll(&gateway, 0, 4).await.jobs {
            node.finish(&gateway, &job, json!({"answer": {}})).await;
        }
    }
    let mut went = Vec::new();
    for asked in asking {
        went.push(within("an answer", asked).await.unwrap());
    }
    let to = |node: &FakeNode| went.iter().filter(|id| **id == node.id).count();
    assert_eq!((to(&one), to(&two)), (1, 3));
    gateway.end().await;
}

#[tokio::test]
async fn a_workspace_is_asked_for_where_it_is_known_to_be() {
    let gateway = TestGateway::start().await;
    let (one, two) = (gateway.node("one").await, gateway.node("two").await);
    let both = [&one, &two];
    let path = "/nodes/any/v1/workspaces";
    let (status, _, home) = relayed(&gateway, &both, Method::POST, path, json!({"id": "w"})).await;
    let home = home.unwrap();
    assert_eq!(status, 201);
    for _ in 0..3 {
        let (status, _, node) =
            relayed(&gateway, &both, Method::GET, "/nodes/any/v1/workspaces/w", json!({"id": "w"})).await;
        assert_eq!((status, node.as_deref()), (200, Some(home.as_str())));
    }
    let job = json!({"operation": "workspaces.get", "params": {"id": "w"}, "node": "any"});
    assert_eq!(gateway.submit(job).await.node_id.as_deref(), Some(home.as_str()));

    let (status, problem) = gateway.get("/nodes/any/v1/workspaces/nobody-told").await;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    assert!(problem["hint"].as_str().unwrap().contains("x-waypost-node"), "{problem}");
    // The other node has one of that name as well: it is not guessed which is meant.
    let other = both.into_iter().find(|node| node.id != home).unwrap();
    let path = format!("/nodes/{}/v1/workspaces", other.id);
    relayed(&gateway, &[other], Method::POST, &path, json!({"id": "w"})).await;
    let (status, problem) = gateway.get("/nodes/any/v1/workspaces/w").await;
    assert_eq!((status, problem["detail"].as_str()), (409, Some("several nodes have a 'w'")));
    // A key that may use only one of them means that one.
    let (key, _) = gateway.limited(json!([{"node": other.id}])).await;
    let asking = gateway.send(Method::GET, "/nodes/any/v1/workspaces/w", &key, None);
    let serving = async {
        let job = other.next(&gateway).await;
        other.finish(&gateway, &job, json!({"answer": {"id": "w"}})).await;
    };
    let (response, ()) = tokio::join!(asking, serving);
    assert_eq!(response.headers()["x-waypost-node"].to_str().unwrap(), other.id);
    gateway.end().await;
}
