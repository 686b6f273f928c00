//! The direct way to a node: where it is told, what goes there, and when the relay is taken instead.

use super::*;
use crate::base::{Secret, open_token, sha256_hex};
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response as Answer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Joins as a node of mode direct; gives the answer too.
async fn join(gateway: &TestGateway, url: &str, protocol: Option<u32>) -> (FakeNode, Value) {
    let mut body = json!({
        "machine_fingerprint": format!("sha256:{}", sha256_hex(b"box")), "server_name": "box", "label": "box",
        "relay_mode": "direct", "direct_base_url": url, "node_version": "0.1.0", "discovery_mode": "mcoda",
        "expose_all_models": true, "model_allowlist": [], "model_blocklist": [], "client_allowlist": [],
        "heartbeat_interval_seconds": 30, "max_concurrent_jobs": 1, "max_concurrent_llm_jobs": 1, "drain_mode": false,
        "load_reporting_enabled": true, "hardware_telemetry_enabled": false, "generic_job_max_concurrency": 1,
    });
    if let Some(protocol) = protocol {
        body["runtime_protocol_version"] = protocol.into();
    }
    let (status, answer) =
        gateway.ask(Method::POST, &format!("{NODE_PREFIX}/bootstrap"), &gateway.enroll, Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, token) = (text(&answer["node"]["node_id"]), text(&answer["runtime_token"]));
    (FakeNode { id, token, instance: crate::base::mint("run"), protocol }, answer)
}

/// A heartbeat that says where the node is reached.
async fn beat(gateway: &TestGateway, node: &FakeNode, mode: &str, url: Option<&str>, pin: Option<&str>) {
    let body = json!({
        "status": "online", "starting": true, "capacity": {"active_jobs": 0, "queued_jobs": 0, "max_concurrency": 4},
        "runtime": {"relay_mode": mode}, "direct_base_url": url, "direct_fingerprint": pin,
    });
    let (status, answer) = node.call(gateway, "/heartbeat", body).await;
    assert_eq!(status, 200, "{answer}");
}

/// A joined node at that address, and its secret.
async fn direct(gateway: &TestGateway, url: &str) -> (FakeNode, Secret) {
    let (node, answer) = join(gateway, url, Some(2)).await;
    beat(gateway, &node, "direct", Some(url), None).await;
    (node, Secret::new(answer["invocation_signing_secret"].as_str().unwrap()))
}

