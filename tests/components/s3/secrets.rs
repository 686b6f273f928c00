//! A mount's secrets are in the node's database and nowhere else, and outlive what they must.

use crate::node::MountingNode;
use crate::server::{KEY, S3Server, SECRET};
use crate::support::http;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_snapshot_or_log_holds_a_secret() {
    let server = S3Server::start();
    let mut node = MountingNode::start();
    let mut block = server.block();
    block["read"] = json!("fresh");
    node.workspace("w", &block).await;
    node.out("w", "echo kept > /s3/f; export SEEN=1").await;
    let mut seen = Vec::new();
    for path in
        ["/v1/workspaces", "/v1/workspaces/w", "/v1/workspaces/w?verbose=true", "/v1/workspaces/w/sessions", "/v1/jobs"]
    {
        seen.push((path, node.call(Method::GET, path, None).await.1));
    }
    seen.push((
        "script",
        format!("{:?}", node.sh("w", "env; set; df; cat /proc/self/environ; find / -type f").await).into(),
    ));
    let refused = json!({"id": "x", "config": {"mounts": {"/s3": server.block()}, "nonsense": 1}});
    seen.push(("refusal", node.call(Method::POST, "/v1/workspaces", Some(&refused)).await.1));
    let (status, snapshot) = node.call(Method::GET, "/v1/workspaces/w/snapshot", None).await;
    assert_eq!(status, 200);
    assert!(holds(&snapshot, "<REDACTED>") && holds(&snapshot, &server.url()));
    seen.push(("snapshot", snapshot.clone()));

    // A clone needs nothing anew, and neither does the node when it comes back.
    let (status, cloned) = node.post("/v1/workspaces/w/clone", &json!({"new_id": "copy"})).await;
    assert_eq!(status, 201, "{cloned}");
    assert_eq!(node.out("copy", "cat /s3/f").await, "kept\n");
    node.restart(&["--allow-remote", "127.0.0.1"]);
    for workspace in ["w", "copy"] {
        assert_eq!(node.out(workspace, "cat /s3/f").await, "kept\n");
    }

    // A snapshot does, and says so.
    let (status, answer) = load(&node, "loaded", snapshot.clone(), None).await;
    assert_eq!(status, 400, "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains("/s3/"), "{answer}");
    let given = json!({"mounts": {"/s3": server.block()}});
    let (status, answer) = load(&node, "loaded", snapshot, Some(&given)).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(node.out("loaded", "cat /s3/f").await, "kept\n");
    seen.push(("loaded", answer.to_string().into()));

    let mut kept = Vec::new();
    files(&node.env.path("node"), &mut kept);
    for path in kept {
        let bytes = std::fs::read(&path).unwrap();
        let is_database = path.to_string_lossy().contains(".db");
        assert!(is_database || !(holds(&bytes, SECRET) || holds(&bytes, KEY)), "{}", path.display());
    }
    seen.push(("stdout", node.process.stdout().into()));
    seen.push(("stderr", node.process.stderr().into()));
    for (what, bytes) in seen {
        assert!(!holds(&bytes, SECRET) && !holds(&bytes, KEY), "{what}: {}", String::from_utf8_lossy(&bytes));
    }

    // When the owner closes the door, what is kept stays, and says why it cannot be used.
    node.restart(&[]);
    let ran = node.sh("w", "cat /s3/f; echo $SEEN").await;
    assert!(ran.stderr.contains("allow_remote") && ran.stdout == "1\n", "{ran:?}");
}

async fn load(node: &MountingNode, id: &str, snapshot: Vec<u8>, given: Option<&Value>) -> (u16, Value) {
    let mut body = Vec::new();
    let mut part = |disposition: &str, bytes: &[u8]| {
        body.extend_from_slice(format!("--xYx\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part("name=\"id\"", id.as_bytes());
    if let Some(given) = given {
        part("name=\"override\"", given.to_string().as_bytes());
    }
    part("name=\"tar\"; filename=\"s.tar\"", &snapshot);
    body.extend_from_slice(b"--xYx--\r\n");
    let request = http().post(format!("{}/v1/workspaces/load", node.url()));
    let request = request.bearer_auth(node.token()).header("content-type", "multipart/form-data; boundary=xYx");
    let response = request.body(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}
