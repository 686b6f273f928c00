//! The end of the server.

use super::{Server, wait_until};
use serde_json::json;
use tokio::net::TcpStream;

#[tokio::test]
async fn shutdown_is_answered_then_requests_at_hand_come_to_their_end() {
    let server = Server::start().await;
    server.demo().await;
    let endless = server.background("while :; do :; done").await;
    let (wait_path, body) = (format!("/v1/jobs/{endless}/wait"), json!({}));
    let waiting = server.post(&wait_path, body);
    let slow = server.post("/v1/workspaces", json!({"id": "two", "config": {"mounts": {}}}));
    let shutdown = async {
        slow.await;
        let running = server.post("/v1/workspaces/two/execute", json!({"command": "sleep 0.4; echo whole"}));
        let end = async {
            wait_until("the script runs", async || {
                let jobs = server.get("/v1/jobs?workspace_id=two").await.json();
                if jobs[0]["status"] == "running" { Ok(()) } else { Err(jobs.to_string()) }
            })
            .await;
            server.post("/v1/shutdown", json!({})).await
        };
        tokio::join!(running, end)
    };
    let (waited, (executed, ended)) = tokio::join!(waiting, shutdown);
    assert_eq!((ended.status, &ended.json()["status"]), (200, &"shutting_down".into()));
    assert_eq!(ended.json()["pid"], std::process::id());
    assert_eq!(executed.json()["stdout"], "whole\n");
    assert_eq!((waited.status, &waited.json()["code"]), (503, &"draining".into()));
    server.task.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
