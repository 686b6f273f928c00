//! Jobs of a protocol 1 node, from the poll to the result, with everything that may come twice, late or not at all.

use super::node::fixture;
use super::*;
use serde_json::json;

/// A queued job for an agent.
fn job(agent: &str, priority: i64) -> Value {
    let request = json!({"model": agent, "messages": [{"role": "user", "content": "hi"}]});
    let params = json!({"source_agent_slug": agent, "openai_request": request});
    json!({"operation": "chat.completions", "priority": priority, "params": params})
}

#[tokio::test]
async fn every_call_of_a_job_may_come_twice() {
    let world = World::start();
    let node = world.node().await;
    let begun = std::time::Instant::now();
    assert!(node.poll("poll").await.is_none());
    assert!(begun.elapsed() >= Duration::from_millis(1_900), "an idle poll is held: {:?}", begun.elapsed());

    let id = world.gateway.submit(&job("qwen-local", 0)).await;
    let handed = node.next().await;
    assert_eq!(
        (&handed.id, &handed.job["node_id"], &handed.job["operation"]),
        (&id, &node.id.clone().into(), &"chat.completions".into())
    );
    assert_eq!(handed.job["policy"], json!({"allow_tools": false, "execution_class": "chat"}));
    for _ in 0..2 {
        let (status, started) = node.start(&handed).await;
        assert_eq!((status, &started["accepted"], &started["status"]), (200, &true.into(), &"started".into()));
    }
    for _ in 0..4 {
        let (status, taken) = node.result(&handed, "result", &[]).await;
        assert_eq!((status, &taken["accepted"]), (200, &true.into()));
    }
    let ended = world.gateway.end_of(&id, PATIENCE).await;
    assert_eq!((&ended["state"], &ended["late_results"]), (&"succeeded".into(), &Value::Null), "{ended:#}");
    assert_eq!(ended["result"]["choices"][0]["message"]["content"], "hello from local runner");
    // Too late for a start, but never 404, which would end such a node's work for good.
    assert_eq!(node.start(&handed).await.0, 409);
    assert_eq!(node.events(&handed, &["x"], false).await.0, 409);
    let unknown = super::node::Handed::unknown("job_nothing");
    assert_eq!((node.start(&unknown).await.0, node.events(&unknown, &["x"], false).await.0), (409, 409));
    assert_eq!(node.result(&unknown, "result", &[]).await.0, 200);
    assert_eq!(node.call("/models", json!({"node_id": node.id, "models": []}).to_string()).await.0, 200);
}

#[tokio::test]
async fn a_reserved_poll_takes_only_what_is_urgent_and_for_other_agents() {
    let world = World::start();
    let node = world.node().await;
    // Excluded, as the agent that is at work; not urgent enough; and the one that may be taken.
    world.gateway.submit(&job("qwen-local", -3)).await;
    let image = |priority: i64| {
        let params =
            json!({"source_agent_slug": "sd-local", "openai_request": {"model": "sd-local", "prompt": "a cat"}});
        json!({"operation": "images.generations", "priority": priority, "params": params})
    };
    world.gateway.submit(&image(0)).await;
    assert!(node.poll("poll_reserved").await.is_none());
    let urgent = world.gateway.submit(&image(-1)).await;
    assert_eq!(node.poll("poll_reserved").await.map(|job| job.id), Some(urgent));
    assert!(node.poll("poll_reserved").await.is_none());
    assert!(node.poll("poll").await.is_some_and(|job| job.job["source_agent_slug"] == "qwen-local"));
}

#[tokio::test]
async fn a_failure_keeps_its_code() {
    let world = World::start();
    let node = world.node().await;
    let id = world.gateway.submit(&job("qwen-local", 0)).await;
    let handed = node.next().await;
    let more = [("code", "selected_agent_unavailable"), ("message", "no such agent")];
    assert_eq!(node.result(&handed, "result_failed", &more).await.0, 200);
    let ended = world.gateway.end_of(&id, PATIENCE).await;
    assert_eq!((&ended["state"], &ended["reason"]), (&"failed".into(), &"selected_agent_unavailable".into()));
}

#[tokio::test]
async fn a_node_that_leaves_gets_410_until_it_is_restored() {
    let world = World::start();
    let node = world.node().await;
    let uninstall = fixture("uninstall", &[("node_id", &node.id)]);
    for _ in 0..2 {
        let (status, left) = node.call("/uninstall", uninstall.clone()).await;
        assert_eq!((status, &left["accepted"]), (200, &true.into()));
    }
    let (status, gone) = node.heartbeat().await;
    assert!(status == 410 && gone["error"] == "node_removed" && gone["message"].is_string(), "{gone}");
    let poll = fixture("poll", &[("node_id", &node.id)]);
    assert_eq!(node.call("/jobs/poll", poll.clone()).await.0, 410);
    assert_eq!(world.get("/openai/models").await.1["data"], json!([]));

    let restore =
        ["gateway", "node", "restore", "fake-box", "--url", &world.gateway.url, "--token", &world.admin, "--json"];
    assert_eq!(world.cli(&restore)["name"], "fake-box");
    assert_eq!((node.heartbeat().await.0, node.call("/jobs/poll", poll).await.0), (200, 200));
    assert_eq!(world.get("/openai/models").await.1["data"].as_array().unwrap().len(), 2);
    let unauthorized = super::node::call(&world.gateway.url, "/heartbeat", None, "{}".to_owned()).await;
    assert!(unauthorized.0 == 401 && unauthorized.1["message"].as_str().unwrap().contains("token"), "{unauthorized:?}");
}
