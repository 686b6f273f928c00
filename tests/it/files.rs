//! File calls and tools at both doors of a node: the same answers, the same errors, the same bytes.

use crate::support::{Gateway, Node, TestEnv, http};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn files_are_the_same_over_a_gateway() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    let config = json!({"mounts": {"/data": {"type": "ram"}, "/ro": {"type": "ram", "mode": "read"}}});
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": config })).await;
    gateway.operation("box", "workspaces.execute", json!({"id": "w", "command": "seq 1 100000 > /data/long"})).await;
    let doors =
        [(node.api_url.clone(), node.api_token(&env)), (format!("{}/nodes/box", gateway.url), gateway.call.clone())];
    let mut seen: Vec<Vec<(u16, String, bool, Value)>> = Vec::new();
    for (url, token) in &doors {
        let post = async |path: &str, body: Value| {
            let request = http().post(format!("{url}/v1/workspaces/w/{path}")).bearer_auth(token).json(&body);
            let response = request.send().await.expect("an answer");
            let text = |name: &str| {
                response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
            };
            let (media, named) = (text("content-type"), response.headers().contains_key("content-disposition"));
            (response.status().as_u16(), media, named, response.bytes().await.expect("a body"))
        };
        let stream = post("vfs/read_stream", json!({"path": "/data/long"})).await;
        let wanted: String = (1..=100_000).map(|number| format!("{number}\n")).collect();
        assert!(stream.3 == wanted.as_bytes(), "{url}: {} bytes", stream.3.len());
        assert_eq!((stream.0, stream.1.as_str(), stream.2), (200, "application/octet-stream", false), "{url}");

        let mut answers = Vec::new();
        for (path, body) in [
            ("vfs/write", json!({"path": "/data/f", "data_base64": "aGk="})),
            ("vfs/read", json!({"path": "/data/f"})),
            ("vfs/read", json!({"path": "/data/nope"})),
            ("vfs/read", json!({})),
            ("vfs/write", json!({"path": "/ro/f", "data_base64": ""})),
            ("vfs/mkdir", json!({"path": "/data"})),
            ("vfs/read_stream", json!({"path": "/data"})),
            ("vfs/unlink?explain=true", json!({"path": "/ro/f"})),
            ("vfs/read_stream?explain=true", json!({"path": "/data/f"})),
            ("glob", json!({"pattern": "/data/*"})),
            ("tools/shell", json!({"command": "cat /data/f; exit 2"})),
            ("tools/read", json!({"path": "/data/f"})),
            ("tools/read", json!({"bad": 1})),
        ] {
            let (status, media, named, body) = post(path, body).await;
            let mut body: Value = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}"));
            if let Some(problem) = body.as_object_mut() {
                problem.shift_remove("request_id");
            }
            answers.push((status, media, named, body));
        }
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.0).collect();
        assert_eq!(statuses, [200, 200, 404, 400, 403, 409, 400, 200, 200, 200, 200, 200, 400], "{url} {answers:#?}");
        assert_eq!(answers[2].3["errno"], "ENOENT", "{url}");
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}
