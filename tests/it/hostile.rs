//! Bad input at every door: a clear error each, nothing half done, and everything keeps serving.

use crate::support::{Gateway, Node, TestEnv, http};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

struct Rig {
    env: TestEnv,
    gateway: Gateway,
    node: Node,
}

async fn rig() -> Rig {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    Rig { env, gateway, node }
}

impl Rig {
    /// The refusal of a request: status and body.
    async fn refusal(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: not JSON: {text}"));
        for field in ["detail", "code", "request_id"] {
            assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "{status} has no {field}: {body}");
        }
        (status, body)
    }

    /// Everything still works, at both doors.
    async fn still_serves(&self) {
        let params = json!({ "id": "w", "command": "echo alive" });
        assert_eq!(self.gateway.operation("box", "workspaces.execute", params).await["stdout"], "alive\n");
        let health = http().get(format!("{}/v1/health", self.node.api_url)).send().await.unwrap();
        assert_eq!(health.status(), 200);
    }

    /// Base URL and credential of each door.
    fn doors(&self) -> [(String, String); 2] {
        [
            (self.node.api_url.clone(), self.node.api_token(&self.env)),
            (format!("{}/nodes/box", self.gateway.url), self.gateway.call.clone()),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_answered_alike_at_both_doors() {
    let rig = rig().await;
    for (url, token) in rig.doors() {
        let post = |path: &str, body: &str| {
            let request = http().post(format!("{url}{path}")).bearer_auth(&token);
            request.header("content-type", "application/json").body(body.to_owned())
        };
        let (status, body) = rig.refusal(post("/v1/workspaces/none/execute", r#"{"command":"ls"}"#)).await;
        assert_eq!((status, body["detail"].as_str()), (404, Some("workspace not found")), "{url}");
        let (status, body) = rig.refusal(post("/v1/workspaces/w/execute", "{not json")).await;
        assert_eq!((status, body["code"].as_str()), (400, Some("invalid_json")), "{url}");
        let (status, body) = rig.refusal(post("/v1/workspaces/w/execute", "{}")).await;
        assert_eq!((status, body["code"].as_str()), (400, Some("invalid_request")), "{url}: {body}");
        assert!(body["detail"].as_str().unwrap().contains("command"), "{body}");
        let (status, _) = rig.refusal(post("/v1/nowhere", "{}")).await;
        assert_eq!(status, 404, "{url}");
        let (status, _) = rig.refusal(http().delete(format!("{url}/v1/workspaces")).bearer_auth(&token)).await;
        assert_eq!(status, 405, "{url}");
        let huge = format!(r#"{{"command":"{}"}}"#, "x".repeat(5 << 20));
        let (status, body) = rig.refusal(post("/v1/workspaces/w/execute", &huge)).await;
        assert_eq!((status, body["code"].as_str()), (413, Some("payload_too_large")), "{url}");
        let (status, body) =
            rig.refusal(post("/v1/workspaces", r#"{"id":"x","config":{"mounts":{"/d":{"resource":"nope"}}}}"#)).await;
        assert_eq!(status, 400, "{url}: {body}");
        assert!(body["detail"].as_str().unwrap().contains("nope"), "{body}");
        let (status, _) = rig.refusal(post("/v1/workspaces", r#"{"id":"w","config":{"mounts":{}}}"#)).await;
        assert_eq!(status, 409, "{url}");
    }
    rig.still_serves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_tokens_that_do_not_open_say_why() {
    let rig = rig().await;
    let key = |args: &[&str]| {
        let (code, out, err) = rig.env.run("gw", &[&["gateway", "key", "create", "--json"], args].concat());
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let jobs = |token: &str| http().get(format!("{}/v1/jobs", rig.gateway.url)).bearer_auth(token);

    let revoked = key(&["--scope", "call"]);
    assert_eq!(jobs(revoked["key"].as_str().unwrap()).send().await.unwrap().status(), 200);
    assert_eq!(rig.env.run("gw", &["gateway", "key", "revoke", revoked["id"].as_str().unwrap()]).0, 0);
    let expired = key(&["--scope", "call", "--ttl", "1s"]);
    tokio::time::sleep(Duration::from_millis(2100)).await;

    for (token, status, word) in [
        (revoked["key"].as_str().unwrap(), 401, "revoked"),
        (expired["key"].as_str().unwrap(), 401, "expired"),
        ("msw_nonsense", 401, "key"),
        (rig.gateway.enroll.as_str(), 403, "call"),
    ] {
        let (got, body) = rig.refusal(jobs(token)).await;
        assert_eq!(got, status, "{body}");
        let text = body.to_string();
        assert!(text.contains(word), "{word}: {text}");
    }
    let (status, _) = rig.refusal(http().get(format!("{}/v1/jobs", rig.gateway.url))).await;
    assert_eq!(status, 401);
    // The loopback door has its own token.
    let (status, _) = rig.refusal(http().get(format!("{}/v1/workspaces", rig.node.api_url))).await;
    assert_eq!(status, 401);
    let (status, _) = rig.refusal(http().get(format!("{}/v1/workspaces", rig.node.api_url)).bearer_auth("wrong")).await;
    assert_eq!(status, 401);
    // A node's call with a token that is none.
    let heartbeat = format!("{}/v1/swarm/self-hosted/node/heartbeat", rig.gateway.url);
    let (status, _) =
        rig.refusal(http().post(heartbeat).bearer_auth("msn_wrong").json(&json!({ "node_id": "x" }))).await;
    assert_eq!(status, 401);
    rig.still_serves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_with_a_bad_key_says_what_to_do() {
    let rig = rig().await;
    let once: Value = {
        let (_, out, _) =
            rig.env.run("gw", &["gateway", "key", "create", "--scope", "enroll", "--uses", "1", "--json"]);
        serde_json::from_str(&out).unwrap()
    };
    let setup = |home: &str, key: &str| rig.env.run(home, &["node", "setup", key, "--gateway", &rig.gateway.url]);
    assert_eq!(setup("a", once["key"].as_str().unwrap()).0, 0);
    for (key, word) in [(once["key"].as_str().unwrap(), "used"), ("msw_nonsense", "key"), (&rig.gateway.call, "enroll")]
    {
        let (code, out, err) = setup("b", key);
        assert_eq!((code, out.as_str()), (5, ""), "{err}");
        assert!(err.contains(word) && !err.contains(key), "{err}");
    }
    assert!(!rig.env.path("b/node.key").exists());
    // Nobody listens at this address.
    let (code, _, err) = rig.env.run("b", &["node", "setup", "msw_x", "--gateway", "http://127.0.0.1:1"]);
    assert_eq!(code, 6, "{err}");
}

fn hostile_tar(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, kind, content) in entries {
        let mut header = tar::Header::new_gnu();
        // Written by hand: the builder itself refuses what is tested here.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        if matches!(kind, tar::EntryType::Symlink | tar::EntryType::Link) {
            header.as_old_mut().linkname[..content.len()].copy_from_slice(content.as_bytes());
            header.set_size(0);
            header.set_cksum();
            archive.append(&header, std::io::empty()).unwrap();
        } else {
            header.set_size(content.len() as u64);
            header.set_cksum();
            archive.append(&header, content.as_bytes()).unwrap();
        }
    }
    archive.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_reaches_out_is_refused_whole() {
    use tar::EntryType::{Block, Link, Regular, Symlink};
    let rig = rig().await;
    let archives = [
        ("parent", hostile_tar(&[("ok", Regular, "x"), ("../out", Regular, "x")])),
        ("absolute", hostile_tar(&[("/etc/passwd", Regular, "x")])),
        ("link-out", hostile_tar(&[("l", Symlink, "../../etc")])),
        ("link-absolute", hostile_tar(&[("l", Symlink, "/etc"), ("l/passwd", Regular, "x")])),
        ("hard-link", hostile_tar(&[("h", Link, "/etc/passwd")])),
        ("device", hostile_tar(&[("sda", Block, "")])),
        ("cut", hostile_tar(&[("ok", Regular, &"x".repeat(4000))])[..1500].to_vec()),
        ("garbage", vec![0x55; 4096]),
    ];
    for (url, token) in rig.doors() {
        for (name, archive) in &archives {
            let request = http().post(format!("{url}/v1/workspaces/load?id=evil")).bearer_auth(&token);
            let (status, body) =
                rig.refusal(request.header("content-type", "application/x-tar").body(archive.clone())).await;
            assert_eq!(status, 400, "{name} at {url}: {body}");
            assert!(body["detail"].as_str().unwrap().starts_with("load failed"), "{name}: {body}");
        }
        let (status, _) = rig.refusal(http().get(format!("{url}/v1/workspaces/evil")).bearer_auth(&token)).await;
        assert_eq!(status, 404);
    }
    rig.still_serves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_would_eat_the_machine_end_and_say_so() {
    let rig = rig().await;
    let begun = Instant::now();
    for (name, script) in [
        ("fork bomb", ":(){ :|:& };:"),
        ("endless output", "while true; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done"),
        ("yes", "yes"),
        ("recursion", "f() { f; }; f"),
        ("growing variable", "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done"),
        ("endless file", "while true; do head -c 1000000 /dev/zero >> /f || exit 1; done"),
        ("sudo tower", &format!("{}echo hi", "sudo ".repeat(80))),
        ("env tower", &format!("{}echo hi", "env ".repeat(80))),
    ] {
        let params = json!({ "id": "w", "command": script, "timeout_s": 20 });
        let job = json!({ "node": "box", "operation": "workspaces.execute", "params": params });
        let id = rig.gateway.submit(&job).await;
        let job = rig.gateway.end_of(&id, Duration::from_secs(60)).await;
        let said = job["result"]["stderr"].as_str().is_some_and(|text| !text.is_empty()) || !job["error"].is_null();
        // Harmless once it has a stack of its own: it may as well work.
        let worked = job["result"]["stdout"] == "hi\n";
        assert!(said || worked, "{name} does not say why it ended: {job:#}");
        // A fork bomb's first process is in the background, so bash too ends with 0.
        let failed = name == "fork bomb" || job["result"]["exit_code"] != 0 || !job["error"].is_null();
        assert!(failed || worked, "{name}: {job:#}");
    }
    assert!(begun.elapsed() < Duration::from_secs(180));
    rig.still_serves().await;
}

/// The most memory that a process has had, bytes.
#[cfg(target_os = "linux")]
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("kilobytes") * 1024
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_long_archives_at_once_are_not_held() {
    const LENGTH: usize = 40;
    let rig = rig().await;
    let (url, token) = (&rig.node.api_url, rig.node.api_token(&rig.env));
    let member = |name: &str, content: &[u8]| {
        let mut bytes = hostile_tar(&[(name, tar::EntryType::Regular, "")])[..512].to_vec();
        let mut header = tar::Header::from_byte_slice(&bytes).clone();
        header.set_size(content.len() as u64);
        header.set_cksum();
        bytes.copy_from_slice(header.as_bytes());
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    };
    // A snapshot whose files belong to none of its mounts, and whose end is missing.
    let start = member("manifest.json", br#"{"version": 2, "mounts": [], "sessions": []}"#);
    let file = bytes::Bytes::from(member("mounts/7/files/x", &vec![7; 1 << 20]));
    let before = peak_memory(rig.node.process.pid());
    let load = |n: usize| {
        let in_parts = n.is_multiple_of(2);
        let head = match in_parts {
            true => b"--xYx\r\nContent-Disposition: form-data; name=\"tar\"; filename=\"x\"\r\n\r\n".to_vec(),
            false => Vec::new(),
        };
        let end = if in_parts { &b"\r\n--xYx--\r\n"[..] } else { b"" };
        let pieces = [head.into(), start.clone().into()].into_iter();
        let pieces = pieces.chain(std::iter::repeat_n(file.clone(), LENGTH)).chain([end.into()]);
        let body = futures_util::stream::iter(pieces.map(Ok::<bytes::Bytes, std::io::Error>));
        let media = if in_parts { "multipart/form-data; boundary=xYx" } else { "application/x-tar" };
        let request = http().post(format!("{url}/v1/workspaces/load?id=evil{n}")).bearer_auth(&token);
        rig.refusal(request.header("content-type", media).body(reqwest::Body::wrap_stream(body)))
    };
    for (status, body) in futures_util::future::join_all((0..16).map(load)).await {
        let said = body["detail"].as_str().unwrap();
        assert!(status == 400 && said.contains("ends too early"), "{status}: {said}");
    }
    let grown = peak_memory(rig.node.process.pid()) - before;
    assert!(grown < 160 << 20, "{grown} bytes for 16 times {LENGTH} MiB");
    let there = http().get(format!("{url}/v1/workspaces")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(there.json::<Value>().await.unwrap().as_array().unwrap().len(), 1);
    rig.still_serves().await;
}
