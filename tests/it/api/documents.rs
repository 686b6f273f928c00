//! The surface describes itself: for programs and for people, without a token and without anything from elsewhere.

use super::Server;
use reqwest::Method;
use waypost::api::Auth;
use waypost::base::Secret;
use waypost::wire::v1::OPERATIONS;

#[tokio::test]
async fn the_document_and_the_page_need_no_token_and_nothing_from_elsewhere() {
    let server = Server::with(|api, _| api.auth = Auth::Token(Secret::new("secret"))).await;
    let document = server.get("/v1/openapi.json").await;
    assert_eq!((document.status, document.header("content-type")), (200, "application/json"));
    assert_eq!(document.json()["openapi"], "3.1.0");

    let page = server.get("/v1/docs").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let html = String::from_utf8(page.body.clone()).unwrap();
    for operation in OPERATIONS {
        assert!(html.contains(operation.path), "{} is not on the page", operation.path);
    }
    for loaded in ["<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!html.contains(loaded), "the page loads something: {loaded}");
    }

    assert_eq!(server.get("/v1/jobs").await.status, 401);
    assert_eq!(server.send(Method::POST, "/v1/docs", &[], Vec::new()).await.status, 401);
    assert_eq!(server.send(Method::GET, "/v1/docs", &[("host", "evil.com")], Vec::new()).await.status, 400);
}
