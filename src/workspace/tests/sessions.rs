//! What a session keeps and what it does not.

use super::*;
use crate::workspace::{Error, OutputSink, Stream};
use std::sync::Mutex;

#[tokio::test]
async fn directory_variables_and_functions_stay() {
    let (_all, ws) = workspace(json!({})).await;
    out(&ws, "cd /tmp; export A=1; b=2; f() { echo \"f $1\"; }; arr=(x y)").await;
    assert_eq!(out(&ws, "pwd; echo $A $b ${arr[1]}; f z; bash -c 'echo $A$b'").await, "/tmp\n1 2 y\nf z\n1\n");
    assert_eq!(ws.sessions()[0].cwd, "/tmp");
    let other = ws.create_session(None, None).await.unwrap();
    assert!(other.id.starts_with("sess_") && other.id.len() == 17 && other.cwd == "/", "{other:?}");
    let outcome = execute(&ws, ExecuteRequest { session_id: Some(other.id), ..request("pwd; echo [$A]") }).await;
    assert_eq!(outcome.stdout, "/\n[]\n");
}

#[tokio::test]
async fn directory_and_variables_of_a_request_do_not_stick() {
    let (_all, ws) = workspace(json!({})).await;
    out(&ws, "mkdir /tmp/d; X=old; cd /home").await;
    let env = [("X".to_owned(), "new".to_owned()), ("Y".to_owned(), "y".to_owned())].into();
    let once =
        ExecuteRequest { cwd: Some("/tmp/d/../d".into()), env, ..request("pwd; bash -c 'echo $X$Y'; cd /; Z=1") };
    assert_eq!(execute(&ws, once).await.stdout, "/tmp/d\nnewy\n");
    assert_eq!(out(&ws, "pwd; echo $PWD $X [$Y] $Z; env | grep -c ^X= || true").await, "/home\n/home old [] 1\n0\n");
    let nowhere = execute(&ws, ExecuteRequest { cwd: Some("/no".into()), ..request("pwd") }).await;
    assert_eq!((nowhere.exit_code, &nowhere.stderr[..]), (1, &b"bash: cd: /no: No such file or directory\n"[..]));
}

#[tokio::test]
async fn bytes_go_in_and_come_out_as_they_are() {
    let (_all, ws) = workspace(json!({})).await;
    let bytes: bytes::Bytes = (0..=255_u8).cycle().take(200_000).collect();
    let outcome = execute(&ws, ExecuteRequest { stdin: bytes.clone(), ..request("cat > /tmp/b; cat /tmp/b") }).await;
    assert_eq!(outcome.stdout, bytes);
    assert_eq!(execute(&ws, ExecuteRequest { stdin: bytes.clone(), ..request("cat | cat") }).await.stdout, bytes);
    assert_eq!(run(&ws, "cat; read x; echo $?").await.1, "1\n");
    assert_eq!(ws.history_length(), 3);
}

#[tokio::test]
async fn a_sink_gets_the_same_bytes_in_order() {
    #[derive(Default)]
    struct Sink(Mutex<(Vec<u8>, Vec<u8>)>);
    impl OutputSink for Sink {
        fn write(&self, stream: Stream, chunk: &[u8]) {
            let mut both = self.0.lock().unwrap();
            if stream == Stream::Stdout { both.0.extend(chunk) } else { both.1.extend(chunk) }
        }
    }
    let (_all, ws) = workspace(json!({})).await;
    let sink = Arc::new(Sink::default());
    let script = request("for i in 1 2 3; do echo $i; echo e$i >&2; done; seq 1 20000");
    let outcome = ws.execute(script, Some(sink.clone()), CancellationToken::new()).await.unwrap();
    let both = sink.0.lock().unwrap();
    assert!(outcome.stdout.starts_with(b"1\n2\n3\n1\n2\n") && outcome.stdout.ends_with(b"\n20000\n"));
    assert_eq!((&both.0[..], &both.1[..]), (&outcome.stdout[..], &b"e1\ne2\ne3\n"[..]));
}

