//! Long polls: prompt, fair, and without side effects when their node goes away.

use super::*;

async fn polls(gateway: &TestGateway, node: &FakeNode) -> Value {
    let (_, view) = gateway.get(&format!("/v1/nodes/{}", node.id)).await;
    view["conditions"].as_array().unwrap().iter().find(|c| c["type"] == "poll").unwrap()["reason"].clone()
}

async fn holding(gateway: &TestGateway, node: &FakeNode) {
    until("a held poll", || async { polls(gateway, node).await == "active" }).await;
}

#[tokio::test]
async fn a_held_poll_gets_a_job_as_soon_as_there_is_one() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let poll = node.poll(&gateway, 20_000, 4);
    let submit = async {
        holding(&gateway, &node).await;
        gateway.submit(json!({"operation": "workspaces.execute", "params": {"id": "w", "command": "ls"}})).await
    };
    let (answer, job) = within("the job", async { tokio::join!(poll, submit) }).await;
    let handed = &answer.jobs[0];
    assert_eq!((&handed.job_id, &handed.node_id), (&job.id, &node.id));
    assert_eq!(handed.params.as_ref().unwrap()["command"], "ls");
    let lease = handed.lease.as_ref().unwrap();
    assert!(lease.epoch == 1 && lease.ttl_ms <= 10_000 && lease.ttl_ms > 5_000, "{lease:?}");
    assert_eq!(gateway.job(&job.id).await.state.as_str(), "leased");
    gateway.end().await;
}

#[tokio::test]
async fn a_job_finds_the_one_waiting_node_that_fits() {
    let gateway = TestGateway::start().await;
    let nodes = [gateway.node("a").await, gateway.node("b").await, gateway.node("c").await];
    let [a, b, c] = nodes.each_ref().map(|node| node.poll(&gateway, 5_000, 1));
    let submit = async {
        for node in &nodes {
            holding(&gateway, node).await;
        }
        let job = json!({"operation": "workspaces.list", "labels": {"name": "c"}});
        let id = gateway.submit(job).await.id;
        until("the job is taken", || async { gateway.job(&id).await.state.as_str() == "leased" }).await;
        for _ in 0..2 {
            gateway.submit(json!({"operation": "workspaces.list"})).await;
        }
        id
    };
    let (a, b, c, id) = tokio::join!(a, b, c, submit);
    assert_eq!(c.jobs[0].job_id, id);
    assert_eq!((a.jobs.len(), b.jobs.len(), c.jobs.len()), (1, 1, 1));
    gateway.end().await;
}

#[tokio::test]
async fn a_cancel_reaches_a_held_poll_and_is_not_told_over_and_over() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let job = gateway.submit(json!({"operation": "workspaces.list", "node": "box"})).await;
    let handed = node.next(&gateway).await;
    assert_eq!(node.start(&gateway, &handed).await.0, 200);
    // No free slot: this poll is there only to be told things.
    let poll = node.poll(&gateway, 20_000, 0);
    let cancel = async {
        holding(&gateway, &node).await;
        gateway.ask(Method::DELETE, &format!("/v1/jobs/{}", job.id), &gateway.call, None).await
    };
    let (answer, (status, _)) = within("the cancel", async { tokio::join!(poll, cancel) }).await;
    assert_eq!(status, 202);
    assert_eq!((answer.cancel[0].job_id.as_str(), answer.cancel[0].epoch), (job.id.as_str(), 1));
    assert!(node.poll(&gateway, 0, 1).await.cancel.is_empty());
    assert_eq!(node.beat(&gateway, false).await["cancel"][0]["job_id"], job.id);

    let ended = json!({"status": "failed", "state": "cancelled", "reason": "cancel_requested"});
    let (status, receipt) = node.finish(&gateway, &handed, ended).await;
    assert_eq!((status, receipt["receipt"]["disposition"].as_str()), (200, Some("recorded")));
    assert_eq!(gateway.wait(&job.id).await.state.as_str(), "cancelled");
    assert!(node.beat(&gateway, false).await.get("cancel").is_none());
    gateway.end().await;
}

#[tokio::test]
async fn a_poll_whose_node_went_away_takes_nothing() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let poll = node.poll(&gateway, 20_000, 1);
    tokio::select! {
        _ = poll => panic!("nothing to answer yet"),
        () = holding(&gateway, &node) => {}
    }
    // The poll was dropped, and its connection with it.
    until("the poll is gone", || async { polls(&gateway, &node).await == "recent" }).await;
    let job = gateway.submit(json!({"operation": "workspaces.list"})).await;
    assert_eq!(job.reason.as_deref(), Some("waiting_for_slot"));
    assert_eq!(node.next(&gateway).await.lease.unwrap().epoch, 1);
    gateway.end().await;
}

