//! Bad input: a clear error each, and the gateway goes on.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn bad_bodies_and_routes_get_problems() {
    let gateway = TestGateway::start_with(|config| {
        config.max_json_bytes = 10_000;
        config.max_body_bytes = 50_000;
    })
    .await;
    let post = |body: Vec<u8>| {
        let request = gateway.client.post(format!("{}/v1/jobs", gateway.url)).bearer_auth(&gateway.call).body(body);
        async move {
            let response = within("an answer", request.send()).await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        }
    };
    let (status, problem) = post(vec![b' '; 5_000_000]).await;
    assert_eq!((status, problem["code"].as_str()), (413, Some("payload_too_large")));
    assert!(problem["detail"].as_str().unwrap().contains("10000"), "{problem}");
    let (status, problem) = post(b"{\"operation\":\n nope}".to_vec()).await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("invalid_json")));
    assert!(problem["detail"].as_str().unwrap().contains("line 2 column"), "{problem}");
    for odd in [vec![0xff, 0xfe], b"[]".to_vec(), b"{}".to_vec(), b"{\"operation\":7}".to_vec(), vec![b'['; 9_000]] {
        assert_eq!(post(odd).await.0, 400);
    }
    let put = gateway.client.put(format!("{}/v1/blobs", gateway.url)).bearer_auth(&gateway.call);
    assert_eq!(put.body(vec![1; 60_000]).send().await.unwrap().status(), 413);
    for (method, path, status) in [
        (Method::GET, "/v2/what", 404),
        (Method::PATCH, "/v1/jobs", 405),
        (Method::GET, "/v1/jobs/%ff%fe", 400),
        (Method::GET, "/nodes/%ff/v1/health", 400),
        (Method::POST, "/nodes/x/v1", 404),
    ] {
        let (got, problem) = gateway.ask(method, path, &gateway.call, None).await;
        assert_eq!((got, problem["status"].as_u64()), (status, Some(u64::from(status))), "{path}");
    }
    assert_eq!(gateway.get("/healthz").await, (200, json!({"status": "ok"})));
    gateway.end().await;
}

#[tokio::test]
async fn garbage_on_the_socket_harms_nobody() {
    let gateway = TestGateway::start().await;
    let address = gateway.url.strip_prefix("http://").unwrap().to_owned();
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n"] {
        let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
        socket.write_all(garbage).await.unwrap();
        socket.shutdown().await.unwrap();
        within("the end", socket.read_to_end(&mut Vec::new())).await.ok();
    }
    assert_eq!(gateway.get("/healthz").await.0, 200);
    gateway.end().await;
}

#[tokio::test]
async fn plain_http_stays_on_loopback_unless_a_proxy_is_in_front() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = GatewayConfig::new("0.0.0.0:0".parse().unwrap(), dir.path());
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&dir.path().join("gateway.db")).await.unwrap());
    let refused = GatewayServer::bind(config.clone(), Arc::clone(&store)).await.err().unwrap();
    assert!(refused.to_string().contains("0.0.0.0:0"), "{refused}");
    config.behind_proxy = true;
    GatewayServer::bind(config, store).await.unwrap();
}