#[tokio::test]
async fn errors_are_answers() {
    let (_all, ws) = workspace(json!({})).await;
    let (code, _, stderr) = run(&ws, "if then fi").await;
    assert!(code == 2 && stderr.starts_with("bash: "), "{code} {stderr}");
    let (code, _, stderr) = run(&ws, "nosuch").await;
    assert!(code == 127 && stderr.contains("nosuch: command not found"), "{stderr}");
    assert_eq!(run(&ws, "false | true; (exit 7)").await.0, 7);
    let missing =
        ws.execute(ExecuteRequest { session_id: Some("no".into()), ..request(":") }, None, CancellationToken::new());
    assert!(matches!(missing.await, Err(Error::SessionNotFound { .. })));
    assert!(matches!(ws.delete_session("default").await, Err(Error::Conflict { .. })));
    ws.create_session(Some("s".into()), None).await.unwrap();
    assert!(matches!(ws.create_session(Some("s".into()), None).await, Err(Error::SessionExists { .. })));
    ws.delete_session("s").await.unwrap();
    assert_eq!(ws.sessions().len(), 1);
}

#[tokio::test]
async fn scripts_of_one_session_queue_and_those_of_two_do_not() {
    let (_all, ws) = workspace(json!({})).await;
    let first = execute(&ws, request("x=1; for i in $(seq 200); do x=$((x + 1)); done"));
    let second = execute(&ws, request("echo $x"));
    let (_, second) = tokio::join!(first, second);
    assert_eq!(second.stdout, "201\n");

    ws.create_session(Some("s2".into()), None).await.unwrap();
    // Each waits for the other: queued, they would not end.
    let waits = |mine, other| format!("echo > /tmp/{mine}; until [ -e /tmp/{other} ]; do sleep 0.01; done");
    let one = execute(&ws, request(&waits("a", "b")));
    let two = execute(&ws, ExecuteRequest { session_id: Some("s2".into()), ..request(&waits("b", "a")) });
    let (one, two) = tokio::join!(one, two);
    assert_eq!((one.exit_code, two.exit_code), (0, 0));
}

#[tokio::test]
async fn ids_are_checked_and_taken_once() {
    let workspaces = open(Options::default(), None).await;
    let create = async |id: &str| workspaces.create(Some(id.to_owned()), WorkspaceConfig::empty()).await.map(drop);
    for id in ["", ".", "..", "load", "clone", "a/b", "ä", &"x".repeat(129)] {
        assert!(matches!(create(id).await, Err(Error::InvalidId { .. })), "{id}");
    }
    create("demo").await.unwrap();
    assert_eq!(create("demo").await.unwrap_err().to_string(), "workspace id already exists: 'demo'");
    create("a").await.unwrap();
    assert_eq!(workspaces.list().iter().map(|ws| ws.id().to_owned()).collect::<Vec<_>>(), ["demo", "a"]);
    workspaces.delete("demo").await.unwrap();
    assert!(matches!(workspaces.get("demo"), Err(Error::NotFound { .. })));
    create("demo").await.unwrap();
}

#[tokio::test]
async fn a_clone_has_files_and_state_and_goes_its_own_way() {
    let (all, ws) = workspace(json!({"/data": {"resource": "ram"}})).await;
    out(&ws, "echo 1 > /data/f; cd /data; V=v; f() { echo fn; }").await;
    let copy = all.clone_workspace(ws.id(), Some("copy".into())).await.unwrap();
    assert_eq!(out(&copy, "pwd; cat f; echo $V; f; echo 2 > f").await, "/data\n1\nv\nfn\n");
    assert_eq!(out(&ws, "cat f").await, "1\n");
    assert_eq!(copy.id(), "copy");
}

#[tokio::test]
async fn interpreters_are_refused_and_never_taken_for_the_shell() {
    let script = "printf '#!/usr/bin/env python3\\nimport os\\n' > /tmp/p; chmod +x /tmp/p; /tmp/p; echo $?; \
                  node -e 1; echo $?; command -v python3 || echo none";
    for (mounts, code) in [(json!({}), 126), (json!({"/x": {"resource": "ram", "mode": "exec"}}), 127)] {
        let (_all, ws) = workspace(mounts).await;
        let (_, stdout, stderr) = run(&ws, script).await;
        assert_eq!(stdout, format!("{code}\n{code}\nnone\n"), "{stderr}");
        assert!(stderr.starts_with("bash: python3: "), "{stderr}");
    }
}

#[tokio::test]
async fn functions_are_exported_to_child_shells_only_when_asked() {
    let (_all, ws) = workspace(json!({})).await;
    out(&ws, "f() { echo \"f $1\"; }; g() { :; }; export -f f; echo 'f s; echo $LINENO' > /tmp/s").await;
    assert_eq!(out(&ws, "bash -c 'f c'; bash /tmp/s; echo a | xargs -I{} bash -c 'f {}'").await, "f c\nf s\n1\nf a\n");
    assert_eq!(run(&ws, "bash -c g").await.0, 127);
}
