//! Keys that are limited to some nodes: what they may use, what they see, and what they are told.

use super::*;
use crate::base::unix_ms;
use crate::gateway::store::GrantChange;
use crate::wire::gateway::{Grant, JobList, NodeList};

/// Joins a node and has it report labels.
async fn labelled(gateway: &TestGateway, name: &str, labels: Value) -> FakeNode {
    let node = FakeNode::join(gateway, name, Some(2)).await;
    let capacity = json!({"active_jobs": 0, "queued_jobs": 0, "max_concurrency": 4});
    let body = json!({"status": "online", "starting": true, "capacity": capacity, "labels": labels});
    assert_eq!(node.call(gateway, "/heartbeat", body).await.0, 200);
    node
}

#[tokio::test]
async fn other_nodes_are_not_there_for_a_limited_key() {
    let gateway = TestGateway::start().await;
    let (mine, other) = (gateway.node("mine").await, gateway.node("other").await);
    let (key, _) = gateway.limited(json!([{"node": "mine"}])).await;
    let ask = async |method: Method, path: &str, body: Option<Value>| gateway.ask(method, path, &key, body).await;

    let list: NodeList = parse(ask(Method::GET, "/v1/nodes?removed=true", None).await.1);
    assert_eq!(list.items.iter().map(|node| &node.id).collect::<Vec<_>>(), [&mine.id]);
    let job = |node: &str| Some(json!({"operation": "workspaces.list", "node": node}));
    // The same words for a node that is there and for one that is not, by name and by id.
    for (hidden, unknown) in [("other".to_owned(), "nobody".to_owned()), (other.id.clone(), "shn_nobody".to_owned())] {
        for (method, path, body) in [
            (Method::GET, "/v1/nodes/NODE", None),
            (Method::GET, "/nodes/NODE/v1/workspaces", None),
            (Method::GET, "/v1/jobs?node=NODE", None),
            (Method::POST, "/v1/jobs", job("NODE")),
        ] {
            let mut answers = Vec::new();
            for name in [&hidden, &unknown] {
                let body = body.clone().map(|body| parse(body.to_string().replace("NODE", name).parse().unwrap()));
                let (status, mut problem) = ask(method.clone(), &path.replace("NODE", name), body).await;
                problem.as_object_mut().unwrap().remove("request_id");
                answers.push((status, problem.to_string().replace(name.as_str(), "NODE")));
            }
            assert_eq!(answers[0], answers[1], "{path}");
            assert_eq!(answers[0].0, 404, "{answers:?}");
        }
    }
    assert_eq!(ask(Method::POST, "/v1/jobs", job("mine")).await.0, 202);
    assert_eq!(ask(Method::GET, "/v1/nodes/mine", None).await.0, 200);
    // A removed node is one too.
    gateway.ask(Method::DELETE, "/v1/nodes/other", &gateway.admin, None).await;
    assert_eq!(ask(Method::POST, "/v1/jobs", job("other")).await.1["detail"], "there is no node 'other'");
    gateway.end().await;
}

#[tokio::test]
async fn a_job_by_labels_lands_only_on_granted_nodes() {
    let gateway = TestGateway::start().await;
    let gpu = json!({"gpu": "true"});
    let (mine, other) = (labelled(&gateway, "mine", gpu.clone()).await, labelled(&gateway, "other", gpu).await);
    let (key, id) = gateway.limited(json!([{"node": "mine"}])).await;
    let body = json!({"operation": "workspaces.list", "labels": {"gpu": "true"}});
    let (status, job) = gateway.ask(Method::POST, "/v1/jobs", &key, Some(body.clone())).await;
    assert_eq!((status, &job["reason"]), (202, &json!("waiting_for_slot")));
    assert!(other.poll(&gateway, 0, 4).await.jobs.is_empty());
    assert_eq!(mine.poll(&gateway, 0, 4).await.jobs[0].job_id, job["id"].as_str().unwrap());

    // By labels it may use what has them, now or later.
    let path = format!("/v1/keys/{id}/grants");
    let by_labels = json!({"labels": {"gpu": "true"}});
    let (status, grants) = gateway.ask(Method::POST, &path, &gateway.admin, Some(by_labels)).await;
    assert_eq!((status, grants["grants"].as_array().unwrap().len()), (200, 2), "{grants}");
    gateway.ask(Method::POST, "/v1/jobs", &key, Some(body.clone())).await;
    assert_eq!(other.poll(&gateway, 0, 4).await.jobs.len(), 1);

    // Taken back while a job waits.
    gateway.ask(Method::POST, "/v1/jobs", &key, Some(body)).await;
    for grant in [json!({"labels": {"gpu": "true"}}), json!({"node": "mine"})] {
        let (status, now) =
            gateway.ask(Method::POST, &format!("{path}/remove"), &gateway.admin, Some(grant.clone())).await;
        assert_eq!((status, &now["limited"]), (200, &json!(true)), "{now}");
        let (status, again) = gateway.ask(Method::POST, &format!("{path}/remove"), &gateway.admin, Some(grant)).await;
        assert_eq!((status, &again["code"]), (404, &json!("not_found")));
    }
    assert!(other.poll(&gateway, 0, 4).await.jobs.is_empty() && mine.poll(&gateway, 0, 4).await.jobs.is_empty());
    let listed: JobList = parse(gateway.ask(Method::GET, "/v1/jobs?state=queued", &key, None).await.1);
    assert_eq!(listed.items[0].reason.as_deref(), Some("no_node_matches"));
    for (method, path, body) in [
        (Method::GET, "/nodes/mine/v1/workspaces", None),
        (Method::GET, "/nodes/any/v1/workspaces", None),
        (Method::POST, "/v1/jobs", Some(json!({"operation": "workspaces.list"}))),
    ] {
        let (status, problem) = gateway.ask(method, path, &key, body).await;
        assert_eq!((status, &problem["code"]), (403, &json!("forbidden")), "{problem}");
        assert!(problem["hint"].as_str().unwrap().contains("waypost gateway grant add"), "{problem}");
    }
    let (_, lifted) = gateway.ask(Method::DELETE, &path, &gateway.admin, None).await;
    assert_eq!(lifted, json!({"key": id, "limited": false, "grants": []}));
    assert_eq!(mine.poll(&gateway, 0, 4).await.jobs.len(), 1);
    gateway.end().await;
}

