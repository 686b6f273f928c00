//! `waypost job` at a node's own door, as existing clients know jobs.

use super::Cli;
use crate::api::Server;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn background_jobs_are_listed_waited_for_and_cancelled() {
    let server = Server::start().await;
    let cli = Cli::at(&server.url);
    cli.write("w.yaml", "mounts: {/data: {resource: ram}}");
    for id in ["one", "two"] {
        cli.json(&["workspace", "create", "w.yaml", "--id", id]).await;
    }
    let id = cli.text(&["execute", "-w", "one", "--bg", "-c", "echo out; exit 5"]).await;
    let id = id.trim();
    let waited = cli.run(&["job", "wait", id]).await;
    assert_eq!((waited.code, &waited.json()["result"]["stdout"]), (5, &json!("out\n")), "{}", waited.err);
    let waited = cli.run(&["job", "wait", id, "--text"]).await;
    assert_eq!((waited.code, waited.text().as_str()), (5, "out\n"), "{}", waited.err);
    let got = cli.run(&["job", "get", id]).await;
    assert_eq!((got.code, &got.json()["status"], &got.json()["job_id"]), (5, &json!("done"), &json!(id)));

    let sleeper = cli.text(&["execute", "-w", "two", "--background", "-c", "sleep 1000"]).await;
    let sleeper = sleeper.trim();
    let still = cli.run(&["job", "wait", sleeper, "--timeout", "0.1"]).await;
    assert_eq!((still.code, &still.json()["status"]), (0, &json!("running")), "{}", still.err);
    assert_eq!(cli.run(&["job", "get", sleeper]).await.code, 0);
    assert_eq!(cli.json(&["job", "list", "-w", "two"]).await.as_array().unwrap().len(), 1);
    let all = cli.json(&["job", "list"]).await;
    assert_eq!((&all[0]["job_id"], &all[1]["job_id"]), (&json!(id), &json!(sleeper)), "in the order of submission");
    let text = cli.text(&["job", "list", "--text"]).await;
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[1].starts_with(sleeper) && lines[2].starts_with(id), "newest first: {text}");
    assert_eq!(cli.json(&["job", "list", "--state", "running", "--limit", "1"]).await[0]["job_id"], json!(sleeper));

    assert_eq!(cli.json(&["job", "cancel", sleeper]).await["canceled"], true);
    assert_eq!(cli.run(&["job", "wait", sleeper]).await.code, 2, "cancelled without a result");
    assert_eq!(cli.json(&["job", "cancel", id]).await["canceled"], false);
    for verb in ["get", "wait", "cancel"] {
        let ended = cli.run(&["job", verb, "job_none"]).await;
        assert!(ended.code == 2 && ended.err.contains("job not found"), "{verb}: {} {}", ended.code, ended.err);
    }
}
