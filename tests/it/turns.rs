//! Fairness between callers with a real gateway and a real node.

use crate::support::{Gateway, Node, TestEnv, http};
use serde_json::{Value, json};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_with_a_long_queue_leaves_the_next_free_slot_to_another() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    let slots = gateway.get("/v1/nodes/box").await["slots"].as_u64().unwrap();
    gateway.operation("box", "workspaces.create", json!({"id": "w", "config": {"mounts": {}}})).await;
    let (code, out, err) = env.run("gw", &["gateway", "key", "create", "--scope", "call", "--json"]);
    assert_eq!(code, 0, "{err}");
    let many = serde_json::from_str::<Value>(&out).unwrap()["key"].as_str().unwrap().to_owned();

    let slow = json!({"node": "box", "operation": "workspaces.execute", "params": {"id": "w", "command": "sleep 0.2"}});
    let submit = async |count: u64| {
        let submitting =
            (0..count).map(|_| {
                let request = http().post(format!("{}/v1/jobs", gateway.url)).bearer_auth(&many).json(&slow);
                async move {
                    request.send().await.unwrap().json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
                }
            });
        futures_util::future::join_all(submitting).await
    };
    let mut queue = submit(slots).await;
    queue.extend(submit(200).await);
    let first = gateway.submit(&slow).await;
    let served = gateway.end_of(&first, LIMIT).await;
    assert_eq!(served["state"], "succeeded", "{served}");
    let time = |job: &Value, name: &str| job[name].as_f64();
    let (asked, begun) = (time(&served, "created_at").unwrap(), time(&served, "started_at").unwrap());
    let mut between = 0;
    for id in &queue {
        let job = gateway.get(&format!("/v1/jobs/{id}")).await;
        between += u64::from(time(&job, "started_at").is_some_and(|started| started > asked && started < begun));
    }
    // Those that were on their way to the node when it was asked for, and at most one slot time of others.
    assert!(between <= 2 * slots, "{between} of the long queue began before it, with {slots} slots");
}
