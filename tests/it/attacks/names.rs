//! Ids, paths and names that would lead elsewhere, or that a terminal would obey.

use super::Siege;
use reqwest::Method;
use serde_json::{Value, json};

const EVIL: [&str; 14] = [
    "../evil",
    "..",
    ".",
    "a/b",
    "/etc/passwd",
    "a\\..\\b",
    "a\0b",
    "a\nb",
    "\u{1b}[2J\u{7}",
    "\u{202e}gnp.exe",
    "-rf",
    "~root",
    "%2e%2e%2f",
    "",
];

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_plain_words() {
    let siege = Siege::begin().await;
    let long = "a".repeat(129);
    let huge = "a".repeat(1 << 20);
    for door in &siege.doors {
        for id in EVIL.into_iter().filter(|id| *id != "-rf").chain([long.as_str(), huge.as_str()]) {
            let config = json!({ "mounts": {} });
            for (what, path, body) in [
                ("create", "/v1/workspaces", json!({ "id": id, "config": config })),
                ("clone", "/v1/workspaces/w/clone", json!({ "id": id })),
                ("session", "/v1/workspaces/w/sessions", json!({ "session_id": id })),
                (
                    "default session",
                    "/v1/workspaces",
                    json!({ "id": "x", "config": { "mounts": {}, "default_session_id": id } }),
                ),
            ] {
                let (status, detail) = door.refusal(what, door.post(path).json(&body)).await;
                assert!(matches!(status, 400 | 422), "{what} {id:?}: {status}: {detail}");
                assert!(!detail.contains(char::is_control), "{what}: {detail:?}");
            }
            if id.is_empty() || id.len() > 1000 {
                continue;
            }
            for path in
                ["/v1/workspaces/{}", "/v1/workspaces/w/sessions/{}", "/v1/jobs/{}", "/v1/workspaces/{}/versions"]
            {
                let path = path.replace("{}", &escaped(id));
                for method in [Method::GET, Method::DELETE] {
                    let (status, body) = door.call(door.request(method, &path)).await;
                    let empty = status == 200 && body == json!([]);
                    assert!(empty || matches!(status, 400 | 404 | 405), "{path}: {status}: {body}");
                    assert!(!body["detail"].as_str().unwrap_or_default().contains(char::is_control), "{body}");
                }
            }
        }
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_and_versions_stay_in_their_repository() {
    let siege = Siege::begin().await;
    for door in &siege.doors {
        let commit = |body: Value| door.post("/v1/workspaces/w/commit").json(&body);
        for name in EVIL.into_iter().filter(|name| !["", "a/b", "%2e%2e%2f", "\u{202e}gnp.exe"].contains(name)).chain([
            "a..b",
            "x.lock",
            "a/.b",
            "a//b",
            "a/",
            "/a",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[",
            "@{",
            "@",
            "../../../w/HEAD",
        ]) {
            let (status, detail) = door.refusal(name, commit(json!({ "message": "m", "branch": name }))).await;
            assert!(matches!(status, 400 | 422), "{name:?}: {status}: {detail}");
            assert!(!detail.contains(char::is_control), "{detail:?}");
            let branch = json!({ "name": name, "from_branch": "main" });
            door.refusal(name, door.post("/v1/workspaces/w/branch").json(&branch)).await;
            for reference in [name.to_owned(), format!("refs/heads/{name}"), format!("{name}^{{tree}}")] {
                let (_, detail) =
                    door.refusal(name, door.post("/v1/workspaces/w/checkout").json(&json!({ "ref": reference }))).await;
                assert!(!detail.contains(char::is_control), "{detail:?}");
                let at = json!({ "source_id": "w", "at": reference, "id": "evil" });
                door.refusal(name, door.post("/v1/workspaces/clone").json(&at)).await;
            }
        }
        // No repository was made for any of it, and none for another's history.
        for id in ["..", "%2e%2e", "..%2f..%2falone"] {
            let at = json!({ "source_id": id, "at": "main", "id": "evil" });
            door.refusal(id, door.post("/v1/workspaces/clone").json(&at)).await;
        }
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mounts_stay_below_the_workspace() {
    let siege = Siege::begin().await;
    let huge = format!("/{}", "a/".repeat(100_000));
    for door in &siege.doors {
        for prefix in ["../x", "/../x", "/a/../b", "x\0y", "/x\u{1b}[2J", "/a\nb", huge.as_str()] {
            let body = json!({ "id": "evil", "config": { "mounts": { prefix: { "resource": "ram" } } } });
            let (status, detail) = door.refusal(prefix, door.post("/v1/workspaces").json(&body)).await;
            assert_eq!(status, 400, "{prefix:?}: {detail}");
            assert!(!detail.contains(char::is_control), "{detail:?}");
        }
        for root in ["/", "/etc", "..", "~", "/proc/self", "\u{1b}[2J", "a\0b", ""] {
            let block = json!({ "resource": "disk", "config": { "root": root } });
            let body = json!({ "id": "evil", "config": { "mounts": { "/d": block } } });
            let (_, detail) = door.refusal(root, door.post("/v1/workspaces").json(&body)).await;
            assert!(!detail.contains(char::is_control), "{detail:?}");
        }
        for path in ["/etc/x.tar", "../x.tar", "x\0.tar", "\u{1b}[2J.tar"] {
            door.refusal(path, door.post("/v1/workspaces/w/snapshot").json(&json!({ "path": path }))).await;
            door.refusal(path, door.post("/v1/workspaces/load").json(&json!({ "path": path }))).await;
        }
    }
    siege.end().await;
}
