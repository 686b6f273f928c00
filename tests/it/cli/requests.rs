//! Every command asks what existing clients ask, to the letter of the path, the query and the body.

use super::Cli;
use super::recorder::Recorder;
use serde_json::{Value, json};

/// Runs commands against a server that answers `answer`, and compares what it was asked.
async fn asks(answer: Value, table: &[(&[&str], &str, Option<Value>)]) {
    let server = Recorder::saying(&answer).await;
    let cli = Cli::at(&server.url);
    for (args, line, body) in table {
        let ended = cli.run(args).await;
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.err);
        let asked = server.take();
        assert_eq!(asked.len(), 1, "{args:?}: {asked:?}");
        assert_eq!((asked[0].line.as_str(), asked[0].token.as_str()), (*line, "Bearer t0ken"), "{args:?}");
        match body {
            Some(body) => assert_eq!(&asked[0].json(), body, "{args:?}"),
            None => assert!(asked[0].body.is_empty(), "{args:?}: {asked:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workspaces() {
    asks(
        json!({"id": "demo"}),
        &[
            (&["workspace", "list"], "GET /v1/workspaces", None),
            (&["workspace", "get", "demo", "--verbose"], "GET /v1/workspaces/demo?verbose=true", None),
            (&["workspace", "get", "a b"], "GET /v1/workspaces/a%20b", None),
            (&["workspace", "delete", "demo"], "DELETE /v1/workspaces/demo", None),
            (&["workspace", "close", "demo"], "POST /v1/workspaces/demo/close", None),
            (&["workspace", "cancel", "demo"], "POST /v1/workspaces/demo/cancel", None),
            (&["workspace", "kill", "demo"], "POST /v1/workspaces/demo/kill", None),
            (&["workspace", "clone", "demo", "--id", "c"], "POST /v1/workspaces/demo/clone", Some(json!({"id": "c"}))),
            (
                &["workspace", "clone", "demo", "--id", "c", "--at", "main"],
                "POST /v1/workspaces/clone",
                Some(json!({"source_id": "demo", "id": "c", "at": "main"})),
            ),
            (
                &["workspace", "snapshot", "demo", "--server-path", "out.tar"],
                "POST /v1/workspaces/demo/snapshot",
                Some(json!({"path": "out.tar"})),
            ),
            (
                &["workspace", "load", "--server-path", "x.tar", "--id", "l"],
                "POST /v1/workspaces/load",
                Some(json!({"id": "l", "path": "x.tar"})),
            ),
            (&["workspace", "refresh", "demo"], "POST /v1/workspaces/demo/refresh", Some(json!({}))),
            (
                &["workspace", "refresh", "demo", "/s3"],
                "POST /v1/workspaces/demo/refresh",
                Some(json!({"path": "/s3"})),
            ),
            (&["workspace", "list-asks", "demo", "--all"], "GET /v1/workspaces/demo/asks?all=true", None),
            (
                &["workspace", "allow", "demo", "A"],
                "POST /v1/workspaces/demo/asks/A",
                Some(json!({"answer": "allow", "scope": "once", "note": ""})),
            ),
            (
                &["workspace", "deny", "demo", "A", "--note", "n"],
                "POST /v1/workspaces/demo/asks/A",
                Some(json!({"answer": "deny", "note": "n"})),
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions() {
    asks(
        json!({"version": "3d4ea9d4368e", "branch": "main"}),
        &[
            (
                &["workspace", "commit", "demo", "-m", "msg", "-b", "main"],
                "POST /v1/workspaces/demo/commit",
                Some(json!({"message": "msg", "branch": "main"})),
            ),
            (&["workspace", "log", "demo", "-b", "main"], "GET /v1/workspaces/demo/versions?branch=main", None),
            (&["workspace", "diff", "demo"], "GET /v1/workspaces/demo/diff?branch=main", None),
            (
                &["workspace", "diff", "demo", "A", "B", "-b", "br"],
                "GET /v1/workspaces/demo/diff?branch=br&a=A&b=B",
                None,
            ),
            (
                &["workspace", "branch", "demo", "exp", "--from", "main"],
                "POST /v1/workspaces/demo/branch",
                Some(json!({"name": "exp", "from_branch": "main"})),
            ),
            (
                &["workspace", "checkout", "demo", "REF"],
                "POST /v1/workspaces/demo/checkout",
                Some(json!({"ref": "REF"})),
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_scripts() {
    asks(
        json!({"session_id": "s1", "cwd": "/", "kind": "io", "exit_code": 0, "stdout": "", "stderr": "", "job_id": "J"}),
        &[
            (
                &["session", "create", "demo", "--id", "s1", "-m", "/data"],
                "POST /v1/workspaces/demo/sessions",
                Some(json!({"allowed_mounts": ["/data"], "session_id": "s1"})),
            ),
            (
                &["session", "create", "demo", "-m", "/data:read", "-p", "strict"],
                "POST /v1/workspaces/demo/sessions",
                Some(json!({"mounts": {"/data": "read"}, "profile": "strict"})),
            ),
            (&["session", "list", "demo"], "GET /v1/workspaces/demo/sessions", None),
            (&["session", "delete", "demo", "s1"], "DELETE /v1/workspaces/demo/sessions/s1", None),
            (&["session", "cancel", "demo", "s1"], "POST /v1/workspaces/demo/sessions/s1/cancel", None),
            (&["session", "kill", "demo", "s1"], "POST /v1/workspaces/demo/sessions/s1/kill", None),
            (
                &["session", "update", "demo", "s1", "--default-profile"],
                "PATCH /v1/workspaces/demo/sessions/s1",
                Some(json!({"profile": null})),
            ),
            (
                &["execute", "-w", "demo", "-c", "echo hi", "--bg"],
                "POST /v1/workspaces/demo/execute?background=true",
                Some(json!({"command": "echo hi"})),
            ),
            (
                &["execute", "--workspace_id", "demo", "-c", "echo hi", "--session_id", "s1", "--json"],
                "POST /v1/workspaces/demo/execute",
                Some(json!({"command": "echo hi", "session_id": "s1"})),
            ),
            (
                &["provision", "-w", "demo", "-c", "cat /x", "-s", "s1"],
                "POST /v1/workspaces/demo/execute",
                Some(json!({"command": "cat /x", "provision": true, "session_id": "s1"})),
            ),
            (
                &["shell", "-w", "demo", "-c", "echo hi", "-s", "s1"],
                "POST /v1/workspaces/demo/shell?session_id=s1&stream=true",
                Some(json!({"command": "echo hi"})),
            ),
            (
                &["shell", "-w", "demo", "-c", "echo hi", "--bg"],
                "POST /v1/workspaces/demo/shell?background=true",
                Some(json!({"command": "echo hi"})),
            ),
            (
                &["shell", "-w", "demo", "-c", "echo hi", "--explain"],
                "POST /v1/workspaces/demo/shell?explain=true",
                Some(json!({"command": "echo hi"})),
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_of_existing_clients_counts_where_ours_is_not_set() {
    let server = Recorder::saying(&json!([])).await;
    let mut cli = Cli::at("");
    cli.variables = vec![("MIRAGE_DAEMON_URL", server.url.clone()), ("MIRAGE_TOKEN", "theirs".to_owned())];
    assert_eq!(cli.json(&["workspace", "list"]).await, json!([]));
    assert_eq!(server.take()[0].token, "Bearer theirs");
    let ours = Recorder::saying(&json!([])).await;
    cli.variables.extend([("WAYPOST_URL", ours.url.clone()), ("WAYPOST_TOKEN", "ours".to_owned())]);
    cli.json(&["workspace", "list"]).await;
    assert_eq!((ours.take()[0].token.as_str(), server.take()), ("Bearer ours", vec![]));
}