#[tokio::test]
async fn a_limited_key_sees_its_own_jobs_and_an_admin_all() {
    let gateway = TestGateway::start().await;
    gateway.node("mine").await;
    let (key, _) = gateway.limited(json!([{"node": "mine"}])).await;
    let (twin, _) = gateway.limited(json!([{"node": "mine"}])).await;
    let body = json!({"operation": "workspaces.list", "node": "mine"});
    let (_, own) = gateway.ask(Method::POST, "/v1/jobs", &key, Some(body.clone())).await;
    let (_, other) = gateway.ask(Method::POST, "/v1/jobs", &twin, Some(body.clone())).await;
    gateway.submit(body).await;

    let count = async |key: &str| {
        let list: JobList = parse(gateway.ask(Method::GET, "/v1/jobs", key, None).await.1);
        list.items.len()
    };
    assert_eq!((count(&key).await, count(&gateway.call).await, count(&gateway.admin).await), (1, 3, 3));
    let hidden = other["id"].as_str().unwrap();
    for (method, path) in [
        (Method::GET, format!("/v1/jobs/{hidden}")),
        (Method::GET, format!("/v1/jobs/{hidden}/body")),
        (Method::GET, format!("/v1/jobs/{hidden}/events")),
        (Method::POST, format!("/v1/jobs/{hidden}/wait")),
        (Method::DELETE, format!("/v1/jobs/{hidden}")),
    ] {
        let (status, problem) = gateway.ask(method, &path, &key, None).await;
        assert_eq!((status, &problem["code"]), (404, &json!("job_not_found")), "{path}");
    }
    let path = format!("/v1/jobs/{}", own["id"].as_str().unwrap());
    assert_eq!(gateway.ask(Method::GET, &path, &gateway.admin, None).await.0, 200);
    let (status, ended) = gateway.ask(Method::DELETE, &path, &key, None).await;
    assert_eq!((status, &ended["state"]), (200, &json!("cancelled")));
    assert_eq!(gateway.job(hidden).await.state.as_str(), "queued");
    gateway.end().await;
}

#[tokio::test]
async fn a_change_made_beside_the_gateway_counts_within_a_second_or_so() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("mine").await;
    let (key, id) = gateway.limited(json!([{"labels": {"name": "nothing"}}])).await;
    let status = async || gateway.ask(Method::GET, "/v1/nodes/mine", &key, None).await.0;
    assert_eq!(status().await, 404);
    // As the command line does it, in the store.
    let grant = Grant { node: Some(node.id.clone()), ..Grant::default() };
    let begun = std::time::Instant::now();
    gateway.store.change_grants(&id, GrantChange::Add(grant.clone()), unix_ms()).await.unwrap();
    until("the grant counts", || async { status().await == 200 }).await;
    gateway.store.change_grants(&id, GrantChange::Remove(grant), unix_ms()).await.unwrap();
    until("it counts no longer", || async { status().await == 404 }).await;
    gateway.store.revoke_key(&id, unix_ms()).await.unwrap();
    until("the key is dead", || async { status().await == 401 }).await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?} for three changes", begun.elapsed());
    gateway.end().await;
}

#[tokio::test]
async fn grants_that_make_no_sense_are_refused() {
    let gateway = TestGateway::start().await;
    gateway.node("mine").await;
    for (body, status, says) in [
        (json!({"scopes": ["call", "admin"], "grants": [{"node": "mine"}]}), 400, "admin cannot be limited"),
        (json!({"scopes": ["call"], "grants": [{}]}), 400, "names a node, labels or both"),
        (json!({"scopes": ["call"], "grants": [{"node": "moon"}]}), 404, "there is no node 'moon'"),
        (json!({"scopes": ["call"], "grants": [{"nod": "mine"}]}), 400, "nod"),
    ] {
        let (got, problem) = gateway.ask(Method::POST, "/v1/keys", &gateway.admin, Some(body)).await;
        assert_eq!(got, status, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    let (_, keys) = gateway.ask(Method::GET, "/v1/keys", &gateway.admin, None).await;
    let admin = keys["items"].as_array().unwrap().iter().find(|key| key["scopes"] == json!(["admin"])).unwrap();
    let path = format!("/v1/keys/{}/grants", admin["id"].as_str().unwrap());
    let (status, _) = gateway.ask(Method::POST, &path, &gateway.admin, Some(json!({"node": "mine"}))).await;
    assert_eq!(status, 400);
    assert_eq!(gateway.ask(Method::GET, "/v1/keys/key_no/grants", &gateway.admin, None).await.0, 404);
    let (key, id) = gateway.limited(json!([{"node": "mine"}])).await;
    assert_eq!(gateway.ask(Method::GET, &format!("/v1/keys/{id}/grants"), &key, None).await.0, 403);
    gateway.end().await;
}
