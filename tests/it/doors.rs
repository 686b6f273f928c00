//! The callers' commands at every door: the same command, the same output, the command's own exit code.

use crate::support::{Gateway, Node, TestEnv, http};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn execute_gives_the_script_s_output_and_exit_code_at_every_door() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _node = Node::start(&env, &gateway, "box");
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;

    let behind_gateway =
        [("WAYPOST_URL", gateway.url.clone()), ("WAYPOST_TOKEN", gateway.call.clone()), ("WAYPOST_NODE", "box".into())];
    let relayed = [
        ("WAYPOST_URL", format!("{}/nodes/box", gateway.url)),
        ("WAYPOST_TOKEN", gateway.call.clone()),
        ("X", String::new()),
    ];
    let local = [("X", String::new()), ("X", String::new()), ("X", String::new())];
    for (home, variables) in [("caller", behind_gateway), ("caller", relayed), ("box", local)] {
        let run = |args: &[&str]| {
            let mut command = env.waypost(home);
            let output = command.args(args).envs(variables.clone()).output().unwrap();
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
        };
        let script = "echo out; echo err >&2; exit 7";
        assert_eq!(run(&["execute", "-w", "w", "-c", script]), (7, "out\n".into(), "err\n".into()), "{variables:?}");
        let (code, out, _) = run(&["execute", "--json", "--workspace", "w", "--command", "printf 'a\\n'"]);
        let answer: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &answer["stdout"], &answer["kind"]), (0, &json!("a\n"), &json!("io")));
        let (code, out, err) = run(&["execute", "-w", "none", "-c", "ls"]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains("workspace not found"), "{err}");
        let (code, out, err) =
            run(&["job", "submit", "workspaces.execute", "id=w", "command=echo job; exit 3", "--wait"]);
        assert_eq!((code, out.as_str()), (3, "job\n"), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_s_life_from_the_command_line() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _node = Node::start(&env, &gateway, "box");
    let run = |args: &[&str]| {
        let mut command = env.waypost("caller");
        command.args(args).env("WAYPOST_URL", &gateway.url).env("WAYPOST_TOKEN", &gateway.call);
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, err) = run(&[
        "job",
        "submit",
        "workspaces.create",
        "id=w",
        r#"config:={"mounts":{"/data":{"resource":"ram"}}}"#,
        "--wait",
    ]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["id"], "w");

    let submit =
        ["job", "submit", "workspaces.execute", "id=w", "command=for i in 1 2 3; do echo $i; sleep 0.1; done; exit 4"];
    let (code, id, err) = run(&submit);
    assert_eq!(code, 0, "{err}");
    let id = id.trim();
    let (code, out, err) = run(&["job", "logs", "--follow", id]);
    assert_eq!((code, out.as_str()), (4, "1\n2\n3\n"), "{err}");
    let (code, out, _) = run(&["job", "wait", id]);
    assert_eq!((code, out.as_str()), (4, "1\n2\n3\n"));
    let (_, out, _) = run(&["job", "get", id]);
    let job: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&job["state"], &job["reason"]), (&json!("succeeded"), &json!("exited")));
    let (code, out, _) = run(&["job", "list"]);
    assert!(code == 0 && out.contains(id) && out.contains("succeeded"), "{out}");

    let (_, id, _) = run(&["job", "submit", "workspaces.execute", "id=w", "command=sleep 1000"]);
    let (code, out, err) = run(&["job", "wait", id.trim(), "--timeout", "0.2"]);
    assert_eq!((code, out.as_str()), (9, ""), "{err}");
    assert_eq!(run(&["job", "cancel", id.trim()]).0, 0);
    assert_eq!(run(&["job", "wait", id.trim()]).0, 130);

    let same = ["job", "submit", "workspaces.execute", "id=w", "command=echo 1", "--idempotency-key", "k"];
    assert_eq!(run(&same).1, run(&same).1);
    let other = ["job", "submit", "workspaces.execute", "id=w", "command=echo 2", "--idempotency-key", "k"];
    let (code, _, err) = run(&other);
    assert!(code == 1 && err.contains("idempotency"), "{code} {err}");

    let (code, _, err) = run(&["job", "submit", "workspaces.fly"]);
    assert!(code == 2 && err.contains("workspaces.execute"), "{err}");
    let (code, _, err) = run(&["job", "get", "job_none"]);
    assert_eq!(code, 13, "{err}");
    let (code, _, err) = run(&["job", "list", "--workspace", "w"]);
    assert!(code == 2 && err.contains("/nodes/NODE"), "{code} {err}");
    let (code, _, err) = run(&["job", "submit", "workspaces.list", "--node", "nowhere"]);
    assert!(code == 13 && err.contains("nowhere"), "{code} {err}");
}

