//! The secrets of remote mounts, wherever a configuration goes: kept for the mount, and shown to nobody.

use super::{Home, Reply, call};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

/// Nothing listens there, and nothing has to: these tests never read a file of the mount.
const HOST: &str = "127.0.0.1:1";
const SECRETS: [&str; 4] = ["AKIASECRETKEYID", "s3cr3t-of-the-bucket", "s3cr3t-of-another", "pr0xy-password"];

fn s3(secret: &str) -> Value {
    json!({
        "vfs": "s3", "mode": "read",
        "config": {
            "bucket": "b", "endpoint_url": format!("http://{HOST}"), "proxy": format!("http://me:{}@{HOST}", SECRETS[3]),
            "aws_access_key_id": SECRETS[0], "aws_secret_access_key": secret,
        },
    })
}

fn config(secret: &str) -> Value {
    json!({ "mounts": { "/s3": s3(secret), "/data": { "vfs": "ram" } } })
}

/// Files below `dir` that hold one of the secrets.
fn holding_secrets(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => holding_secrets(&path),
            false => {
                let content = std::fs::read(&path).unwrap();
                let has = |secret: &&str| content.windows(secret.len()).any(|part| part == secret.as_bytes());
                if SECRETS.iter().any(has) { vec![path.display().to_string()] } else { vec![] }
            }
        })
        .collect()
}

#[tokio::test]
async fn secrets_follow_their_mount_and_are_shown_nowhere() {
    let home = Home::with(&[("WAYPOST_DAEMON_PORT", "1"), ("WAYPOST_LOG", "trace")]);
    let options = ["--persist", "--allow-remote", HOST];
    let mut api = format!("{}/v1", home.start(&options));
    let token = home.token();
    let ask = async |api: &str, method, path: &str, body| -> Reply {
        let reply = call(method, &format!("{api}{path}"), Some(&token), body).await;
        let text = reply.1.to_string();
        assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{path}: {text}");
        reply
    };
    let create = async |api: &str, id: &str, secret| {
        let body = json!({ "id": id, "config": config(secret) });
        ask(api, Method::POST, "/workspaces", Some(body)).await.0
    };
    assert_eq!(create(&api, "w", SECRETS[1]).await, 201);
    assert_eq!(create(&api, "w", SECRETS[1]).await, 200, "the same configuration is the same workspace");
    assert_eq!(create(&api, "w", SECRETS[2]).await, 409, "another secret is another configuration");

    // Copies, with the mount as it is and with another one in the place of any.
    for (id, other) in [
        ("plain", None),
        ("ram", Some(json!({ "/data": { "vfs": "ram", "mode": "read" } }))),
        ("s3", Some(json!({ "/s3": s3(SECRETS[2]) }))),
    ] {
        let mut body = json!({ "id": id });
        if let Some(mounts) = other {
            body["override"] = json!({ "mounts": mounts });
        }
        let (status, answer) = ask(&api, Method::POST, "/workspaces/w/clone", Some(body)).await;
        assert_eq!(status, 201, "{id}: {answer}");
    }
    assert_eq!(create(&api, "plain", SECRETS[1]).await, 200);
    assert_eq!(create(&api, "s3", SECRETS[2]).await, 200);

    // A version holds none, so it cannot be cloned; putting one back leaves the mount as it is.
    let commit = ask(&api, Method::POST, "/workspaces/w/commit", Some(json!({ "message": "m" }))).await;
    assert_eq!(commit.0, 200, "{}", commit.1);
    let at = json!({ "source_id": "w", "id": "at", "at": commit.1["version"] });
    let (status, problem) = ask(&api, Method::POST, "/workspaces/clone", Some(at)).await;
    assert!(status == 400 && problem["detail"].as_str().unwrap().contains("/s3/"), "{problem}");
    let checkout = json!({ "ref": commit.1["version"] });
    assert_eq!(ask(&api, Method::POST, "/workspaces/w/checkout", Some(checkout)).await.0, 200);

    for path in ["/workspaces", "/workspaces/w?verbose=true", "/workspaces/w/versions", "/workspaces/w/sessions"] {
        assert_eq!(ask(&api, Method::GET, path, None).await.0, 200, "{path}");
    }
    let snapshot = home.env.path("w.tar");
    let (code, _, err) = home.run(&["workspace", "snapshot", "w", snapshot.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(ask(&api, Method::POST, "/workspaces/w/close", Some(json!({}))).await.0, 200);
    assert_eq!(create(&api, "w", SECRETS[2]).await, 409);
    assert_eq!(create(&api, "w", SECRETS[1]).await, 201, "a closed one comes back to its own configuration");

    assert_eq!(home.run(&["daemon", "stop"]).0, 0);
    api = format!("{}/v1", home.start(&options));
    assert_eq!(create(&api, "w", SECRETS[1]).await, 200, "the secret is there after a restart");
    assert_eq!(create(&api, "s3", SECRETS[2]).await, 200);

    // On disk only the store has them.
    let mut found = holding_secrets(home.env.root());
    found.retain(|path| !path.starts_with(home.env.path("home/workspaces").to_str().unwrap()));
    assert_eq!(found, Vec::<String>::new());
}
