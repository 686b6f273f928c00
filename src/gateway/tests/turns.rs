//! Fairness between callers, with ten thousand jobs in the queue.

use super::*;
use crate::base::unix_ms;
use crate::gateway::store::NewJob;

#[tokio::test]
async fn ten_thousand_queued_jobs_do_not_delay_another_caller_by_more_than_one_slot_time() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let (_, many) = gateway.limited(json!([{"node": "box"}])).await;
    for _ in 0..10_000 {
        let job = NewJob {
            caller: Some(many.clone()),
            operation: "workspaces.list".into(),
            min_protocol: 2,
            timeout_ms: 60_000,
            queue_timeout_ms: 3_600_000,
            max_attempts: 3,
            ..NewJob::default()
        };
        gateway.store.enqueue(job, unix_ms()).await.unwrap();
    }
    // A node of one slot, which has a job of the many now.
    let running = node.next(&gateway).await;
    let first = gateway.submit(json!({"operation": "workspaces.list"})).await;
    node.finish(&gateway, &running, json!({"answer": []})).await;
    let mut next = Vec::new();
    for _ in 0..2 {
        let job = node.next(&gateway).await;
        next.push(job.job_id.clone());
        node.finish(&gateway, &job, json!({"answer": []})).await;
    }
    assert_eq!(next[0], first.id, "the slot that became free is the other caller's");
    // The same at the relayed door, whose caller waits.
    let running = node.next(&gateway).await;
    let path = "/nodes/box/v1/workspaces";
    let asking = gateway.send(Method::GET, path, &gateway.call, None);
    let serving = async {
        until("it is queued", || async {
            let (_, list) = gateway.get("/v1/jobs?limit=1").await;
            list["items"][0]["node"] == "box" && list["items"][0]["state"] == "queued"
        })
        .await;
        node.finish(&gateway, &running, json!({"answer": []})).await;
        let job = node.next(&gateway).await;
        node.finish(&gateway, &job, json!({"answer": [job.job_id]})).await;
    };
    let (response, ()) = tokio::join!(asking, serving);
    assert_eq!(response.status(), 200);
    gateway.end().await;
}
