//! The versioned surface as the TypeScript generation asks for it: `fromBranch`, `sourceId`.

use super::super::Server;
use super::{assert_detail, expect, started};
use serde_json::{Value, json};

const DEMO: &str = "/v1/workspaces/demo";

async fn commit(server: &Server, body: Value, branch: &str) -> String {
    let head = expect(&server.post(&format!("{DEMO}/commit"), body).await, 200);
    assert_eq!(head["branch"], branch);
    let version = head["version"].as_str().unwrap();
    assert!(version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit()), "{head}");
    version.to_owned()
}

async fn diff(server: &Server, query: &str) -> Value {
    expect(&server.get(&format!("{DEMO}/diff{query}")).await, 200)
}

/// A workspace with two versions, and their ids.
async fn two_versions(server: &Server) -> [String; 2] {
    server.sh("echo hello > /data/hello.txt").await;
    let first = commit(server, json!({}), "main").await;
    server.sh("echo two > /data/two.txt; echo changed > /data/hello.txt").await;
    [first, commit(server, json!({"message": "second"}), "main").await]
}

#[tokio::test]
async fn history_and_differences() {
    let (server, _dir) = started().await;
    assert_eq!(expect(&server.get(&format!("{DEMO}/versions")).await, 200), json!([]));
    server.sh("echo hello > /data/hello.txt").await;
    let unsaved = diff(&server, "").await;
    assert!(unsaved["added"].as_array().unwrap().contains(&json!("data/hello.txt")), "{unsaved}");
    let [first, second] = two_versions(&server).await;
    let log = expect(&server.get(&format!("{DEMO}/versions?branch=main")).await, 200);
    let shown: Vec<_> = log.as_array().unwrap().iter().map(|one| (&one["id"], &one["message"])).collect();
    assert_eq!(shown, [(&json!(second), &json!("second")), (&json!(first), &json!(""))]);
    let changed = json!({"added": ["data/two.txt"], "modified": ["data/hello.txt"], "deleted": []});
    for query in [format!("?branch=main&a={first}&b={second}"), format!("?branch=main&a={first}")] {
        assert_eq!(diff(&server, &query).await, changed, "{query}");
    }
    assert_eq!(diff(&server, "?branch=main").await, json!({"added": [], "modified": [], "deleted": []}));
    let unknown = server.get(&format!("{DEMO}/diff?a=0000000000000000000000000000000000000000")).await;
    assert!(unknown.status == 404 && unknown.detail().starts_with("version not found"), "{unknown:?}");
}

#[tokio::test]
async fn branches_and_checkouts() {
    let (server, _dir) = started().await;
    let [first, second] = two_versions(&server).await;
    let path = format!("{DEMO}/branch");
    let dev = json!({"name": "dev", "fromBranch": "main"});
    assert_eq!(expect(&server.post(&path, dev.clone()).await, 201), json!({"branch": "dev", "version": second}));
    let taken = server.post(&path, dev).await;
    assert_eq!((taken.status, taken.detail()), (409, "branch already exists: 'dev'".to_owned()));
    let nowhere = server.post(&path, json!({"name": "x", "fromBranch": "nope"})).await;
    assert_eq!((nowhere.status, nowhere.detail()), (404, "no such branch: 'nope'".to_owned()));
    let unknown = server.post(&format!("{DEMO}/commit"), json!({"branch": "nope"})).await;
    assert!(unknown.status == 404 && unknown.detail().starts_with("no branch 'nope'"), "{unknown:?}");
    commit(&server, json!({"branch": "dev", "message": "on dev"}), "dev").await;

    let checkout = async |body: Value| server.post(&format!("{DEMO}/checkout"), body).await;
    assert_detail(&expect(&checkout(json!({ "ref": first })).await, 200), "demo");
    assert_eq!(server.sh("cat /data/hello.txt; ls /data").await, "hello\nhello.txt\n");
    let missing = checkout(json!({"ref": "deadbeef"})).await;
    assert_eq!((missing.status, missing.detail()), (404, "version not found: deadbeef".to_owned()));
    let nothing = checkout(json!({})).await;
    assert!(nothing.status == 400 && nothing.detail().contains("`ref`"), "{nothing:?}");
}

#[tokio::test]
async fn clones_of_versions() {
    let (server, _dir) = started().await;
    let [first, _] = two_versions(&server).await;
    expect(&server.post(&format!("{DEMO}/branch"), json!({"name": "dev"})).await, 201);
    for (id, at, content) in
        [("v", Some(first.as_str()), "hello\n"), ("b", Some("dev"), "changed\n"), ("l", None, "changed\n")]
    {
        let mut body = json!({"sourceId": "demo", "id": id});
        if let Some(at) = at {
            body["at"] = json!(at);
        }
        assert_detail(&expect(&server.post("/v1/workspaces/clone", body).await, 201), id);
        let read = json!({"command": "cat /data/hello.txt"});
        let read = expect(&server.post(&format!("/v1/workspaces/{id}/execute"), read).await, 200);
        assert_eq!(read["stdout"], content, "{id}");
    }
    let missing = server.post("/v1/workspaces/clone", json!({"sourceId": "demo", "id": "n", "at": "nope"})).await;
    assert_eq!((missing.status, missing.detail()), (404, "version not found: nope".to_owned()));
    let nobody = server.post("/v1/workspaces/clone", json!({"sourceId": "none"})).await;
    assert_eq!((nobody.status, nobody.detail()), (404, "workspace not found".to_owned()));
}
