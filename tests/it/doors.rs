//! The callers' commands at every door: the same command, the same output, the command's own exit code.

use crate::support::{Gateway, Node, TestEnv};
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
