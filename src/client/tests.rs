//! What each kind of answer becomes.

use super::{CallError, CallErrorKind, GatewayUrl, Network, NodeClient, http_client};
use crate::base::{Retry, Secret, sha256_hex};
use crate::wire::node::{BodyRef, RelayPaths, RenewRequest};
use axum::body::Body;
use axum::http::{Response, Uri};

/// Answers with the status and body that the path's base asks for: `/<status>/<body>/v1/…`.
async fn client(status: u16, body: &'static str) -> NodeClient {
    let answer = move |uri: Uri| async move {
        assert!(uri.path().contains("/node/"));
        Response::builder().status(status).header("retry-after", "7").body(Body::from(body)).unwrap()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = GatewayUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    NodeClient::new(
        http_client(&gateway, &Network::default()).unwrap(),
        gateway,
        RelayPaths::default(),
        Secret::new("msn_secret"),
    )
}

async fn renew(client: &NodeClient) -> CallError {
    let request = RenewRequest { node_id: "shn_1".to_owned(), instance_id: None, leases: Vec::new() };
    client.renew(&request).await.unwrap_err()
}

#[tokio::test]
async fn statuses_become_kinds_and_retries() {
    let unauthorized = renew(&client(401, r#"{"message":"no"}"#).await).await;
    assert_eq!(unauthorized.kind, CallErrorKind::Unauthorized { message: "no".to_owned(), by_gateway: true });
    assert!(matches!(renew(&client(410, "").await).await.kind, CallErrorKind::Gone { .. }));

    let stale = renew(&client(409, r#"{"detail":"newer","code":"lease_stale"}"#).await).await;
    assert_eq!((stale.conflict(), stale.retry), (Some("lease_stale"), Retry::Never));
    let busy = renew(&client(503, "").await).await;
    assert_eq!(busy.retry, Retry::After(std::time::Duration::from_secs(7)));

    for (status, body) in [(200, "<html>"), (200, ""), (204, ""), (200, r#"{"leases":3}"#)] {
        let wrong = renew(&client(status, body).await).await;
        assert!(matches!(wrong.kind, CallErrorKind::Undecodable { .. }), "{wrong}");
        assert_eq!(wrong.retry, Retry::Backoff);
    }
}

#[tokio::test]
async fn a_refusal_of_something_in_between_is_told_apart() {
    let proxy = renew(&client(401, "<html>log in</html>").await).await;
    assert!(matches!(proxy.kind, CallErrorKind::Unauthorized { by_gateway: false, .. }), "{proxy:?}");
    let removed = renew(&client(410, r#"{"code":"node_removed","detail":"gone"}"#).await).await;
    assert!(matches!(removed.kind, CallErrorKind::Gone { code: Some(code), .. } if code == "node_removed"));
}

#[tokio::test]
async fn questions_that_other_gateways_do_not_know_have_no_answer() {
    let key = Secret::new("msw_1");
    for status in [401, 404, 405, 200] {
        assert_eq!(
            client(status, r#"{"error":"no such thing"}"#).await.check_key(&key).await.unwrap(),
            None,
            "{status}"
        );
    }
    let bad = client(200, r#"{"ok":false,"scope":"enroll","problem":"revoked"}"#).await;
    assert!(!bad.check_key(&key).await.unwrap().unwrap().ok);
    client(500, "").await.check_key(&key).await.unwrap_err();
    assert!(client(404, "").await.own().await.unwrap().is_none());
    assert_eq!(client(401, "").await.own().await.unwrap_err().status(), Some(401));
}

#[tokio::test]
async fn no_error_repeats_the_token() {
    for status in [200, 400, 401, 500] {
        let error = renew(&client(status, "you sent Bearer msn_secret").await).await;
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("msn_secret"), "{shown}");
        assert!(shown.contains("[redacted]"), "{shown}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_transport_failure_that_says_why() {
    let gateway = GatewayUrl::parse("http://127.0.0.1:1").unwrap();
    let http = http_client(&gateway, &Network::default()).unwrap();
    let error = renew(&NodeClient::new(http, gateway, RelayPaths::default(), Secret::new("msn"))).await;
    assert!(error.is_connect() && error.is_transport(), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_body_that_is_not_the_announced_one_is_not_taken() {
    let client = client(200, "abc").await;
    let announced = |text: &str| BodyRef { size: 3, sha256: sha256_hex(text.as_bytes()), ..BodyRef::default() };
    assert_eq!(client.fetch_body("job_1", 1, &announced("abc")).await.unwrap(), "abc");
    let wrong = client.fetch_body("job_1", 1, &announced("xyz")).await.unwrap_err();
    assert!(matches!(wrong.kind, CallErrorKind::Undecodable { .. }), "{wrong}");
    let longer = BodyRef { size: 2, ..announced("ab") };
    client.fetch_body("job_1", 1, &longer).await.unwrap_err();
}
