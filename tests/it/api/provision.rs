//! What a script would cost and which commands it has. Nothing of it runs.

use super::Server;
use serde_json::{Value, json};

async fn with_files() -> Server {
    let server = Server::start().await;
    server.demo().await;
    server.sh("( cd /data; printf hello > five; printf 0123456789 > ten; mkdir -p dir/sub; cp five dir; cp ten dir/sub; ln -s five link )").await;
    server
}

async fn provision(server: &Server, command: &str) -> Value {
    let body = json!({"command": command, "provision": true});
    let reply = server.post("/v1/workspaces/demo/execute", body).await;
    assert_eq!((reply.status, &reply.json()["kind"]), (200, &"provision".into()), "{command}: {reply:?}");
    reply.json()
}

/// Low and high of what is read, low and high of what is written, reads, precision.
fn cost(node: &Value) -> (u64, u64, u64, u64, u64, &str) {
    let number = |name: &str| node[name].as_u64().unwrap();
    (
        number("network_read_low"),
        number("network_read_high"),
        number("network_write_low"),
        number("network_write_high"),
        number("read_ops"),
        node["precision"].as_str().unwrap(),
    )
}

#[tokio::test]
async fn a_pipeline_has_the_recorded_shape_in_both_spellings() {
    let server = with_files().await;
    let answer = provision(&server, "cat /data/five | wc -l").await;
    let leaf = |command: &str, bytes: u64, ops: u64| {
        json!({
            "op": null, "command": command, "children": [],
            "network_read_low": bytes, "network_read_high": bytes, "cache_read_low": 0, "cache_read_high": 0,
            "network_write_low": 0, "network_write_high": 0, "cache_write_low": 0, "cache_write_high": 0,
            "read_ops": ops, "cache_hits": 0, "precision": "exact", "estimated_cost_usd": null,
            "networkReadLow": bytes, "networkReadHigh": bytes, "cacheReadLow": 0, "cacheReadHigh": 0,
            "networkWriteLow": 0, "networkWriteHigh": 0, "cacheWriteLow": 0, "cacheWriteHigh": 0,
            "readOps": ops, "cacheHits": 0, "estimatedCostUsd": null,
        })
    };
    assert_eq!((&answer["op"], &answer["command"]), (&";".into(), &Value::Null));
    let pipeline = &answer["children"][0];
    assert_eq!(pipeline["op"], "|");
    assert_eq!(pipeline["children"], json!([leaf("cat /data/five", 5, 1), leaf("wc -l", 0, 0)]));
    assert_eq!(cost(&answer), (5, 5, 0, 0, 1, "exact"));
    let empty = provision(&server, "").await;
    assert_eq!((&empty["op"], &empty["children"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn each_construct_rolls_up_by_its_rule() {
    let server = with_files().await;
    for (command, wanted) in [
        ("cat /data/five; cat /data/ten", (15, 15, 0, 0, 2, "exact")),
        ("cat /data/five && cat /data/ten", (15, 15, 0, 0, 2, "exact")),
        ("cat /data/five || cat /data/ten", (5, 10, 0, 0, 1, "range")),
        ("cat /data/five || frobnicate", (0, 5, 0, 0, 0, "unknown")),
        ("if true; then cat /data/five; else cat /data/ten; fi", (5, 10, 0, 0, 1, "range")),
        ("for f in five ten; do cat /data/$f; done", (15, 15, 0, 0, 2, "exact")),
        ("for i in 1 2 3; do cat /data/five; done", (15, 15, 0, 0, 3, "exact")),
        ("for f in $(ls /data); do cat $f; done", (0, 0, 0, 0, 0, "unknown")),
        ("while true; do cat /data/five; done", (5, 5, 0, 0, 1, "unknown")),
        ("until false; do cat /data/five; done", (5, 5, 0, 0, 1, "unknown")),
        ("(cd /data; cat five); cat five", (5, 5, 0, 0, 1, "unknown")),
        ("{ cd /data; cat five; }; cat ten", (15, 15, 0, 0, 2, "exact")),
        ("case x in x) cat /data/five;; *) cat /data/ten;; esac", (5, 10, 0, 0, 1, "range")),
        ("wc -c < /data/five", (5, 5, 0, 0, 1, "exact")),
        ("echo hi > /data/new", (0, 0, 0, 0, 0, "unknown")),
        ("echo hi > /dev/null 2>&1", (0, 0, 0, 0, 0, "exact")),
        ("f() { cat /data/five; }", (0, 0, 0, 0, 0, "exact")),
    ] {
        assert_eq!(cost(&provision(&server, command).await), wanted, "{command}");
    }
    let pipeline = provision(&server, "cat /data/five | frobnicate | sort /data/ten").await;
    let precisions: Vec<_> =
        pipeline["children"][0]["children"].as_array().unwrap().iter().map(|part| part["precision"].clone()).collect();
    assert_eq!(precisions, ["exact", "unknown", "unknown"], "what is to the right of an unknown part is unknown");
    let looped = provision(&server, "for i in 1 2; do cat /data/five; done").await;
    assert_eq!((&looped["children"][0]["command"], &looped["children"][0]["op"]), (&"for".into(), &";".into()));
    let redirected = provision(&server, "cat < /data/five").await;
    assert_eq!(redirected["children"][0]["op"], ";");
    assert_eq!(redirected["children"][0]["children"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn each_command_is_estimated_from_the_sizes_of_its_files() {
    let server = with_files().await;
    let exact = |bytes, ops| (bytes, bytes, 0, 0, ops, "exact");
    for (command, wanted) in [
        ("cat /data/five /data/ten", exact(15, 2)),
        ("cat /data/link", exact(5, 1)),
        ("cat -", exact(0, 0)),
        ("sort -k 2 /data/five", exact(5, 1)),
        ("uniq /data/five /data/out", exact(5, 1)),
        ("sed s/a/b/ /data/five", exact(5, 1)),
        ("sed -e s/a/b/ /data/five", exact(5, 1)),
        ("sed -i s/a/b/ /data/five", (5, 5, 0, 5, 1, "range")),
        ("grep hello /data/five", exact(5, 1)),
        ("grep -e hello -n /data/five", exact(5, 1)),
        ("grep -r hello /data/dir", exact(15, 2)),
        ("cd /data/dir && grep -rn hello", exact(15, 2)),
        ("awk '{print}' /data/ten", exact(10, 1)),
        ("head -n 1 /data/ten", (0, 10, 0, 0, 1, "range")),
        ("tail /data/ten", (0, 10, 0, 0, 1, "range")),
        ("cp /data/ten /data/copy", (0, 10, 0, 10, 1, "range")),
        ("cp -r /data/dir /data/copy", (0, 15, 0, 15, 2, "range")),
        ("mv /data/ten /data/moved", exact(0, 1)),
        ("ls -la /data", exact(0, 1)),
        ("find / -name x", exact(0, 1)),
        ("rm -rf /data", exact(0, 1)),
        ("cat /data/*e*", (15, 15, 0, 0, 2, "unknown")),
        ("cat /data/nope", (0, 0, 0, 0, 0, "unknown")),
        ("cat /data", (0, 0, 0, 0, 0, "unknown")),
        ("cat $UNSET", (0, 0, 0, 0, 0, "unknown")),
        ("frobnicate /data/five", (0, 0, 0, 0, 0, "unknown")),
        ("A=1", exact(0, 0)),
        ("echo $HOME; true; export A=b", exact(0, 0)),
    ] {
        assert_eq!(cost(&provision(&server, command).await), wanted, "{command}");
    }
    let here = json!({"command": "cat five", "provision": true, "cwd": "/data"});
    let reply = server.post("/v1/workspaces/demo/execute", here).await.json();
    assert_eq!(cost(&reply), exact(5, 1));
    let narrowed = json!({"session_id": "n", "allowed_mounts": ["/"]});
    server.post("/v1/workspaces/demo/sessions", narrowed).await;
    let hidden = json!({"command": "cat /data/five", "provision": true, "session_id": "n"});
    let reply = server.post("/v1/workspaces/demo/execute", hidden).await.json();
    assert_eq!(cost(&reply).5, "unknown", "the size of a file that the session must not see");
}

#[tokio::test]
async fn nothing_runs_not_even_what_is_substituted() {
    let server = with_files().await;
    let scripts = [
        "rm /data/five",
        "cat $(rm /data/five)",
        "cat `rm /data/five`",
        "echo ${X:-$(rm /data/five)}",
        "cat <(rm /data/five)",
        "A=$(rm /data/five)",
        "A=(x ${B:-$(rm /data/five)})",
        "echo $(( $(rm /data/five; echo 1) ))",
        "[[ $(rm /data/five) ]]",
        "cat <<E\n$(rm /data/five)\nE\n",
        "for f in $(rm /data/five); do :; done",
        "echo x > /data/five",
        "eval 'rm /data/five'",
    ];
    let before = server.sh("ls -R /data; cat /data/five; pwd").await;
    for script in scripts {
        let estimate = provision(&server, script).await;
        if script.contains("$(") || script.contains('`') {
            assert_eq!(estimate["precision"], "unknown", "{script}: {estimate}");
        }
        let explained = server.post("/v1/workspaces/demo/shell?explain=true", json!({ "command": script })).await;
        assert_eq!((explained.status, &explained.json()["outcome"]), (200, &"allow".into()), "{script}");
    }
    assert_eq!(server.sh("ls -R /data; cat /data/five; pwd").await, before);
    let deep = format!("{}true{}", "( ".repeat(2000), " )".repeat(2000));
    let refused = server.post("/v1/workspaces/demo/execute", json!({"command": deep, "provision": true})).await;
    assert_eq!(refused.status, 400, "{:.300}", refused.detail());
    for long in
        [vec!["true"; 20_000].join(";"), "for i in 1 2 3 4 5 6 7 8 9 10; do ".repeat(6) + "true" + &"; done".repeat(6)]
    {
        let refused = server.post("/v1/workspaces/demo/execute", json!({"command": long, "provision": true})).await;
        assert!(
            refused.status == 400 && refused.detail().contains("more than 10000 commands"),
            "{:.300}",
            refused.detail()
        );
    }
}

#[tokio::test]
async fn a_line_is_explained_as_recorded() {
    let server = with_files().await;
    let explain = async |command: &str| {
        let reply = server.post("/v1/workspaces/demo/shell?explain=true", json!({ "command": command })).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    };
    let answer = explain("rm -f /data/five").await;
    assert_eq!(
        answer,
        json!({
            "line": "rm -f /data/five", "outcome": "allow", "reason": "", "source": "", "refusal": null, "answers": [],
            "exit_code": 0, "exitCode": 0, "stderr": "",
            "node": {"type": "line", "text": "rm -f /data/five", "children": [{
                "type": "command", "text": "rm -f /data/five", "command": "rm",
                "words": [
                    {"text": "rm", "kind": "name", "option": null, "path": null},
                    {"text": "-f", "kind": "option", "option": "-f", "path": null},
                    {"text": "/data/five", "kind": "operand", "option": null, "path": "/data/five"},
                ],
                "outcome": "allow", "reason": "", "source": "", "refusal": null, "answers": [],
                "exit_code": 0, "exitCode": 0, "stderr": "", "runtime": "", "children": [],
            }]},
        })
    );
    let tree = explain("cd /data && cat five | wc -l > out; if true; then ls; fi").await["node"].clone();
    let text = tree.to_string();
    for kind in ["list", "pipeline", "command", "redirect", "if"] {
        assert!(text.contains(&format!("\"type\":\"{kind}\"")), "{kind}: {tree}");
    }
    let broken = explain("if").await;
    assert_eq!((&broken["exit_code"], &broken["node"]["children"]), (&2.into(), &json!([])));
    assert!(broken["stderr"].as_str().unwrap().contains("syntax error"), "{broken}");
    assert_eq!(server.get("/v1/jobs").await.json().as_array().unwrap().len(), 1, "only the files' own script is a job");
}
