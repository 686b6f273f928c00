//! `waypost session` against a real server.

use super::Cli;
use crate::api::Server;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_made_listed_used_and_ended() {
    let server = Server::start().await;
    let cli = Cli::at(&server.url);
    cli.write("demo.yaml", "mounts: {/data: {resource: ram}, /other: {resource: ram}}");
    cli.json(&["workspace", "create", "demo.yaml", "--id", "demo"]).await;
    let made = cli.json(&["session", "create", "demo", "--id", "s1", "-m", "/data"]).await;
    assert_eq!((&made["session_id"], &made["cwd"]), (&json!("s1"), &json!("/")));
    let text = cli.text(&["session", "list", "demo", "--text"]).await;
    assert!(text.starts_with("SESSION") && text.contains("\ns1 "), "{text}");
    cli.text(&["execute", "-w", "demo", "-s", "s1", "-c", "cd /data; export A=1"]).await;
    assert_eq!(cli.text(&["execute", "-w", "demo", "-s", "s1", "-c", "pwd; echo $A"]).await, "/data\n1\n");
    let narrowed = cli.run(&["execute", "-w", "demo", "-s", "s1", "-c", "echo x > /other/x"]).await;
    assert_ne!(narrowed.code, 0);
    assert_eq!(cli.text(&["session", "delete", "demo", "s1", "--text"]).await, "Deleted session s1.\n");
    assert_eq!(cli.json(&["session", "list", "demo"]).await.as_array().unwrap().len(), 1);
    let wrong = cli.run(&["session", "create", "demo", "-m", "/data:rw"]).await;
    assert!(wrong.code == 2 && wrong.err.contains("'rw'") && wrong.err.contains("PREFIX:read"), "{}", wrong.err);
}
