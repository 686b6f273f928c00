//! The form of errors: always `application/problem+json` with `detail`.

use super::Server;
use reqwest::Method;

#[tokio::test]
async fn routes_methods_and_bodies_that_are_wrong_say_so() {
    let server = Server::start().await;
    let nowhere = server.get("/v1/nope").await;
    assert_eq!((nowhere.status, nowhere.detail()), (404, "Not Found".to_owned()));
    let method = server.delete("/v1/workspaces").await;
    assert_eq!((method.status, method.detail()), (405, "Method Not Allowed".to_owned()));
    assert_eq!(method.header("allow"), "GET, POST");
    let json = [("content-type", "application/json")];
    let broken = server.send(Method::POST, "/v1/workspaces", &json, b"{not json".to_vec()).await;
    assert_eq!((broken.status, &broken.json()["code"]), (400, &"invalid_json".into()));
    assert!(broken.detail().contains("not JSON"), "{}", broken.detail());
    let array = server.send(Method::POST, "/v1/workspaces", &json, b"[]".to_vec()).await;
    assert_eq!(array.status, 400);
    let unknown = server.send(Method::POST, "/v1/workspaces", &json, br#"{"config":{},"idd":1}"#.to_vec()).await;
    assert!(unknown.status == 400 && unknown.detail().contains("`idd`"), "{unknown:?}");
}

#[tokio::test]
async fn an_empty_body_with_a_json_type_is_no_error() {
    let server = Server::start().await;
    server.demo().await;
    let json = [("content-type", "application/json")];
    assert_eq!(server.send(Method::DELETE, "/v1/workspaces/demo", &json, Vec::new()).await.status, 200);
}

#[tokio::test]
async fn every_response_has_the_request_s_id() {
    let server = Server::start().await;
    let minted = server.get("/v1/nope").await;
    assert!(minted.header("x-request-id").starts_with("req_"));
    assert_eq!(minted.json()["request_id"], minted.header("x-request-id"));
    let given = server.send(Method::GET, "/v1/health", &[("x-request-id", "abc-1")], Vec::new()).await;
    assert_eq!(given.header("x-request-id"), "abc-1");
    let odd = server.send(Method::GET, "/v1/health", &[("x-request-id", "a b")], Vec::new()).await;
    assert!(odd.header("x-request-id").starts_with("req_"));
}