#[tokio::test]
async fn a_newer_instance_ends_the_polls_of_the_older_one() {
    let gateway = TestGateway::start().await;
    let old = gateway.node("box").await;
    let new = FakeNode { instance: "newer".to_owned(), ..old.clone() };
    let held = old.try_poll(&gateway, 20_000, 1);
    let takeover = async {
        holding(&gateway, &old).await;
        new.beat(&gateway, true).await;
    };
    let ((status, problem), ()) = within("the end of the old poll", async { tokio::join!(held, takeover) }).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("instance_superseded")));
    assert_eq!(old.try_poll(&gateway, 0, 1).await.0, 409);
    assert_eq!(old.call(&gateway, "/heartbeat", json!({})).await.0, 409);
    assert_eq!(new.try_poll(&gateway, 0, 1).await.0, 200);
    gateway.end().await;
}

#[tokio::test]
async fn a_drained_node_is_told_and_gets_nothing_until_it_is_resumed() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let poll = node.poll(&gateway, 20_000, 1);
    let drain = async {
        holding(&gateway, &node).await;
        gateway.ask(Method::POST, "/v1/nodes/box/drain", &gateway.admin, None).await.1
    };
    let (answer, view) = within("the drain", async { tokio::join!(poll, drain) }).await;
    assert!(answer.drain && answer.jobs.is_empty());
    assert_eq!(view["state"], "draining");
    let job = gateway.submit(json!({"operation": "workspaces.list", "node": "box"})).await;
    assert_eq!(job.reason.as_deref(), Some("node_draining"));
    assert!(node.poll(&gateway, 0, 1).await.jobs.is_empty());
    gateway.ask(Method::POST, "/v1/nodes/box/resume", &gateway.admin, None).await;
    assert_eq!(node.next(&gateway).await.job_id, job.id);
    gateway.end().await;
}

#[tokio::test]
async fn a_gateway_that_ends_answers_held_polls_at_once() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let shutdown = gateway.shutdown.clone();
    let end = async {
        holding(&gateway, &node).await;
        shutdown.advance();
    };
    let (answer, ()) = within("the answer", async { tokio::join!(node.poll(&gateway, 20_000, 1), end) }).await;
    assert!(answer.jobs.is_empty());
    within("the gateway's end", gateway.task).await.unwrap();
}

#[tokio::test]
async fn a_burst_leaves_no_job_behind() {
    let gateway = TestGateway::start().await;
    let nodes = [gateway.node("a").await, gateway.node("b").await, gateway.node("c").await];
    let work = async |node: &FakeNode| {
        loop {
            let job = node.next(&gateway).await;
            node.finish(&gateway, &job, json!({"answer": node.id})).await;
        }
    };
    let submit = async {
        for node in &nodes {
            holding(&gateway, node).await;
        }
        let jobs = (0..60).map(|n| match n % 3 {
            0 => json!({"operation": "workspaces.list"}),
            1 => json!({"operation": "workspaces.list", "labels": {"name": "c"}}),
            _ => json!({"operation": "workspaces.list", "node": "b"}),
        });
        let ids = futures_util::future::join_all(jobs.map(|job| gateway.submit(job))).await;
        // Polls are held for longer than this test has patience: a missed wake-up would show.
        for job in ids {
            assert_eq!(gateway.wait(&job.id).await.state.as_str(), "succeeded");
        }
    };
    tokio::select! {
        () = work(&nodes[0]) => {}
        () = work(&nodes[1]) => {}
        () = work(&nodes[2]) => {}
        () = within("the last job", submit) => {}
    }
    gateway.end().await;
}

#[tokio::test]
async fn a_node_that_leaves_gives_back_what_it_has_and_gets_nothing_more() {
    let gateway = TestGateway::start().await;
    let (node, other) = (gateway.node("a").await, gateway.node("b").await);
    let job = gateway.submit(json!({"operation": "workspaces.list", "max_attempts": 1})).await;
    let handed = node.next(&gateway).await;
    let held = node.poll(&gateway, 20_000, 1);
    let leave = async {
        holding(&gateway, &node).await;
        let leases = json!([{"job_id": handed.job_id, "epoch": 1}]);
        node.call(&gateway, "/jobs/release", json!({"leases": leases, "leaving": true})).await
    };
    let (answer, (status, _)) = within("the end of its poll", async { tokio::join!(held, leave) }).await;
    assert!(status == 200 && answer.jobs.is_empty(), "{status} {answer:?}");
    assert!(node.poll(&gateway, 20_000, 1).await.jobs.is_empty());
    let again = other.next(&gateway).await;
    assert_eq!((&again.job_id, again.lease.unwrap().epoch), (&job.id, 2));
    assert_eq!(node.start(&gateway, &handed).await.0, 409);
    gateway.end().await;
}
