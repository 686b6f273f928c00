//! Background jobs: accepted, followed, waited for, cancelled.

use super::{Server, wait_until};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_background_job_is_accepted_waited_for_and_kept() {
    let server = Server::start().await;
    server.demo().await;
    let reply = server
        .post(
            "/v1/workspaces/demo/execute?background=true",
            json!({"command": "read line; echo $line; exit 4", "stdin_base64": "aGkK"}),
        )
        .await;
    assert_eq!(reply.status, 202, "{reply:?}");
    let accepted = reply.json();
    let id = accepted["job_id"].as_str().unwrap();
    assert_eq!(reply.header("x-mirage-job-id"), id);
    assert_eq!((&accepted["jobId"], &accepted["workspaceId"]), (&id.into(), &"demo".into()));
    assert!(accepted["submitted_at"].is_f64());

    let waited = server.post(&format!("/v1/jobs/{id}/wait"), json!({})).await.json();
    assert_eq!((&waited["status"], &waited["result"]["exit_code"]), (&"done".into(), &4.into()), "{waited}");
    assert_eq!((&waited["result"]["kind"], &waited["result"]["stdout"]), (&"io".into(), &"hi\n".into()));
    assert!(waited["error"].is_null() && waited["finished_at"].is_f64());
    assert_eq!(server.job(id).await, waited);
    assert_eq!(server.delete(&format!("/v1/jobs/{id}")).await.json()["canceled"], false);
}

#[tokio::test]
async fn the_list_has_both_kinds_in_order_and_no_results() {
    let server = Server::start().await;
    server.demo().await;
    server.post("/v1/workspaces", json!({"id": "other", "config": {"mounts": {}}})).await;
    server.sh("echo first").await;
    let second = server.background("echo second").await;
    server.post(&format!("/v1/jobs/{second}/wait"), json!({})).await;
    server.post("/v1/workspaces/other/execute", json!({"command": "echo third"})).await;
    let commands = |list: Value| -> Vec<String> {
        let jobs = list.as_array().unwrap().clone();
        assert!(jobs.iter().all(|job| job.get("result").is_none() && job["status"] == "done"), "{jobs:?}");
        jobs.iter().map(|job| job["command"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(commands(server.get("/v1/jobs").await.json()), ["echo first", "echo second", "echo third"]);
    for key in ["workspace_id", "workspaceId"] {
        let of_demo = server.get(&format!("/v1/jobs?{key}=demo")).await.json();
        assert_eq!(commands(of_demo), ["echo first", "echo second"]);
    }
    server.delete("/v1/workspaces/other").await;
    assert_eq!(server.get("/v1/jobs?workspace_id=other").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn waiting_ends_with_the_caller_s_patience() {
    let server = Server::start().await;
    server.demo().await;
    let id = server.background("while :; do :; done").await;
    let waited = server.post(&format!("/v1/jobs/{id}/wait"), json!({"timeoutS": 0.05})).await;
    assert_eq!((waited.status, &waited.json()["status"]), (200, &"running".into()));
    assert!(waited.json()["result"].is_null() && waited.json()["finished_at"].is_null());
    let bad = server.post(&format!("/v1/jobs/{id}/wait"), json!({"timeout_s": -1})).await;
    assert_eq!(bad.status, 400, "{bad:?}");
    server.delete(&format!("/v1/jobs/{id}")).await;
}

#[tokio::test]
async fn an_endless_loop_is_cancelled_within_a_second_and_its_session_is_free() {
    let server = Server::start().await;
    server.demo().await;
    let id = server.background("echo begun; while :; do :; done").await;
    wait_until("the script has begun", async || {
        let output = server.get(&format!("/v1/jobs/{id}/output")).await.json();
        if output["data_base64"] == STANDARD.encode("begun\n") { Ok(()) } else { Err(output.to_string()) }
    })
    .await;
    let asked = Instant::now();
    assert_eq!(server.delete(&format!("/v1/jobs/{id}")).await.json()["canceled"], true);
    let job = server.job(&id).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(job["status"], "canceled", "{job}");
    assert!(job["result"].is_null() && job["error"].is_null(), "{job}");
    assert_eq!(server.sh("echo usable").await, "usable\n");
}

#[tokio::test]
async fn output_is_read_from_any_byte_while_it_grows_and_after() {
    let server = Server::start().await;
    server.demo().await;
    let id =
        server.background("echo 0123456789; echo problem >&2; while [ ! -e /data/go ]; do :; done; echo end").await;
    let output = async |query: &str| server.get(&format!("/v1/jobs/{id}/output?{query}")).await.json();
    wait_until("both first lines are there", async || {
        let (stdout, stderr) = (output("").await, output("stream=stderr").await);
        if stdout["next_offset"] == 11 && stderr["next_offset"] == 8 {
            Ok(())
        } else {
            Err(format!("{stdout} {stderr}"))
        }
    })
    .await;
    let piece = output("offset=3&limit=4").await;
    assert_eq!((&piece["data_base64"], &piece["ended"]), (&STANDARD.encode("3456").into(), &false.into()));
    assert_eq!((&piece["offset"], &piece["nextOffset"]), (&3.into(), &7.into()));
    assert_eq!(output("stream=stderr").await["data_base64"], STANDARD.encode("problem\n"));

    let second = server.post("/v1/workspaces/demo/sessions", json!({"session_id": "two"})).await;
    assert_eq!(second.status, 201, "{second:?}");
    server.post("/v1/workspaces/demo/execute", json!({"command": "touch /data/go", "session_id": "two"})).await;
    server.post(&format!("/v1/jobs/{id}/wait"), json!({})).await;
    let rest = output("offset=11").await;
    assert_eq!((&rest["data_base64"], &rest["ended"]), (&STANDARD.encode("end\n").into(), &true.into()));
    assert_eq!(output("offset=99").await["data_base64"], "");
    assert_eq!(server.get(&format!("/v1/jobs/{id}/output?stream=x")).await.status, 400);
}

#[tokio::test]
async fn deleting_a_workspace_ends_its_jobs_and_keeps_their_records() {
    let server = Server::start().await;
    server.demo().await;
    let id = server.background("while :; do :; done").await;
    assert_eq!(server.delete("/v1/workspaces/demo").await.status, 200);
    let job = server.post(&format!("/v1/jobs/{id}/wait"), json!({})).await.json();
    assert_eq!((&job["status"], &job["workspace_id"]), (&"canceled".into(), &"demo".into()));
}

#[tokio::test]
async fn unknown_jobs_unknown_sessions_and_too_many_jobs_are_refused() {
    let server = Server::with(|_, engine| engine.max_background = 1).await;
    server.demo().await;
    for reply in [
        server.get("/v1/jobs/nope").await,
        server.get("/v1/jobs/nope/output").await,
        server.delete("/v1/jobs/nope").await,
        server.post("/v1/jobs/nope/wait", json!({})).await,
    ] {
        assert_eq!((reply.status, reply.detail()), (404, "job not found".to_owned()));
    }
    let path = "/v1/workspaces/demo/execute?background=true";
    let lost = server.post(path, json!({"command": "true", "session_id": "nosuch"})).await;
    assert_eq!((lost.status, lost.detail()), (404, "session not found".to_owned()));
    let first = server.background("while :; do :; done").await;
    let second = server.post(path, json!({"command": "true"})).await;
    assert_eq!((second.status, &second.json()["retryable"]), (429, &true.into()), "{second:?}");
    server.delete(&format!("/v1/jobs/{first}")).await;
    assert_eq!(server.get("/v1/jobs").await.json().as_array().unwrap().len(), 1);
}
