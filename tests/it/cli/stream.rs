//! A script's output as it comes, from a server that streams.

use super::Cli;
use super::recorder::Recorder;

const LINES: &str = "application/x-ndjson";

#[tokio::test(flavor = "multi_thread")]
async fn streamed_lines_are_printed_in_their_places() {
    let body = "{\"stream\":\"stdout\",\"data\":\"b25lCg==\"}\n{\"stream\":\"stderr\",\"data\":\"ZXJyCg==\"}\n\
                {\"stream\":\"stdout\",\"data\":\"/w==\"}\n\
                {\"status\":\"done\",\"result\":{\"kind\":\"io\",\"exit_code\":7,\"stdout\":\"\",\"stderr\":\"\"},\"error\":null}\n";
    let server = Recorder::start(vec![(200, LINES, body.into())]).await;
    let cli = Cli::at(&server.url);
    for name in ["execute", "shell"] {
        let ended = cli.run_with(&[name, "-w", "demo", "-c", "x"], b"input").await;
        assert_eq!((ended.code, ended.out.as_slice(), ended.err.as_str()), (7, &b"one\n\xff"[..], "err\n"));
        let asked = server.take().remove(0);
        assert_eq!(asked.line, "POST /v1/workspaces/demo/shell?stream=true");
        let parts = asked.parts();
        assert!(parts[0].0.contains("name=\"request\"; filename=\"request.json\""), "{parts:?}");
        assert_eq!((parts[0].1.as_slice(), parts[1].1.as_slice()), (&br#"{"command":"x"}"#[..], &b"input"[..]));
        assert!(parts[1].0.contains("name=\"stdin\""), "{parts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_that_are_not_exit_codes_say_what_happened() {
    for (body, code, says) in [
        ("{\"status\":\"canceled\",\"result\":null,\"error\":null}\n", 2, "canceled"),
        ("{\"status\":\"failed\",\"result\":null,\"error\":\"KeyError: 'nosuch'\"}\n", 2, "KeyError"),
        ("{\"stream\":\"stdout\",\"data\":\"\"}\n", 14, "broke off"),
        ("nonsense\n", 1, "not JSON"),
    ] {
        let server = Recorder::start(vec![(200, LINES, body.into())]).await;
        let ended = Cli::at(&server.url).run(&["shell", "-w", "demo", "-c", "x"]).await;
        assert!(ended.code == code && ended.err.contains(says), "{body}: {} {}", ended.code, ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_newer_route_is_asked_by_the_older_one() {
    let missing = (404, "application/json", br#"{"detail":"Not Found"}"#.to_vec());
    let answer = (200, "application/json", br#"{"kind":"io","exit_code":3,"stdout":"hi\n","stderr":""}"#.to_vec());
    let server = Recorder::start(vec![missing.clone(), answer]).await;
    let ended = Cli::at(&server.url).run(&["shell", "-w", "demo", "-s", "s1", "-c", "x"]).await;
    assert_eq!((ended.code, ended.text().as_str()), (3, "hi\n"), "{}", ended.err);
    let asked = server.take();
    assert_eq!(asked[1].line, "POST /v1/workspaces/demo/execute");
    assert_eq!(asked[1].json(), serde_json::json!({"command": "x", "session_id": "s1"}));
    // But nothing runs twice because of a server that refused for another reason.
    let refused = (404, "application/json", br#"{"detail":"workspace not found"}"#.to_vec());
    let server = Recorder::start(vec![refused]).await;
    let ended = Cli::at(&server.url).run(&["shell", "-w", "none", "-c", "x"]).await;
    assert_eq!((ended.code, server.take().len()), (2, 1), "{}", ended.err);
}
