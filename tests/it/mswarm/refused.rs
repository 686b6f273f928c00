//! Requests of consumers that have no answer: each with its status and code, and never another model's answer.

use super::node::Node;
use super::*;
use serde_json::json;

const CHAT: &str = "/openai/chat/completions";

fn hello(model: &str, stream: bool) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": stream})
}

#[tokio::test]
async fn a_model_that_is_not_there_is_404() {
    let world = World::start();
    world.node().await;
    for model in
        ["gpt-4o", "secret-agent", "mcoda-fake-box-secret-agent", "mcoda-other-qwen-local", "mcoda-auto-nothing"]
    {
        let (status, refused) = world.post(CHAT, &hello(model, false)).await;
        assert_eq!(
            (status, &refused["error"], &refused["code"]),
            (404, &"mswarm_error".into(), &"model_not_found".into())
        );
        assert_eq!(refused["details"]["model"], model);
    }
    let (status, refused) = world.post(CHAT, &json!({"messages": []})).await;
    assert_eq!((status, &refused["code"]), (400, &"validation_failed".into()));
}

#[tokio::test]
async fn a_node_that_is_away_or_drained_is_503() {
    let world = World::start();
    let node = world.node().await;
    assert_eq!(world.manage("/v1/nodes/fake-box/drain").await.0, 200);
    let (status, refused) = world.post(CHAT, &hello("qwen-local", false)).await;
    assert_eq!((status, &refused["code"]), (503, &"upstream_error".into()));
    assert_eq!(
        (&refused["details"]["node_id"], &refused["details"]["reason"]),
        (&node.id.clone().into(), &"self_hosted_node_unavailable".into())
    );
    assert_eq!(world.manage("/v1/nodes/fake-box/resume").await.0, 200);

    // Removed while the caller waits.
    let body = hello("qwen-local", true);
    let away = async {
        let handed = node.next().await;
        node.start(&handed).await;
        assert_eq!(node.call("/uninstall", super::node::fixture("uninstall", &[("node_id", &node.id)])).await.0, 200);
    };
    let ((status, refused), ()) = tokio::join!(world.post(CHAT, &body), away);
    assert!(status >= 502 && refused["code"] == "upstream_error", "{status} {refused}");
}

#[tokio::test]
async fn a_failure_of_the_node_is_told_with_its_own_code() {
    let world = World::start();
    let node = world.node().await;
    for (code, expected) in [
        ("selected_agent_unhealthy", 503),
        ("selected_agent_unavailable", 503),
        ("validation_failed", 400),
        ("policy_denied", 403),
        ("timeout", 504),
        ("docdex_api_key_missing", 424),
        ("upstream_error", 502),
    ] {
        for stream in [false, true] {
            let body = hello("qwen-local", stream);
            let serve = async {
                let handed = node.next().await;
                node.result(&handed, "result_failed", &[("code", code), ("message", "said the node")]).await;
            };
            let ((status, refused), ()) = tokio::join!(world.post(CHAT, &body), serve);
            assert_eq!(
                (status, &refused["code"], &refused["message"]),
                (expected, &code.into(), &"said the node".into()),
                "{refused}"
            );
        }
    }
}

#[tokio::test]
async fn a_failure_after_the_first_chunk_ends_the_stream_without_done() {
    let world = World::start();
    let node = world.node().await;
    let body = hello("qwen-local", true);
    let request = http().post(world.url(CHAT)).bearer_auth(&world.gateway.call).json(&body);
    let serve = async {
        let handed = node.next().await;
        node.start(&handed).await;
        node.events(&handed, &["hel", "lo"], false).await;
        node.result(
            &handed,
            "result_failed",
            &[("code", "upstream_error"), ("message", "fetch failed (ECONNREFUSED)")],
        )
        .await;
    };
    let (text, ()) = tokio::join!(async { request.send().await.unwrap().text().await.unwrap() }, serve);
    let last = text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    assert!(last.contains("mswarm_error") && last.contains("ECONNREFUSED") || text.starts_with("{"), "{text}");
    assert!(!text.contains("[DONE]"), "{text}");
}

#[tokio::test]
async fn agents_of_one_name_answer_for_each_other_only_with_the_same_model() {
    let world = World::start();
    let node = world.node().await;
    let other = Node::bootstrap_as(&world.gateway.url, &world.gateway.enroll, "other-box").await;
    let body = other.heartbeat_body("[]", "[]", &other.token);
    assert_eq!(other.call("/heartbeat", body.replace("qwen-local-gguf", "llama-gguf")).await.0, 200);
    for model in ["mcoda-auto-qwen-local", "qwen-local"] {
        let (status, refused) = world.post(CHAT, &hello(model, false)).await;
        assert_eq!((status, &refused["code"]), (400, &"validation_failed".into()), "{refused}");
        let candidates = json!(["mcoda/fake-box/qwen-local", "mcoda/other-box/qwen-local"]);
        let mut told = refused["details"]["candidates"].as_array().unwrap().clone();
        told.sort_by_key(ToString::to_string);
        assert_eq!(json!(told), candidates);
    }
    let groups = async || {
        let (_, agents) = world.get("/agents?include_load_balanced=true").await;
        let agents = agents["agents"].as_array().unwrap().clone();
        agents
            .into_iter()
            .filter(|agent| agent["load_balanced"] == true)
            .map(|agent| agent["slug"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(groups().await, ["mcoda-auto-sd-local"]);

    // The same model now: whichever node waits for work gets it.
    assert_eq!(other.heartbeat().await.0, 200);
    assert_eq!(groups().await.len(), 2);
    let (_, models) = world.get("/openai/models").await;
    assert!(models["data"].as_array().unwrap().iter().any(|model| model["id"] == "mcoda-auto-qwen-local"), "{models}");
    let body = hello("mcoda-auto-qwen-local", false);
    let serve = async {
        // Both wait; one of them gets it.
        let (node, handed) = tokio::select! {
            handed = node.next() => (&node, handed),
            handed = other.next() => (&other, handed),
        };
        node.start(&handed).await;
        node.result(&handed, "result", &[]).await;
    };
    let ((status, answer), ()) = tokio::join!(world.post(CHAT, &body), serve);
    assert_eq!((status, &answer["model"]), (200, &"mcoda-auto-qwen-local".into()), "{answer}");
}
