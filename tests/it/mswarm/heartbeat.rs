//! What a heartbeat says, and who gets to see it.

use super::*;
use serde_json::json;

fn condition<'a>(view: &'a Value, kind: &str) -> Option<&'a Value> {
    view["conditions"].as_array().unwrap().iter().find(|condition| condition["type"] == kind)
}

#[tokio::test]
async fn signed_capabilities_are_shown_and_others_are_not_used() {
    let world = World::start();
    let node = world.node().await;
    let view = world.gateway.get("/v1/nodes/fake-box").await;
    assert_eq!(condition(&view, "capability_signature").unwrap()["ok"], true, "{view:#}");
    assert_eq!(view["capabilities"]["software"]["ffmpeg"]["available"], true);
    assert_eq!(view["agents"], json!(["qwen-local", "sd-local"]));

    let (status, told) = node.heartbeat_with("[]", "[]", "msn_another").await;
    assert_eq!((status, &told["accepted"]), (200, &true.into()));
    let view = world.gateway.get("/v1/nodes/fake-box").await;
    let wrong = condition(&view, "capability_signature").unwrap();
    assert_eq!((&wrong["ok"], &wrong["reason"]), (&false.into(), &"bad_signature".into()));
    assert!(view.get("capabilities").is_none() && view["state"] == "degraded", "{view:#}");
    node.heartbeat().await;
    assert!(world.gateway.get("/v1/nodes/fake-box").await["capabilities"].is_object());
}

#[tokio::test]
async fn old_failures_do_not_keep_a_node_degraded() {
    let world = World::start();
    let node = world.node().await;
    node.poll("poll_reserved").await;
    let state = async || world.gateway.get("/v1/nodes/fake-box").await;
    assert_eq!(state().await["state"], "online");
    let failures = r#"[{"execution_class":"chat","code":"timeout","at":"2026-11-20T04:00:00.000Z"}]"#;
    node.heartbeat_with(failures, "[]", &node.token).await;
    let view = state().await;
    assert_eq!(
        (&view["state"], &condition(&view, "recent_failures").unwrap()["reason"]),
        (&"degraded".into(), &"timeout".into())
    );
    // The same failure, reported for as long as the node runs.
    for _ in 0..2 {
        node.heartbeat_with(failures, "[]", &node.token).await;
        let view = state().await;
        assert!(view["state"] == "online" && condition(&view, "recent_failures").is_none(), "{view:#}");
    }
}

#[tokio::test]
async fn the_catalogue_shows_what_is_offered_and_nothing_private() {
    let mut world = World::start();
    let node = world.node().await;
    let (status, agents) = world.get("/agents?shape=mcoda&include_load_balanced=true&something=new").await;
    assert_eq!(status, 200);
    let slugs: Vec<_> =
        agents["agents"].as_array().unwrap().iter().map(|agent| agent["slug"].as_str().unwrap()).collect();
    let expected =
        ["mcoda-fake-box-qwen-local", "mcoda-fake-box-sd-local", "mcoda-auto-qwen-local", "mcoda-auto-sd-local"];
    assert_eq!(slugs, expected);
    let agent = &agents["agents"][0];
    assert_eq!((&agent["provider"], &agent["supports_tools"]), (&"mcoda".into(), &true.into()));
    assert_eq!(
        (&agent["default_model"], &agent["remote_slug"]),
        (&expected[0].into(), &"mcoda/fake-box/qwen-local".into())
    );
    assert_eq!((&agent["health_status"], &agent["sync"]["node_id"]), (&"healthy".into(), &node.id.clone().into()));
    for path in ["jobs_start_path_template", "jobs_events_path_template", "jobs_result_path_template"] {
        assert!(agent["relay"][path].as_str().unwrap().contains(":jobId"));
    }
    let (_, one) = world.get("/agents/mcoda%2Ffake-box%2Fqwen-local").await;
    assert_eq!((&one["slug"], &one["status"]), (&expected[0].into(), &"available".into()));
    let (_, group) = world.get("/agents/mcoda-auto-qwen-local").await;
    assert_eq!((&group["member_count"], &group["canonical_model_id"]), (&1.into(), &"qwen-local-gguf".into()));
    let (_, nodes) = world.get("/nodes").await;
    let shown = &nodes["nodes"][0];
    assert_eq!(
        (&shown["node_id"], &shown["status"], &shown["unreachable_at"]),
        (&node.id.clone().into(), &"online".into(), &Value::Null)
    );
    let (_, models) = world.get("/openai/models").await;
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&"list".into(), &expected[0].into()));
    let view = world.gateway.get("/v1/nodes/fake-box").await;
    for shown in [&agents, &one, &group, &nodes, &models, &view] {
        let text = shown.to_string();
        assert!(!text.contains("secret") && !text.contains("18901") && !text.contains("10.0.0.7"), "{text}");
    }

    // A gateway that starts again knows it at once.
    world.gateway.kill();
    world.gateway.restart(&world.env);
    let (_, models) = world.get("/openai/models").await;
    assert_eq!(models["data"].as_array().unwrap().len(), 2);

    let (status, refused) = world.get("/agents/mcoda-fake-box-secret-agent").await;
    assert_eq!((status, &refused["error"], &refused["code"]), (404, &"mswarm_error".into(), &"not_found".into()));
    assert!(refused["request_id"].as_str().is_some() && refused["details"].is_object());
    let (status, refused) = answer(http().get(world.url("/agents"))).await;
    assert_eq!((status, &refused["error"], &refused["code"]), (401, &"mswarm_error".into(), &"unauthorized".into()));
    assert_eq!(world.get("/no-such-thing").await.1["error"], "mswarm_error");
}

#[tokio::test]
async fn a_client_is_kept_to_the_nodes_that_name_it() {
    let world = World::start();
    let node = world.node().await;
    let agents = async |key: &str, client: &str| {
        let request = http().get(world.url("/agents")).header("x-api-key", key);
        let request = if client.is_empty() {
            request
        } else {
            request.header("x-mswarm-client-identity", client).header("x-mswarm-client", client)
        };
        answer(request).await.1["agents"].as_array().unwrap().len()
    };
    let call = world.gateway.call.as_str();
    assert_eq!((agents(call, "").await, agents(call, "heka").await), (2, 2), "a node without a list");
    let clients = r#"[{"kind":"domain","value":"heka"},{"kind":"ip","value":"192.0.2.10"}]"#;
    node.heartbeat_with("[]", clients, &node.token).await;
    assert_eq!((agents(call, "").await, agents(call, "HEKA.").await, agents(call, "192.0.2.10").await), (2, 2, 2));
    assert_eq!((agents(call, "other").await, agents(call, "no client!").await), (0, 0));
    assert_eq!(agents(&world.admin, "other").await, 2);
    let both = http().get(world.url("/agents?client_identity=other")).header("x-api-key", call);
    assert_eq!(answer(both.header("x-mswarm-client", "heka")).await.0, 400);
    let chat = json!({"model": "qwen-local", "messages": [{"role": "user", "content": "hi"}]});
    let chat = http().post(world.url("/openai/chat/completions")).bearer_auth(call).json(&chat);
    let (status, refused) = answer(chat.header("x-mswarm-client", "other")).await;
    assert_eq!((status, &refused["code"]), (404, &"model_not_found".into()));
}
