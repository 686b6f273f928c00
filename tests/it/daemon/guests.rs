//! What callers without a token find of workspaces that are gone or closed: nothing that reached outside.

use super::{Home, call};
use reqwest::Method;
use serde_json::{Value, json};

const SECRET: &str = "of the host";

/// A daemon with an open host directory, the token, and the body that creates `disk` on it.
fn start(home: &Home, options: &[&str]) -> (String, String, Value) {
    let dir = home.env.path("open");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("secret.txt"), SECRET).unwrap();
    let url = home.start(&[&["--allow-disk", dir.to_str().unwrap()], options].concat());
    let mounts = json!({ "/d": { "resource": "disk", "config": { "root": dir } } });
    (format!("{url}/v1"), home.token(), json!({ "id": "disk", "config": { "mounts": mounts } }))
}

/// Calls that must be refused, each as an unauthorized one.
async fn refused(api: &str, calls: &[(Method, &str, Option<Value>)]) {
    for (method, path, body) in calls {
        let (status, problem) = call(method.clone(), &format!("{api}{path}"), None, body.clone()).await;
        assert_eq!((status, &problem["code"]), (401, &"unauthorized".into()), "{method} {path}: {problem}");
    }
}

#[tokio::test]
async fn versions_and_jobs_of_a_workspace_that_is_gone_stay_the_owner_s() {
    let home = Home::new();
    let (api, token, body) = start(&home, &[]);
    let owner = async |method, path: &str, body| call(method, &format!("{api}{path}"), Some(&token), body).await;
    assert_eq!(owner(Method::POST, "/workspaces", Some(body)).await.0, 201);
    let cat = json!({ "command": "cat /d/secret.txt" });
    let job = owner(Method::POST, "/workspaces/disk/execute", Some(cat)).await.1;
    let job = format!("/jobs/{}", job["job_id"].as_str().unwrap());
    let commit = owner(Method::POST, "/workspaces/disk/commit", Some(json!({ "message": "m" }))).await;
    assert_eq!(commit.0, 200, "{}", commit.1);
    let version = commit.1["version"].as_str().unwrap().to_owned();
    assert_eq!(owner(Method::DELETE, "/workspaces/disk", None).await.0, 200);

    let at = json!({ "source_id": "disk", "id": "copy", "at": version });
    let calls = [
        (Method::POST, "/workspaces/clone", Some(at.clone())),
        (Method::GET, "/workspaces/disk/versions", None),
        (Method::GET, &*format!("/workspaces/disk/diff?a={version}&b={version}"), None),
        (Method::GET, &*job, None),
        (Method::GET, &*format!("{job}/output"), None),
    ];
    refused(&api, &calls).await;

    // Nor does it help to take the id: that is another workspace.
    let mine = json!({ "id": "disk", "config": { "mounts": { "/d": { "resource": "ram" } } } });
    assert_eq!(call(Method::POST, &format!("{api}/workspaces"), None, Some(mine)).await.0, 201);
    refused(&api, &calls[3..]).await;
    let listed = call(Method::GET, &format!("{api}/jobs"), None, None).await.1;
    assert_eq!(listed, json!([]));
    assert_eq!(call(Method::POST, &format!("{api}/workspaces/clone"), None, Some(at)).await.0, 404);
    let own = json!({ "command": "echo mine" });
    let own = call(Method::POST, &format!("{api}/workspaces/disk/execute"), None, Some(own)).await.1;
    let own = format!("{api}/jobs/{}", own["job_id"].as_str().unwrap());
    assert_eq!(call(Method::GET, &own, None, None).await.1["result"]["stdout"], "mine\n");
}

#[tokio::test]
async fn a_closed_workspace_is_not_a_guest_s_to_use() {
    let home = Home::new();
    let (api, token, body) = start(&home, &["--persist"]);
    let owner = async |method, path: &str, body| call(method, &format!("{api}{path}"), Some(&token), body).await;
    assert_eq!(owner(Method::POST, "/workspaces", Some(body.clone())).await.0, 201);
    let commit = owner(Method::POST, "/workspaces/disk/commit", Some(json!({ "message": "m" }))).await;
    let at = json!({ "source_id": "disk", "id": "copy", "at": commit.1["version"] });
    assert_eq!(owner(Method::POST, "/workspaces/disk/close", Some(json!({}))).await.0, 200);
    let calls = [
        (Method::POST, "/workspaces/clone", Some(at)),
        (Method::GET, "/workspaces/disk/versions", None),
        (Method::DELETE, "/workspaces/disk", None),
        (Method::POST, "/workspaces", Some(body.clone())),
    ];
    refused(&api, &calls).await;
    assert_eq!(owner(Method::POST, "/workspaces", Some(body)).await.0, 201);
    let cat = json!({ "command": "cat /d/secret.txt" });
    assert_eq!(owner(Method::POST, "/workspaces/disk/execute", Some(cat)).await.1["stdout"], SECRET);
}
