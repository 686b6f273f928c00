//! `waypost vfs`, `tools` and `glob`: what they ask, what they print, how they end.

use super::Cli;
use super::recorder::Recorder;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn each_call_sends_its_arguments() {
    let server =
        Recorder::saying(&json!({"data_base64": "aGk=", "value_base64": "aGk=", "text": "", "is_error": false})).await;
    let cli = Cli::at(&server.url);
    for (args, call, body) in [
        (
            &["vfs", "read", "/x", "--offset", "2", "--size", "3"][..],
            "vfs/read",
            json!({"path": "/x", "offset": 2, "size": 3}),
        ),
        (&["vfs", "read", "/x", "--json"], "vfs/read", json!({"path": "/x"})),
        (&["vfs", "write", "/x", "--data", "hi"], "vfs/write", json!({"path": "/x", "data_base64": "aGk="})),
        (&["vfs", "append", "/x", "--data", ""], "vfs/append", json!({"path": "/x", "data_base64": ""})),
        (&["vfs", "pwrite", "/x", "7"], "vfs/pwrite", json!({"path": "/x", "offset": 7, "data_base64": "aW4="})),
        (&["vfs", "stat", "/x", "--nofollow"], "vfs/stat", json!({"path": "/x", "nofollow": true})),
        (&["vfs", "readdir", "/x"], "vfs/readdir", json!({"path": "/x"})),
        (&["vfs", "exists", "/x"], "vfs/exists", json!({"path": "/x"})),
        (&["vfs", "is-dir", "/x"], "vfs/is_dir", json!({"path": "/x"})),
        (&["vfs", "is-file", "/x"], "vfs/is_file", json!({"path": "/x"})),
        (&["vfs", "list-files", "/x"], "vfs/list_files", json!({"path": "/x"})),
        (&["vfs", "mkdir", "/x"], "vfs/mkdir", json!({"path": "/x"})),
        (&["vfs", "rmdir", "/x"], "vfs/rmdir", json!({"path": "/x"})),
        (&["vfs", "unlink", "/x"], "vfs/unlink", json!({"path": "/x"})),
        (&["vfs", "create", "/x"], "vfs/create", json!({"path": "/x"})),
        (&["vfs", "rename", "/x", "/y"], "vfs/rename", json!({"src": "/x", "dst": "/y"})),
        (&["vfs", "symlink", "/x", "../t"], "vfs/symlink", json!({"path": "/x", "target": "../t"})),
        (&["vfs", "readlink", "/x"], "vfs/readlink", json!({"path": "/x"})),
        (
            &["vfs", "setattr", "/x", "--mode", "755", "--uid", "1", "--mtime", "1.5"],
            "vfs/setattr",
            json!({"path": "/x", "mode": 0o755, "uid": 1, "mtime": 1.5}),
        ),
        (&["vfs", "getxattr", "/x", "user.a"], "vfs/getxattr", json!({"path": "/x", "name": "user.a"})),
        (&["vfs", "listxattr", "/x"], "vfs/listxattr", json!({"path": "/x"})),
        (
            &["vfs", "setxattr", "/x", "user.a", "--value", "hi", "--create"],
            "vfs/setxattr",
            json!({"path": "/x", "name": "user.a", "value_base64": "aGk=", "create": true}),
        ),
        (&["vfs", "removexattr", "/x", "user.a"], "vfs/removexattr", json!({"path": "/x", "name": "user.a"})),
        (&["vfs", "truncate", "/x", "9"], "vfs/truncate", json!({"path": "/x", "length": 9})),
        (&["tools", "shell", "ls"], "tools/shell", json!({"command": "ls"})),
        (&["tools", "read", "/x", "--limit", "5"], "tools/read", json!({"path": "/x", "limit": 5})),
        (&["tools", "write", "/x", "--content", "c"], "tools/write", json!({"path": "/x", "content": "c"})),
        (&["tools", "write", "/x"], "tools/write", json!({"path": "/x", "content": "in"})),
        (
            &["tools", "edit", "/x", "-a", "b", "--replace-all"],
            "tools/edit",
            json!({"path": "/x", "old_string": "-a", "new_string": "b", "replace_all": true}),
        ),
        (&["tools", "ls", "/x"], "tools/ls", json!({"path": "/x"})),
        (
            &["tools", "grep", "p", "/x", "-i", "-C", "2", "--include", "*.py"],
            "tools/grep",
            json!({"pattern": "p", "path": "/x", "ignore_case": true, "include": "*.py", "context": 2}),
        ),
        (&["tools", "glob", "**"], "tools/glob", json!({"pattern": "**", "path": "/"})),
        (&["glob", "/*"], "glob", json!({"pattern": "/*"})),
    ] {
        let ended = cli.run_with(&[args, &["-w", "demo", "-s", "s1"]].concat(), b"in").await;
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.err);
        let asked = server.take().remove(0);
        assert_eq!(asked.line, format!("POST /v1/workspaces/demo/{call}?session_id=s1"), "{args:?}");
        assert_eq!(asked.json(), body, "{args:?}");
    }
    let ended = cli.run(&["vfs", "unlink", "/x", "-w", "demo", "--explain"]).await;
    assert_eq!((ended.code, server.take()[0].line.as_str()), (0, "POST /v1/workspaces/demo/vfs/unlink?explain=true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_as_it_is_streamed_or_whole() {
    let bytes = b"\x89PNG\0\xff".to_vec();
    let server = Recorder::start(vec![(200, "application/octet-stream", bytes.clone())]).await;
    let ended = Cli::at(&server.url).run(&["vfs", "read", "/x", "-w", "demo"]).await;
    assert_eq!((ended.code, ended.out), (0, bytes), "{}", ended.err);
    assert_eq!(server.take()[0].line, "POST /v1/workspaces/demo/vfs/read_stream");
    // A server that cannot stream is asked for the whole.
    let whole = br#"{"data_base64":"aGk="}"#.to_vec();
    let answers =
        vec![(404, "application/json", br#"{"detail":"Not Found"}"#.to_vec()), (200, "application/json", whole)];
    let server = Recorder::start(answers).await;
    let ended = Cli::at(&server.url).run(&["vfs", "read", "/x", "-w", "demo"]).await;
    assert_eq!((ended.code, ended.text().as_str()), (0, "hi"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_error_is_one_and_told_as_the_system_tells_it() {
    let body = br#"{"detail":"No such file or directory","errno":"ENOENT"}"#.to_vec();
    let server = Recorder::start(vec![(404, "application/json", body)]).await;
    let cli = Cli::at(&server.url);
    for args in [&["vfs", "read", "/nope"][..], &["vfs", "stat", "/nope"], &["vfs", "write", "/no/pe", "--data", "x"]] {
        let ended = cli.run(&[args, &["-w", "demo"]].concat()).await;
        assert_eq!((ended.code, ended.text().as_str()), (1, ""));
        assert!(ended.err.contains("No such file or directory (ENOENT)"), "{}", ended.err);
    }
    let body = br#"{"detail":"workspace not found"}"#.to_vec();
    let server = Recorder::start(vec![(404, "application/json", body)]).await;
    assert_eq!(Cli::at(&server.url).run(&["vfs", "stat", "/x", "-w", "none"]).await.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_json_in_a_pipe_and_words_when_asked_for() {
    for (args, answer, text) in [
        (&["glob", "/*", "-w", "demo"][..], json!({"paths": ["/data/a", "/data/b"]}), "/data/a\n/data/b\n"),
        (&["vfs", "exists", "/x", "-w", "demo"], json!({"exists": true}), "true\n"),
        (&["vfs", "readdir", "/x", "-w", "demo"], json!({"entries": ["/x/1"]}), "/x/1\n"),
        (
            &["vfs", "stat", "/x", "-w", "demo"],
            json!({"stat": {"name": "x", "size": 3, "uid": null}}),
            "name         x\nsize         3\n",
        ),
    ] {
        let server = Recorder::saying(&answer).await;
        let cli = Cli::at(&server.url);
        assert_eq!(cli.json(args).await, answer);
        assert_eq!(cli.text(&[args, &["--text"]].concat()).await, text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_s_text_is_the_output_and_its_error_is_one() {
    let server = Recorder::saying(&json!({"text": "hello\n", "is_error": false})).await;
    assert_eq!(Cli::at(&server.url).text(&["tools", "read", "/x", "-w", "demo"]).await, "hello\n");
    let server = Recorder::saying(&json!({"text": "Error: string not found in file: 'z'", "is_error": true})).await;
    let cli = Cli::at(&server.url);
    let ended = cli.run(&["tools", "edit", "/x", "z", "y", "-w", "demo"]).await;
    assert_eq!((ended.code, ended.text().as_str()), (1, ""));
    assert!(ended.err.contains("string not found in file: 'z'"), "{}", ended.err);
    let ended = cli.run(&["tools", "edit", "/x", "z", "y", "-w", "demo", "--json"]).await;
    let answer: Value = ended.json();
    assert_eq!((ended.code, &answer["is_error"]), (1, &json!(true)));
}
