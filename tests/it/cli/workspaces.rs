//! `waypost workspace` against a real server.

use super::Cli;
use super::recorder::Recorder;
use crate::api::Server;
use serde_json::{Value, json};

const YAML: &str = "mounts:\n  /data:\n    resource: ${KIND}\n  /work: {resource: ram, mode: read}\nmode: write\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_s_life_from_a_yaml_file() {
    let server = Server::start().await;
    let cli = Cli::with(&server.url, &[("KIND", "ram")]);
    cli.write("demo.yaml", YAML);
    assert_eq!(cli.text(&["workspace", "list", "--text"]).await, "No active workspaces.\n");

    let created = cli.json(&["workspace", "create", "demo.yaml", "--id", "demo"]).await;
    let mounts: Vec<_> = created["mounts"].as_array().unwrap().iter().map(|mount| &mount["prefix"]).collect();
    assert_eq!(created["id"], "demo");
    assert!(mounts.contains(&&json!("/data/")) && mounts.contains(&&json!("/work/")), "{created}");
    let text = cli.text(&["workspace", "get", "demo", "--verbose", "--text"]).await;
    for part in [
        "ID:        demo\nMode:      ",
        "Created:   ",
        "Mounts:\n  PREFIX",
        "  /data/  ram       write\n",
        "\n\nInternals:\n  cache_bytes      0\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    let list = cli.text(&["workspace", "list", "--text"]).await;
    assert!(list.starts_with("ID    MODE") && list.contains("\ndemo  "), "{list}");
    assert_eq!(cli.json(&["workspace", "list"]).await[0]["id"], "demo");

    let copy = cli.json(&["workspace", "clone", "demo", "--id", "copy"]).await;
    assert_eq!(copy["id"], "copy");
    assert_eq!(cli.text(&["workspace", "delete", "copy", "--text"]).await, "Deleted workspace copy.\n");
    assert_eq!(cli.json(&["workspace", "delete", "demo"]).await["id"], "demo");
    assert_eq!(cli.json(&["workspace", "list"]).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_descriptor_comes_from_standard_input_too_and_may_be_json() {
    let server = Server::start().await;
    let cli = Cli::at(&server.url);
    for (id, text) in [("y", "{mounts: {/data: {resource: ram}}}"), ("j", r#"{"mounts":{"/data":{"type":"ram"}}}"#)] {
        let ended = cli.run_with(&["workspace", "create", "-", "--id", id], text.as_bytes()).await;
        assert_eq!((ended.code, &ended.json()["id"]), (0, &json!(id)), "{}", ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_descriptor_is_told_before_anything_is_asked() {
    let server = Recorder::saying(&json!({})).await;
    let cli = Cli::with(&server.url, &[("SET", "x")]);
    cli.write("vars.yaml", "mounts:\n  /b: {resource: ram, config: {x: \"${ZZZ} ${SET} ${AAA}\", y: ['${AAA}']}}\n");
    cli.write("broken.yaml", "mounts:\n  /data: [ram\nsecret: hunter2\n");
    cli.write("list.yaml", "- a\n");
    for (file, says) in [
        ("vars.yaml", "missing environment variables: AAA, ZZZ"),
        ("broken.yaml", "line 3"),
        ("broken.yaml", "column"),
        ("list.yaml", "not a mapping"),
        ("none.yaml", "none.yaml"),
    ] {
        let ended = cli.run(&["workspace", "create", file]).await;
        assert_eq!((ended.code, ended.out.len()), (2, 0), "{file}: {}", ended.err);
        assert!(ended.err.contains(says) && !ended.err.contains("hunter2"), "{file}: {}", ended.err);
    }
    assert_eq!(server.take(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_two_with_the_server_s_words() {
    let server = Server::start().await;
    let cli = Cli::at(&server.url);
    cli.write("demo.yaml", "mounts: {/data: {resource: ram}}");
    cli.json(&["workspace", "create", "demo.yaml", "--id", "demo"]).await;
    for (args, says) in [
        (&["workspace", "get", "none"][..], "workspace not found"),
        (&["workspace", "create", "demo.yaml", "--id", "demo"], "already exists"),
        (&["workspace", "delete", "none"], "workspace not found"),
        (&["workspace", "snapshot", "none", "x.tar"], "workspace not found"),
        (&["session", "delete", "demo", "none"], "session not found"),
        (&["execute", "-w", "none", "-c", "ls"], "workspace not found"),
        (&["shell", "-w", "none", "-c", "ls"], "workspace not found"),
    ] {
        let ended = cli.run(args).await;
        assert_eq!((ended.code, ended.text().as_str()), (2, ""), "{args:?}: {}", ended.err);
        assert!(ended.err.contains(says), "{args:?}: {}", ended.err);
    }
    let ended = cli.run(&["workspace", "get", "none", "--json"]).await;
    let error: Value = serde_json::from_str(&ended.err).unwrap();
    assert_eq!((&error["error"]["code"], &error["error"]["exit_code"]), (&json!("workspace_not_found"), &json!(2)));
    assert!(!cli.env.path("x.tar").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_servers_errors_are_understood_too() {
    for (status, media, body, says) in [
        (404, "application/json", r#"{"detail":"workspace not found"}"#, "404 Not Found: workspace not found"),
        (422, "application/json", r#"{"detail":[{"loc":["body","id"],"msg":"bad"}]}"#, "body.id: bad"),
        (500, "text/plain", "Internal Server Error", "Internal Server Error"),
    ] {
        let server = Recorder::start(vec![(status, media, body.into())]).await;
        let ended = Cli::at(&server.url).run(&["workspace", "get", "demo"]).await;
        assert_eq!(ended.code, 2, "{}", ended.err);
        assert!(ended.err.contains(says), "{}", ended.err);
    }
    let ended = Cli::at("http://127.0.0.1:1").run(&["workspace", "list"]).await;
    assert!(ended.code == 6 && ended.err.contains("refused"), "{} {}", ended.code, ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_shown_in_words() {
    for (args, answer, text) in [
        (
            &["workspace", "commit", "demo"][..],
            json!({"version": "3d4ea9d4368e1b2c", "branch": "main"}),
            "Committed 3d4ea9d4368e on main.\n",
        ),
        (&["workspace", "log", "demo"], json!([]), "No versions.\n"),
        (
            &["workspace", "diff", "demo"],
            json!({"added": ["data/two.txt"], "modified": ["data/a"], "deleted": []}),
            "added     data/two.txt\nmodified  data/a\n",
        ),
        (
            &["workspace", "branch", "demo", "exp"],
            json!({"branch": "exp", "version": "3d4ea9d4368e1b2c"}),
            "Created branch exp at 3d4ea9d4368e.\n",
        ),
        (&["workspace", "list-asks", "demo"], json!([]), "No asks.\n"),
        (&["workspace", "cancel", "demo"], json!({"canceled": 2}), "Canceled 2 lines.\n"),
    ] {
        let server = Recorder::saying(&answer).await;
        let cli = Cli::at(&server.url);
        assert_eq!(cli.text(&[args, &["--text"]].concat()).await, text);
        assert_eq!(cli.json(args).await, answer);
    }
}