#[test]
fn without_a_door_the_error_names_the_ways_out() {
    let env = TestEnv::new();
    let (code, _, err) = env.run("box", &["job", "list"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("waypost node run") && err.contains("WAYPOST_URL"), "{err}");
    let (code, _, err) = env.run("box", &["job", "list", "--url", "nonsense"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = env.run("box", &["job", "list", "--url", "http://127.0.0.1:1", "--token", "x"]);
    assert_eq!(code, 6, "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_and_a_load_by_path_are_the_same_behind_a_gateway() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _node = Node::start(&env, &gateway, "box");
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    let post = async |path: &str, body: Value| {
        let url = format!("{}/nodes/box/v1/workspaces/{path}", gateway.url);
        http().post(url).bearer_auth(&gateway.call).json(&body).send().await.unwrap()
    };
    let answer = post("w/shell?stream=true", json!({"command": "echo hi; exit 3"})).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    assert!(answer.headers().get("content-disposition").is_none());
    assert!(answer.headers().contains_key("x-mirage-job-id"));
    let text = answer.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], json!({"stream": "stdout", "data": "aGkK"}));
    assert_eq!((&lines[1]["status"], &lines[1]["result"]["exit_code"]), (&json!("done"), &json!(3)), "{text}");

    let refused = post("load", json!({"path": "/etc/passwd"})).await;
    assert_eq!(refused.status(), 403);
    let problem: Value = refused.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("snapshot_roots"), "{problem}");
}

/// What differs between two equal answers: ids and times.
fn without_accidents(value: &mut Value) {
    const ACCIDENTS: [&str; 10] = [
        "request_id",
        "created_at",
        "createdAt",
        "job_id",
        "jobId",
        "modified",
        "version",
        "closed_at",
        "closedAt",
        "dev",
    ];
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !ACCIDENTS.contains(&name.as_str()));
            fields.values_mut().for_each(without_accidents);
        }
        Value::Array(items) => items.iter_mut().for_each(without_accidents),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_refusals_are_the_same_at_the_node_and_through_its_gateway() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    let doors = [
        (format!("{}/v1", node.api_url), node.api_token(&env), "a"),
        (format!("{}/nodes/box/v1", gateway.url), gateway.call.clone(), "b"),
    ];
    let w = |path: &str| format!("/workspaces/ID{path}");
    let f = json!({ "path": "/data/f" });
    let text = |text: &str| json!({ "path": "/data/f", "data_base64": text });
    let config = json!({ "mounts": { "/data": { "vfs": "ram" } } });
    let disk = json!({ "mounts": { "/d": { "resource": "disk", "config": { "root": "/etc" } } } });
    let s3 = json!({ "mounts": { "/s": { "resource": "s3", "config": { "bucket": "b" } } } });
    let table = [
        (Method::POST, "/workspaces".to_owned(), json!({ "id": "ID", "config": config }), 201),
        (Method::POST, "/workspaces".to_owned(), json!({ "id": "ID", "config": config }), 200),
        (Method::POST, "/workspaces".to_owned(), json!({ "id": "x", "config": disk }), 403),
        (Method::POST, "/workspaces".to_owned(), json!({ "id": "x", "config": s3 }), 403),
        (Method::POST, w("/vfs/write"), text("aGVsbG8K"), 200),
        (Method::POST, w("/vfs/write"), text("not base64"), 400),
        (Method::POST, w("/vfs/read"), f.clone(), 200),
        (Method::POST, w("/vfs/read_stream"), f.clone(), 200),
        (Method::POST, w("/vfs/stat"), f.clone(), 200),
        (Method::POST, w("/vfs/stat"), json!({ "path": "/none" }), 404),
        (Method::POST, w("/vfs/rmdir"), f.clone(), 400),
        (Method::POST, w("/vfs/rmdir?explain=true"), f.clone(), 200),
        (Method::POST, w("/vfs/nothing"), f.clone(), 400),
        (Method::POST, w("/tools/read"), f.clone(), 200),
        (Method::POST, w("/tools/read"), json!({ "path": "/none" }), 200),
        (Method::POST, w("/tools/grep"), json!({ "pattern": "l+", "path": "/", "depth": 1 }), 400),
        (Method::POST, w("/tools/shell"), json!({ "command": "cat /data/f; exit 3" }), 200),
        (Method::POST, w("/glob"), json!({ "pattern": "/data/*" }), 200),
        (Method::POST, w("/glob"), json!({}), 400),
        (Method::POST, w("/shell?stream=true"), json!({ "command": "echo one; echo two >&2; exit 3" }), 200),
        (Method::POST, w("/shell?explain=true"), json!({ "command": "rm /data/f" }), 200),
        (Method::POST, w("/execute"), json!({ "command": "cat /data/f", "provision": true }), 200),
        (Method::POST, w("/sessions"), json!({ "session_id": "s", "mounts": { "/data": "read" } }), 201),
        (Method::POST, w("/sessions"), json!({ "mounts": { "/none": "read" } }), 400),
        (Method::POST, w("/vfs/write?session_id=s"), text("eA=="), 403),
        (Method::GET, w("/versions"), Value::Null, 200),
        (Method::POST, w("/commit"), json!({ "message": "m" }), 200),
        (Method::POST, w("/checkout"), json!({ "ref": "nowhere" }), 404),
        (Method::POST, w("/branch"), json!({ "name": "bad..name" }), 400),
        (Method::GET, w("/diff"), Value::Null, 200),
        (Method::POST, "/workspaces/clone".to_owned(), json!({ "source_id": "ID", "at": "none" }), 404),
        (Method::POST, w("/clone"), json!({ "override": { "mounts": { "/none": { "resource": "ram" } } } }), 400),
        (Method::POST, w("/snapshot"), json!({ "path": "x.tar" }), 403),
        (Method::POST, "/workspaces/load".to_owned(), json!({ "id": "x", "path": "x.tar" }), 403),
        (Method::POST, w("/refresh"), json!({ "path": "/data" }), 200),
        (Method::GET, w("/asks"), Value::Null, 200),
        (Method::POST, w("/asks/none"), json!({ "answer": "allow" }), 404),
        (Method::POST, w("/cancel"), json!({}), 200),
        (Method::POST, w("/kill"), json!({}), 200),
        (Method::POST, w("/close"), json!({}), 200),
        (Method::GET, w(""), Value::Null, 404),
        (Method::POST, "/workspaces".to_owned(), json!({ "id": "ID", "config": { "mounts": {} } }), 409),
        (Method::POST, "/workspaces".to_owned(), json!({ "id": "ID", "config": config }), 201),
        (Method::DELETE, w(""), Value::Null, 200),
    ];
    let mut wrong = Vec::new();
    for (method, path, body, expected) in table {
        let mut answers = Vec::new();
        for (url, token, id) in &doors {
            let mut request =
                http().request(method.clone(), format!("{url}{}", path.replace("ID", id))).bearer_auth(token);
            if !body.is_null() {
                let body: Value =
                    serde_json::from_str(&body.to_string().replace("\"ID\"", &format!("\"{id}\""))).unwrap();
                request = request.json(&body);
            }
            let response = request.send().await.unwrap();
            let (status, media) = (response.status().as_u16(), response.headers()["content-type"].clone());
            let mut text = response.text().await.unwrap();
            for place in ["\"ID\"", "'ID'", "/workspaces/ID/"] {
                text = text.replace(&place.replace("ID", id), place);
            }
            let lines = text.lines().map(|line| {
                let mut line = serde_json::from_str(line).unwrap_or_else(|_| json!(line));
                without_accidents(&mut line);
                line
            });
            answers.push((status, media, lines.collect::<Vec<Value>>()));
        }
        if answers[0] != answers[1] || answers[0].0 != expected {
            wrong.push(format!("{method} {path}: {expected} expected, {answers:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
