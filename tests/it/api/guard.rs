//! Who may call.

use super::Server;
use reqwest::Method;
use waypost::api::{ApiConfig, ApiServer, Auth, BindError};
use waypost::base::Secret;

#[tokio::test]
async fn requests_for_other_names_and_from_other_pages_are_refused() {
    let server = Server::start().await;
    for path in ["/v1/health", "/v1/workspaces", "/nope"] {
        let reply = server.send(Method::GET, path, &[("host", "evil.com")], Vec::new()).await;
        assert_eq!((reply.status, reply.detail()), (400, "Invalid host header".to_owned()), "{path}");
    }
    let page = server.send(Method::GET, "/v1/workspaces", &[("origin", "https://evil.com")], Vec::new()).await;
    assert_eq!((page.status, &page.json()["code"]), (403, &"forbidden".into()));
    let own = server.send(Method::GET, "/v1/workspaces", &[("origin", "http://localhost:8765")], Vec::new()).await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn the_token_is_needed_for_everything_but_health() {
    let server = Server::with(|api, _| api.auth = Auth::Token(Secret::new("wpl_right"))).await;
    assert_eq!(server.get("/v1/health").await.status, 200);
    for path in ["/v1/workspaces", "/nope"] {
        let reply = server.get(path).await;
        assert_eq!((reply.status, reply.detail()), (401, "Unauthorized".to_owned()));
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    for (authorization, status) in [("Bearer wpl_right", 200), ("bearer wpl_right", 200), ("Bearer wpl_wrong", 401)] {
        let headers = [("authorization", authorization)];
        assert_eq!(server.send(Method::GET, "/v1/workspaces", &headers, Vec::new()).await.status, status);
    }
    assert_eq!(server.send(Method::POST, "/v1/shutdown", &[], Vec::new()).await.status, 401);
    assert_eq!(server.get("/v1/health").await.status, 200);
}

#[tokio::test]
async fn an_address_that_the_network_can_reach_is_not_served() {
    let server = Server::start().await;
    let config = ApiConfig { listen: ([0, 0, 0, 0], 0).into(), ..ApiConfig::default() };
    let refused = ApiServer::bind(config, server.engine.clone()).await.err().unwrap();
    assert!(matches!(refused, BindError::NotLoopback { .. }), "{refused}");
    let config = ApiConfig { listen: server.address, ..ApiConfig::default() };
    let taken = ApiServer::bind(config, server.engine.clone()).await.err().unwrap();
    assert!(taken.to_string().contains(&server.address.to_string()), "{taken}");
}