/// A door that says what it was asked, or has a request id of its own.
async fn door(echoes: bool) -> String {
    let answer = move |request: Request| async move {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let said = json!({
            "path": head.uri.to_string(), "bearer": header("authorization").unwrap(), "key": header("x-api-key"),
            "length": header("content-length"), "kind": header("content-type"), "sha256": sha256_hex(&body),
        });
        let id = if echoes { header("x-request-id").unwrap() } else { "another".to_owned() };
        Answer::builder().status(207).header("x-request-id", id).body(Body::from(said.to_string())).unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    url
}

#[tokio::test]
async fn where_a_node_is_reached_is_told_at_bootstrap_and_by_heartbeats() {
    let gateway = TestGateway::start().await;
    let (node, answer) = join(&gateway, "https://127.0.0.1:1/", Some(2)).await;
    assert_eq!(answer["node"]["relay_mode"], "direct");
    let shown = async || gateway.get("/v1/nodes/box").await.1["direct"].clone();
    let at = |url: &str| json!({"url": url, "retry_in_ms": 0});
    assert_eq!(shown().await, at("https://127.0.0.1:1"));
    let pin = format!("sha256:{}", "ab".repeat(32));
    beat(&gateway, &node, "direct", Some("https://127.0.0.1:2"), Some(&pin.to_uppercase().replace("SHA", "sha"))).await;
    assert_eq!(shown().await, json!({"url": "https://127.0.0.1:2", "fingerprint": pin, "retry_in_ms": 0}));
    beat(&gateway, &node, "direct", Some("http://node.example.com"), None).await;
    assert_eq!(shown().await, Value::Null);
    beat(&gateway, &node, "direct", Some("https://127.0.0.1:2"), None).await;
    assert_eq!(shown().await, at("https://127.0.0.1:2"));
    beat(&gateway, &node, "outbound", None, None).await;
    assert_eq!(shown().await, Value::Null);

    // A new setup has a new secret; a node of protocol 1 would not poll any more, and serves no `/v1`.
    let (_, again) = join(&gateway, "https://127.0.0.1:1", None).await;
    assert_eq!(again["node"]["relay_mode"], "outbound");
    assert_ne!(again["invocation_signing_secret"], answer["invocation_signing_secret"]);
    assert_eq!(shown().await, Value::Null);
    gateway.end().await;
}

#[tokio::test]
async fn a_request_goes_through_the_door_with_a_token_of_its_own() {
    let gateway = TestGateway::start().await;
    let (node, secret) = direct(&gateway, &door(true).await).await;
    let said = async |response: Response| {
        assert_eq!(response.status(), 207);
        response.json::<Value>().await.unwrap()
    };
    let claims = |said: &Value| {
        let bearer = said["bearer"].as_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        open_token(&secret, &bearer).unwrap()
    };
    let path = "/nodes/box/v1/workspaces/a%20b/execute?explain=true";
    let small = said(gateway.send(Method::POST, path, &gateway.call, Some(json!({"command": "ls"}))).await).await;
    assert_eq!(small["path"], "/v1/workspaces/a%20b/execute?explain=true");
    assert_eq!((&small["kind"], &small["key"]), (&json!("application/json"), &Value::Null));
    let signed = claims(&small);
    assert_eq!((&signed["node_id"], &signed["path"]), (&json!(node.id), &small["path"]));
    assert_eq!((&signed["method"], &signed["scope"]), (&json!("POST"), &json!("self_hosted.v1.invoke")));
    assert_eq!(signed["body_sha256"], small["sha256"]);
    assert_eq!(signed["exp"].as_i64().unwrap() - signed["iat"].as_i64().unwrap(), 60);

    // A long body goes through as it comes, so that its hash is not known when the token is made.
    let long = vec![7u8; 3 << 20];
    let load = gateway.client.post(format!("{}/nodes/box/v1/workspaces/load?id=w", gateway.url));
    let load = load.header("x-api-key", &gateway.call).header("content-type", "application/x-tar").body(long.clone());
    let said = said(within("the load", load.send()).await.unwrap()).await;
    assert_eq!(said["sha256"], sha256_hex(&long));
    assert_eq!((&said["length"], &said["key"]), (&json!(long.len().to_string()), &Value::Null));
    let second = claims(&said);
    assert!(second.get("body_sha256").is_none());
    assert_ne!(second["jti"], signed["jti"]);
    gateway.end().await;
}

#[tokio::test]
async fn a_token_is_for_the_path_as_it_is_sent() {
    let gateway = TestGateway::start().await;
    let (node, secret) = direct(&gateway, &door(true).await).await;
    // As it comes over the wire: the test's client would change these paths by itself.
    let ask = async |path: &str| {
        let mut stream = TcpStream::connect(gateway.url.strip_prefix("http://").unwrap()).await.unwrap();
        let key = &gateway.call;
        let text = format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        within("an answer", stream.read_to_string(&mut answer)).await.unwrap();
        answer
    };
    for (path, sent) in [
        ("/v1/workspaces?name=it's", "/v1/workspaces?name=it%27s"),
        ("/v1/workspaces/a{b}", "/v1/workspaces/a%7Bb%7D"),
        ("/v1/workspaces/a%20b%2Fc?", "/v1/workspaces/a%20b%2Fc?"),
    ] {
        let answer = ask(&format!("/nodes/box{path}")).await;
        let said: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        let bearer = said["bearer"].as_str().unwrap().strip_prefix("Bearer ").unwrap();
        assert_eq!((&said["path"], &open_token(&secret, bearer).unwrap()["path"]), (&json!(sent), &json!(sent)));
    }
    // A client takes dots out: such a path is another one. The relay is the way, and the door stays open.
    let work = async || loop {
        let job = node.next(&gateway).await;
        assert_eq!(job.params.as_ref().unwrap()["id"], "..");
        node.finish(&gateway, &job, json!({"answer": {"way": "relay"}})).await;
    };
    for dots in ["..", "%2e%2E", ".%2e"] {
        let path = format!("/nodes/box/v1/workspaces/{dots}");
        let answer = tokio::select! {
            answer = ask(&path) => answer,
            () = work() => unreachable!("it has no end"),
        };
        assert!(answer.contains(r#"{"way":"relay"}"#), "{answer}");
    }
    assert_eq!(gateway.get("/v1/nodes/box").await.1["direct"]["problem"], Value::Null);
    gateway.end().await;
}

/// Asks for the list of workspaces while the node answers relayed jobs; gives what came.
async fn relayed(gateway: &TestGateway, node: &FakeNode, path: &str, body: Option<Vec<u8>>) -> (u16, Value) {
    let mut request = gateway
        .client
        .request(if body.is_some() { Method::POST } else { Method::GET }, format!("{}{path}", gateway.url));
    if let Some(body) = body {
        request = request.header("content-type", "application/x-tar").body(body);
    }
    let ask = async {
        let answer = within("an answer", request.bearer_auth(&gateway.call).send()).await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let work = async {
        loop {
            let job = node.next(gateway).await;
            node.finish(gateway, &job, json!({"answer": {"way": "relay"}})).await;
        }
    };
    tokio::select! {
        answer = ask => answer,
        () = work => unreachable!("it has no end"),
    }
}

#[tokio::test]
async fn the_relay_is_the_way_when_the_door_is_closed_or_somebody_else_opens() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for url in [format!("http://{closed}"), door(false).await] {
        let gateway = TestGateway::start().await;
        let (node, _) = direct(&gateway, &url).await;
        assert_eq!(relayed(&gateway, &node, "/nodes/box/v1/workspaces", None).await, (200, json!({"way": "relay"})));
        let shown = gateway.get("/v1/nodes/box").await.1;
        assert!(shown["direct"]["problem"].is_string(), "{shown}");
        let wait = shown["direct"]["retry_in_ms"].as_u64().unwrap();
        assert!((1..=5000).contains(&wait), "{shown}");
        gateway.end().await;
    }
    // Also with a body that is too long to be held: nothing of it was read.
    let gateway = TestGateway::start().await;
    let (node, _) = direct(&gateway, &format!("http://{closed}")).await;
    let (status, answer) =
        relayed(&gateway, &node, "/nodes/box/v1/workspaces/load?id=w", Some(vec![7u8; 3 << 20])).await;
    assert_eq!((status, answer), (201, json!({"way": "relay"})));
    gateway.end().await;
}

#[tokio::test]
async fn what_somebody_else_answered_may_have_been_done() {
    let gateway = TestGateway::start().await;
    let (node, _) = direct(&gateway, &door(false).await).await;
    let execute = Some(json!({"command": "ls"}));
    let path = "/nodes/box/v1/workspaces/w/execute";
    let (status, problem) = gateway.ask(Method::POST, path, &gateway.call, execute).await;
    assert_eq!((status, &problem["code"]), (502, &json!("lost")), "{problem}");
    assert!(node.poll(&gateway, 0, 1).await.jobs.is_empty(), "it is not asked for a second time");
    gateway.end().await;
}

#[tokio::test]
async fn a_slot_is_free_again_that_a_request_did_not_take() {
    let gateway = TestGateway::start().await;
    let (node, _) = direct(&gateway, &door(true).await).await;
    for _ in 0..6 {
        assert_eq!(gateway.get("/nodes/any/v1/workspaces").await.0, 207, "more often than it has slots");
    }
    beat(&gateway, &node, "outbound", None, None).await;
    for _ in 0..6 {
        let nothing = gateway.send(Method::POST, "/nodes/any/v1/workspaces/load", &gateway.call, None).await;
        assert_eq!(nothing.status(), 400);
    }
    assert_eq!(relayed(&gateway, &node, "/nodes/any/v1/workspaces", None).await, (200, json!({"way": "relay"})));
    gateway.end().await;
}

#[tokio::test]
async fn a_body_that_its_caller_breaks_off_does_not_close_the_door() {
    let gateway = TestGateway::start().await;
    direct(&gateway, &door(true).await).await;
    let mut stream = TcpStream::connect(gateway.url.strip_prefix("http://").unwrap()).await.unwrap();
    let text = format!(
        "POST /nodes/box/v1/workspaces/load?id=w HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n\
         content-type: application/x-tar\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n",
        gateway.call
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = within("an answer", stream.read_to_string(&mut answer)).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("the body broke off"), "{answer}");
    assert_eq!(gateway.get("/v1/nodes/box").await.1["direct"]["problem"], Value::Null);
    gateway.end().await;
}

#[tokio::test]
async fn what_broke_off_in_the_middle_is_asked_again_only_when_that_is_harmless() {
    let gateway = TestGateway::start_with(|config| config.door_pause = Duration::ZERO).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await; // and closes it
        }
    });
    let (node, _) = direct(&gateway, &url).await;
    assert_eq!(relayed(&gateway, &node, "/nodes/box/v1/workspaces", None).await, (200, json!({"way": "relay"})));
    let execute = Some(json!({"command": "ls"}));
    let (status, problem) =
        gateway.ask(Method::POST, "/nodes/box/v1/workspaces/w/execute", &gateway.call, execute).await;
    assert_eq!((status, &problem["code"]), (502, &json!("lost")), "{problem}");
    gateway.end().await;
}
