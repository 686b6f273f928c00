//! The commands that the README and existing documents tell a newcomer to type.

use super::Server;
use reqwest::Method;

#[tokio::test]
async fn the_plain_http_quick_start_works_to_the_letter() {
    let server = Server::start().await;
    assert_eq!(server.get("/v1/health").await.json()["status"], "ok");

    let headers = [("content-type", "application/json")];
    let body = br#"{"id":"demo","config":{"mounts":{"/data":{"type":"ram"}},"mode":"write"}}"#;
    let created = server.send(Method::POST, "/v1/workspaces", &headers, body.to_vec()).await;
    assert_eq!(created.status, 201, "{created:?}");
    let detail = created.json();
    assert_eq!((&detail["id"], &detail["mode"]), (&"demo".into(), &"write".into()));
    assert_eq!(detail["mounts"][0]["prefix"], "/data/");
    assert_eq!(detail["mounts"][0]["resource"], "ram");
    assert_eq!(detail["mounts"][0]["vfs"], "ram");
    assert_eq!(detail["sessions"][0]["session_id"], "default");
    assert_eq!(detail["created_at"], detail["createdAt"]);

    let body = br#"{"command":"echo hello > /data/hello.txt && cat /data/hello.txt"}"#;
    let ran = server.send(Method::POST, "/v1/workspaces/demo/execute", &headers, body.to_vec()).await;
    assert_eq!(ran.status, 200, "{ran:?}");
    let answer = ran.json();
    assert_eq!(answer["kind"], "io");
    assert_eq!((&answer["exit_code"], &answer["exitCode"]), (&0.into(), &0.into()));
    assert_eq!((&answer["stdout"], &answer["stderr"]), (&"hello\n".into(), &"".into()));
    assert_eq!(ran.header("x-mirage-job-id"), answer["job_id"].as_str().unwrap());
}
