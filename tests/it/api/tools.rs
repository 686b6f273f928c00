//! The tools of agents: what each prints, and what is an error of the tool or of the request.

use super::{Reply, Server, wait_until};
use serde_json::{Value, json};
use std::time::Duration;
use waypost::jobs::RunContext;
use waypost::wire::v1::{ErrorCode, OperationRequest};

impl Server {
    async fn tool(&self, name: &str, arguments: Value) -> Reply {
        self.post(&format!("/v1/workspaces/demo/tools/{name}"), arguments).await
    }

    /// What a tool that works prints.
    async fn says(&self, name: &str, arguments: Value) -> String {
        let reply = self.tool(name, arguments.clone()).await;
        assert_eq!((reply.status, &reply.json()["is_error"]), (200, &json!(false)), "{name} {arguments}: {reply:?}");
        reply.json()["text"].as_str().unwrap().to_owned()
    }

    /// What a tool that fails prints.
    async fn complains(&self, name: &str, arguments: Value) -> String {
        let reply = self.tool(name, arguments.clone()).await;
        assert_eq!((reply.status, &reply.json()["is_error"]), (200, &json!(true)), "{name} {arguments}: {reply:?}");
        reply.json()["text"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_shell_s_output_is_the_text_and_it_is_a_job() {
    let server = Server::start().await;
    server.demo().await;
    assert_eq!(server.says("shell", json!({"command": "echo hi"})).await, "hi\n");
    assert_eq!(server.says("shell", json!({"command": "cd /data; export A=1"})).await, "");
    assert_eq!(server.says("shell", json!({"command": "pwd; echo $A"})).await, "/data\n1\n");
    let failed = server.complains("shell", json!({"command": "printf out; echo err >&2; exit 3"})).await;
    assert_eq!(failed, "out\nerr\n[exit code 3]\n");
    let jobs = server.get("/v1/jobs").await.json();
    assert_eq!(jobs[0]["command"], "echo hi");
    let denied = server.post("/v1/workspaces/demo/tools/shell?session_id=no", json!({"command": "true"})).await;
    assert_eq!((denied.status, denied.detail()), (404, "session not found".to_owned()));
}

#[tokio::test]
async fn a_shell_that_is_cancelled_says_so() {
    let server = Server::start().await;
    server.demo().await;
    let endless = server.tool("shell", json!({"command": "while :; do :; done"}));
    let cancel = async {
        let id = wait_until("the job runs", async || {
            let jobs = server.get("/v1/jobs").await.json();
            jobs[0]["job_id"].as_str().map(str::to_owned).ok_or_else(|| jobs.to_string())
        })
        .await;
        server.delete(&format!("/v1/jobs/{id}")).await
    };
    let (ended, cancelled) = tokio::join!(endless, cancel);
    assert_eq!((cancelled.status, ended.status, &ended.json()["code"]), (200, 499, &json!("cancelled")));
}

#[tokio::test]
async fn files_are_read_with_line_numbers() {
    let server = Server::start().await;
    server.demo().await;
    server
        .sh(r"printf 'alpha\nbeta\n' > /data/t; seq 1 3000 > /data/long; printf '\xff\n' > /data/bin; : > /data/empty")
        .await;
    assert_eq!(server.says("read", json!({"path": "/data/t"})).await, "     1\talpha\n     2\tbeta\n");
    assert_eq!(server.says("read", json!({"path": "/data/t", "offset": 1, "limit": 5})).await, "     2\tbeta\n");
    assert_eq!(server.says("read", json!({"path": "/data/t", "offset": 9})).await, "");
    assert_eq!(server.says("read", json!({"path": "/data/empty"})).await, "");
    assert_eq!(server.says("read", json!({"path": "/data/bin"})).await, "     1\t\u{fffd}\n");
    let long = server.says("read", json!({"path": "/data/long"})).await;
    assert!(long.ends_with("  2000\t2000\n"), "{}", long.len());
    assert_eq!(server.complains("read", json!({"path": "/no"})).await, "Error: No such file or directory: '/no'");
    assert_eq!(server.complains("read", json!({"path": "/data"})).await, "Error: Is a directory: '/data'");
}

#[tokio::test]
async fn what_is_overwritten_must_have_been_read_in_full_and_be_the_same_still() {
    let server = Server::start().await;
    server.demo().await;
    let write = |content: &str| json!({"path": "/data/new/dir/t", "content": content});
    assert_eq!(server.says("write", write("one\ntwo\n")).await, "Written: /data/new/dir/t");
    assert_eq!(server.sh("cat /data/new/dir/t").await, "one\ntwo\n");
    // What the session wrote itself it knows.
    server.says("write", write("1\n2\n3\n")).await;
    // Another session does not, nor one that read a part.
    server.post("/v1/workspaces/demo/sessions", json!({"session_id": "two"})).await;
    let other = async |tool: &str, body: Value| {
        server.post(&format!("/v1/workspaces/demo/tools/{tool}?session_id=two"), body).await.json()
    };
    let refused = other("write", write("x")).await;
    assert_eq!(refused["is_error"], true);
    assert!(refused["text"].as_str().unwrap().contains("not read in full"), "{refused}");
    let t = json!({"path": "/data/new/dir/t", "limit": 2});
    other("read", t).await;
    assert_eq!(other("write", write("x")).await["is_error"], true);
    other("read", json!({"path": "/data/new/dir/t"})).await;
    assert_eq!(other("write", write("by two\n")).await["is_error"], false);
    let stale = server.complains("write", write("y")).await;
    assert!(stale.contains("changed since it was read"), "{stale}");
    let stale =
        server.complains("edit", json!({"path": "/data/new/dir/t", "old_string": "by", "new_string": "of"})).await;
    assert!(stale.contains("changed since it was read"), "{stale}");
    assert_eq!(server.sh("cat /data/new/dir/t").await, "by two\n");
    assert_eq!(
        server.complains("write", json!({"path": "/data", "content": ""})).await,
        "Error: Is a directory: '/data'"
    );
    let below = server.complains("write", json!({"path": "/data/new/dir/t/x/y", "content": ""})).await;
    assert_eq!(below, "Error: Not a directory: '/data/new/dir/t/x/y'");
}

#[tokio::test]
async fn edits_replace_what_is_there_once_or_everywhere() {
    let server = Server::start().await;
    server.demo().await;
    server.sh(r"printf 'alpha\nbeta beta\n' > /data/t; printf '\xffbeta' > /data/bin").await;
    let edit = |old: &str, new: &str| json!({"path": "/data/t", "old_string": old, "new_string": new});
    assert_eq!(server.says("edit", edit("alpha", "gamma")).await, "Edited: /data/t (1 occurrence(s))");
    assert_eq!(server.complains("edit", edit("zzz", "x")).await, "Error: string not found in file: 'zzz'");
    assert!(server.complains("edit", edit("beta", "x")).await.contains("appears 2 times"));
    let all = json!({"path": "/data/t", "old_string": "beta", "new_string": "", "replace_all": true});
    assert_eq!(server.says("edit", all).await, "Edited: /data/t (2 occurrence(s))");
    assert_eq!(server.sh("cat /data/t").await, "gamma\n \n");
    assert!(server.complains("edit", edit("", "x")).await.contains("string not found"));
    assert!(server.complains("edit", edit("x", "x")).await.contains("the same"));
    let binary = json!({"path": "/data/bin", "old_string": "beta", "new_string": "x"});
    assert!(server.complains("edit", binary).await.contains("not UTF-8"));
    assert_eq!(
        server.complains("edit", json!({"path": "/no", "old_string": "a", "new_string": "b"})).await,
        "Error: No such file or directory: '/no'"
    );
    // An edit is no reading: the session has still not seen all of it.
    assert!(server.complains("write", json!({"path": "/data/t", "content": ""})).await.contains("not read in full"));
}

#[tokio::test]
async fn names_are_listed_and_found() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("mkdir -p /data/dir; echo > /data/hello.txt; echo > /data/.hidden; echo > /data/dir/a.txt").await;
    assert_eq!(server.says("ls", json!({"path": "/data"})).await, "dir\nhello.txt\n");
    assert_eq!(server.says("ls", json!({"path": "/data/hello.txt"})).await, "/data/hello.txt\n");
    assert_eq!(server.complains("ls", json!({"path": "/no"})).await, "Error: No such file or directory: '/no'");
    let both = "/data/dir/a.txt\n/data/hello.txt\n";
    assert_eq!(server.says("glob", json!({"pattern": "**/*.txt", "path": "/data"})).await, both);
    assert_eq!(server.says("glob", json!({"pattern": "data/**/*.txt"})).await, both);
    assert_eq!(server.says("glob", json!({"pattern": "/data/h*", "path": "/nowhere"})).await, "/data/hello.txt\n");
    assert_eq!(server.says("glob", json!({"pattern": "*.rs"})).await, "");
}

#[tokio::test]
async fn lines_are_found_as_grep_finds_them() {
    let server = Server::start().await;
    server.demo().await;
    server.sh(r"cd /data; mkdir d; printf 'one\nHello a.b\nthree\nfour\nhello acb\n' > a.txt; echo hello > d/b.md; printf 'hello\0' > d/bin; ln -s a.txt l; echo hello > d/.h; : > d/empty").await;
    let grep = async |more: Value| {
        let mut arguments = json!({"pattern": "hello", "path": "/data"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.says("grep", arguments).await
    };
    let plain = "/data/a.txt:5:hello acb\n/data/d/.h:1:hello\n/data/d/b.md:1:hello\nBinary file /data/d/bin matches\n";
    assert_eq!(grep(json!({})).await, plain);
    let text = json!({"include": "*.txt", "ignore_case": true});
    assert_eq!(grep(text).await, "/data/a.txt:2:Hello a.b\n/data/a.txt:5:hello acb\n");
    let one = json!({"include": "*.txt", "ignore_case": true, "max_count": 1});
    assert_eq!(grep(one).await, "/data/a.txt:2:Hello a.b\n");
    assert_eq!(
        grep(json!({"pattern": "a.b", "path": "/data/a.txt"})).await,
        "/data/a.txt:2:Hello a.b\n/data/a.txt:5:hello acb\n"
    );
    assert_eq!(grep(json!({"pattern": "a.b", "fixed_strings": true})).await, "/data/a.txt:2:Hello a.b\n");
    assert_eq!(grep(json!({"files_with_matches": true})).await, "/data/a.txt\n/data/d/.h\n/data/d/b.md\n/data/d/bin\n");
    let count = grep(json!({"count": true, "path": "/data/d"})).await;
    assert_eq!(count, "/data/d/.h:1\n/data/d/b.md:1\n/data/d/bin:1\n/data/d/empty:0\n");
    let context = grep(json!({"ignore_case": true, "context": 1, "include": "*.txt"})).await;
    let wanted = "/data/a.txt-1-one\n/data/a.txt:2:Hello a.b\n/data/a.txt-3-three\n/data/a.txt-4-four\n/data/a.txt:5:hello acb\n";
    assert_eq!(context, wanted);
    let apart = grep(json!({"pattern": "one|four", "context": 0, "path": "/data/a.txt"})).await;
    assert_eq!(apart, "/data/a.txt:1:one\n/data/a.txt:4:four\n");
    let apart = grep(json!({"pattern": "one|acb", "context": 1, "path": "/data/a.txt"})).await;
    assert_eq!(apart, "/data/a.txt:1:one\n/data/a.txt-2-Hello a.b\n--\n/data/a.txt-4-four\n/data/a.txt:5:hello acb\n");
    assert_eq!(grep(json!({"pattern": "nothing at all"})).await, "");
    assert_eq!(grep(json!({"pattern": "$", "path": "/data/d/empty"})).await, "");
    let wrong = server.complains("grep", json!({"pattern": "(", "path": "/data"})).await;
    assert!(wrong.starts_with("Error: invalid regular expression: "), "{wrong}");
    let bomb = server.complains("grep", json!({"pattern": "(?:x{1000}){1000}{1000}", "path": "/data"})).await;
    assert!(bomb.starts_with("Error: invalid regular expression: "), "{bomb}");
    assert_eq!(
        server.complains("grep", json!({"pattern": "x", "path": "/no"})).await,
        "Error: No such file or directory: '/no'"
    );
}

#[tokio::test]
async fn more_matches_than_an_answer_holds_are_cut_and_it_says_so() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("seq 1 600000 > /data/long").await;
    let text = server.says("grep", json!({"pattern": "[0-9]", "path": "/data"})).await;
    assert!(text.ends_with("or with files_with_matches]\n"), "{}", text.len());
    assert!(text.len() < (16 << 20) && text.starts_with("/data/long:1:1\n"), "{}", text.len());
}

#[tokio::test]
async fn bad_arguments_are_the_request_s_fault_and_unknown_tools_are_not_there() {
    let server = Server::start().await;
    server.demo().await;
    let missing = server.tool("read", json!({"bad": 1})).await;
    assert_eq!(missing.status, 400);
    let none = server.tool("read", json!({})).await;
    assert_eq!(
        (none.status, none.detail()),
        (400, "Invalid arguments for tool read: 'path' is a required property".to_owned())
    );
    for (tool, arguments, name) in [
        ("shell", json!({"command": 1}), "'command'"),
        ("read", json!({"path": "/data", "limit": 0}), "'limit'"),
        ("read", json!({"path": "/data", "offset": -1}), "'offset'"),
        ("grep", json!({"pattern": "x", "path": "/", "max_count": 0}), "'max_count'"),
        ("write", json!({"path": "/data/x"}), "'content'"),
        ("edit", json!({"path": "/data/x", "old_string": "a", "new_string": "b", "x": 1}), "'x' was unexpected"),
        ("ls", json!({"path": "/data", "all": true}), "'all' was unexpected"),
        ("glob", json!({}), "'pattern'"),
    ] {
        let reply = server.tool(tool, arguments).await;
        let detail = reply.detail();
        assert!(reply.status == 400 && detail.starts_with(&format!("Invalid arguments for tool {tool}: ")), "{detail}");
        assert!(detail.contains(name), "{detail}");
    }
    let unknown = server.tool("nosuch", json!({})).await;
    assert_eq!((unknown.status, unknown.detail()), (404, "Not Found".to_owned()));
}

#[tokio::test]
async fn what_tools_wrote_is_there_after_a_crash_and_what_they_read_is_not_known_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    server.says("write", json!({"path": "/data/t", "content": "a b"})).await;
    server.says("edit", json!({"path": "/data/t", "old_string": "a", "new_string": "c"})).await;
    server.kill().await;
    let server = Server::kept_in(dir.path()).await;
    assert_eq!(server.sh("cat /data/t").await, "c b");
    assert!(server.complains("write", json!({"path": "/data/t", "content": ""})).await.contains("not read in full"));
}

#[tokio::test]
async fn a_search_ends_when_it_is_cancelled_or_its_time_is_over() {
    let server = Server::start().await;
    server.demo().await;
    // Far more than is searched in the time of this test.
    server.sh("seq 1 400000 > /data/long; for i in $(seq 1 400); do cp /data/long /data/l$i; done").await;
    for (timeout, code) in [(None, ErrorCode::Cancelled), (Some(Duration::from_millis(50)), ErrorCode::TimedOut)] {
        let Value::Object(params) = json!({"id": "demo", "path": "/data", "pattern": "[^0-9]$"}) else {
            unreachable!()
        };
        let request = OperationRequest { operation: "tools.grep".to_owned(), params, ..OperationRequest::default() };
        let context = RunContext { timeout, ..RunContext::default() };
        let cancel = context.cancel.clone();
        let running = server.engine.run(request, context);
        let (outcome, ()) = tokio::join!(running, async {
            for _ in 0..20 {
                assert_eq!(server.get("/v1/health").await.status, 200);
            }
            if timeout.is_none() {
                cancel.cancel();
            }
        });
        assert_eq!(outcome.failure.map(|failure| failure.code), Some(code));
    }
}
