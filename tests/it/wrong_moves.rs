//! Wrong moves at the command line: each names the thing and the way out, on stderr, with its exit code.

use crate::support::{Gateway, Node, TestEnv};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::net::TcpListener;

#[test]
fn every_wrong_argument_is_told_before_anything_is_sent() {
    let env = TestEnv::new();
    // Nothing listens there: a command that sent something would end with 6.
    let door = ["--url", "http://127.0.0.1:1"];
    for (args, code, word) in [
        (vec!["execute", "-w", "w", "-c", "x", "--timeout", "nan"], 2, "seconds"),
        (vec!["job", "wait", "j", "--timeout", "-1"], 2, "seconds"),
        (vec!["job", "list", "--token", "a\nb"], 2, "line breaks"),
        (vec!["job", "list", "--limit", "0"], 2, "--limit"),
        (vec!["job", "get", "j", "--output", "missing/file"], 2, "missing"),
        (vec!["job", "submit", "workspaces.snapshot", "id=w", "--output", "missing/file"], 2, "missing"),
        (vec!["job", "list"], 6, "refused"),
    ] {
        let (got, out, err) = env.run("box", &[args.as_slice(), door.as_slice()].concat());
        assert_eq!((got, out.as_str()), (code, ""), "{args:?}: {err}");
        assert!(err.contains(word), "{args:?}: {err}");
    }
    for (args, word) in [
        (["node", "run", "--listen", "8765"].as_slice(), "ADDRESS:PORT"),
        (&["gateway", "key", "create", "--scope", "call", "--ttl", "0s"], "second"),
        (&["node", "setup", "msw_a b", "--gateway", "http://127.0.0.1:1"], "spaces"),
    ] {
        let (code, _, err) = env.run("box", args);
        assert!(code == 2 && err.contains(word), "{args:?}: {code} {err}");
    }
}

#[test]
fn a_command_line_of_the_wrong_form_is_told_the_right_one() {
    let env = TestEnv::new();
    for (args, example) in [
        (&["execute", "-w", "demo", "echo hi"][..], "Example: waypost execute --workspace demo --command "),
        (&["workspace", "create", "ws.yaml", "demo"], "Example: waypost workspace create demo.yaml --id demo"),
        (&["workspace", "commit", "demo", "first"], "Example: waypost workspace commit demo -m "),
        (&["workspace", "checkout", "demo"], "Example: waypost workspace checkout demo main"),
        (&["glob", "/data/*"], "Example: waypost glob "),
    ] {
        let (code, _, err) = env.run("box", args);
        assert!(code == 2 && err.contains(example), "{args:?}: {err}");
    }
    let (_, _, err) = env.run("box", &["workspace", "commit", "demo", "first", "--json"]);
    let error: Value = serde_json::from_str(&err).unwrap_or_else(|_| panic!("not JSON: {err}"));
    assert!(
        error["error"]["hints"][0].as_str().is_some_and(|hint| hint.starts_with("waypost workspace commit")),
        "{err}"
    );
}

#[test]
fn with_json_a_wrong_command_line_is_json_too() {
    let env = TestEnv::new();
    let (code, out, err) = env.run("box", &["job", "list", "--bogus", "--json"]);
    let error: Value = serde_json::from_str(&err).unwrap_or_else(|_| panic!("not JSON: {err}"));
    assert_eq!((code, out.as_str(), &error["error"]["exit_code"]), (2, "", &json!(2)));
    assert!(error["error"]["message"].as_str().is_some_and(|text| text.contains("--bogus")), "{err}");
}

#[test]
fn joining_names_the_gateway_that_is_not_one() {
    let env = TestEnv::new();
    let setup = |url: &str| env.run("box", &["node", "setup", "msw_0123456789", "--gateway", url]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 65536]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    });
    let (code, _, err) = setup(&url);
    answering.join().unwrap();
    assert!(code == 1 && err.contains(&url) && err.contains("is it a gateway"), "{code} {err}");
    let (code, _, err) = setup("http://127.0.0.1:1");
    assert!(code == 6 && err.contains("http://127.0.0.1:1") && err.contains("refused"), "{code} {err}");
    assert!(!env.path("box/node.key").exists() && !env.path("box/config.json").exists());
}

#[test]
fn a_result_that_cannot_be_written_is_not_a_success() {
    let env = TestEnv::new();
    let mut command = env.waypost("box");
    command.args(["gateway", "key", "create", "--scope", "call"]);
    let output = command.stdout(OpenOptions::new().write(true).open("/dev/full").unwrap()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && err.contains("standard output"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_runs_out_of_time_ends_alike_at_both_doors() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    let script = ["execute", "-w", "w", "-c", "echo begun; sleep 100", "--timeout", "0.2"];
    let relayed = ["--url", &gateway.url, "--token", &gateway.call, "--node", "box"];
    for door in [&[][..], &relayed] {
        let (code, out, err) = env.run("box", &[&script, door].concat());
        assert_eq!((code, out.as_str()), (124, "begun\n"), "{door:?}: {err}");
        assert!(err.contains("timed out"), "{err}");
    }
    // What only a queue can honour is not ignored at a node's own door.
    for option in [["--node", "other"], ["--timeout", "5"], ["--label", "gpu=true"]] {
        let (code, _, err) = env.run("box", &[&["job", "submit", "workspaces.list"][..], &option].concat());
        assert!(code == 2 && err.contains(option[0]), "{code} {err}");
    }
    drop(node);
}

#[tokio::test(flavor = "multi_thread")]
async fn setup_says_when_the_name_is_taken_and_when_the_node_runs() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    let again = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url];
    let (code, out, err) = env.run("box", &again);
    assert!(code == 0 && out.contains(&node.process.pid().to_string()) && out.contains("restart"), "{out} {err}");
    let elsewhere = ["node", "setup", &gateway.enroll, "--gateway", "http://127.0.0.1:1"];
    let (code, _, err) = env.run("box", &elsewhere);
    assert!(code == 2 && err.contains("stop it"), "{code} {err}");
    let (code, out, err) = env.run("other", &[&again[..], &["--name", "Box"]].concat());
    assert!(code == 0 && out.contains("box-2") && err.contains("not box"), "{out} {err}");
}
