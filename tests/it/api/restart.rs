//! What is still known after the node ended, in order or not.

use super::{Server, wait_until};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn background_jobs_are_known_after_a_restart_and_interrupted_ones_are_lost() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    let done = server.background(r"printf '\xff\xfeout'; exit 3").await;
    server.post(&format!("/v1/jobs/{done}/wait"), json!({})).await;
    let before = server.job(&done).await;
    let session = json!({"session_id": "two"});
    server.post("/v1/workspaces/demo/sessions", session).await;
    let lost = server.background("echo begun; while :; do :; done").await;
    wait_until("the script runs", async || {
        let piece = server.get(&format!("/v1/jobs/{lost}/output")).await.json();
        if piece["next_offset"] == 6 { Ok(()) } else { Err(piece.to_string()) }
    })
    .await;
    // Its rows are left as a killed process would leave them: the engine goes on, unheard, in the background.
    server.kill().await;

    let server = Server::kept_in(dir.path()).await;
    assert_eq!(server.job(&done).await, before);
    let piece = server.get(&format!("/v1/jobs/{done}/output?offset=2")).await.json();
    assert_eq!((&piece["data_base64"], &piece["ended"]), (&STANDARD.encode("out").into(), &true.into()));
    let job = server.job(&lost).await;
    assert_eq!((&job["status"], &job["error"]), (&"failed".into(), &"lost: the node restarted while it ran".into()));
    let waited = server.post(&format!("/v1/jobs/{lost}/wait"), json!({})).await.json();
    assert_eq!(waited, job);
    let list = server.get("/v1/jobs").await.json();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|job| job["job_id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&done, &lost]);
}

#[tokio::test]
async fn workspaces_and_sessions_are_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    server.sh("echo kept > /data/f; cd /data; export A=b").await;
    server.kill().await;
    let server = Server::kept_in(dir.path()).await;
    assert_eq!(server.sh("cat f; echo $A; pwd").await, "kept\nb\n/data\n");
}

#[tokio::test]
async fn shutting_the_engine_down_ends_background_jobs_and_keeps_how_they_ended() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    let id = server.background("echo begun; while :; do :; done").await;
    wait_until("the script runs", async || {
        let piece = server.get(&format!("/v1/jobs/{id}/output")).await.json();
        if piece["next_offset"] == 6 { Ok(()) } else { Err(piece.to_string()) }
    })
    .await;
    server.engine.shutdown(Duration::ZERO).await;
    let refused = server.post("/v1/workspaces/demo/execute", json!({"command": "true"})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (503, &"draining".into()), "{refused:?}");
    server.kill().await;

    let server = Server::kept_in(dir.path()).await;
    assert_eq!(server.job(&id).await["status"], "canceled");
    let piece = server.get(&format!("/v1/jobs/{id}/output?offset=0")).await.json();
    assert_eq!(piece["data_base64"], STANDARD.encode("begun\n"));
}
