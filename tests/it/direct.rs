//! The direct door: a node's `/v1` at an address of its own, for its owner and its gateway.

use crate::support::{Gateway, Process, TestEnv, wait_until};
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Client, Response, StatusCode};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use waypost::base::{Pin, Secret, sha256_hex, sign_token};

const START: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_secs(20);

/// A node of mode direct, with what `node run` said.
struct DirectNode {
    process: Process,
    home: String,
    url: String,
    ready: Value,
}

impl DirectNode {
    /// Sets up and runs it; its address is that of a port that was free a moment ago.
    fn start(env: &TestEnv, gateway: &Gateway, name: &str, options: &[&str]) -> Self {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let url = format!("https://{listen}");
        let setup = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", name, "--mode", "direct"];
        let at = ["--direct-url", &url, "--direct-listen", &listen, "--json"];
        let (code, out, err) = env.run(name, &[&setup[..], &at, options].concat());
        assert_eq!(code, 0, "{err}");
        let joined: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(joined["relay_mode"], "direct", "{joined}");
        let (process, ready) = Self::run(env, name);
        Self { process, home: name.to_owned(), url, ready }
    }

    fn run(env: &TestEnv, home: &str) -> (Process, Value) {
        let mut command = env.waypost(home);
        command.args(["node", "run", "--listen", "127.0.0.1:0", "--json"]);
        let mut process = Process::spawn(command);
        let ready = serde_json::from_str(&process.wait_line("\"ready\"", START)).unwrap();
        (process, ready)
    }

    fn pin(&self) -> Pin {
        self.ready["direct"]["fingerprint"].as_str().expect("a fingerprint").parse().unwrap()
    }

    fn node_id(&self) -> &str {
        self.ready["node_id"].as_str().unwrap()
    }

    fn file(&self, env: &TestEnv, name: &str) -> String {
        std::fs::read_to_string(env.path(&self.home).join(name)).expect("the file").trim().to_owned()
    }

    async fn get(&self, path: &str, token: &str) -> Response {
        pinned(&self.pin()).get(format!("{}{path}", self.url)).bearer_auth(token).send().await.unwrap()
    }

    /// Waits until the gateway has heard from it.
    async fn online(&self, gateway: &Gateway) {
        wait_until("the node is online", START, async || {
            let node = gateway.get(&format!("/v1/nodes/{}", self.home)).await;
            if node["state"] == "online" { Ok(()) } else { Err(node.to_string()) }
        })
        .await;
    }

    fn log(&self) -> String {
        self.process.stderr()
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A client that trusts that certificate alone.
fn pinned(pin: &Pin) -> Client {
    let tls = pin.client_config().unwrap();
    Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap()
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

async fn code_of(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let problem: Value = response.json().await.unwrap();
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_learns_the_pin_uses_the_door_and_falls_back_to_the_relay() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let mut node = DirectNode::start(&env, &gateway, "box", &["--self-signed"]);
    node.online(&gateway).await;
    let shown = gateway.get("/v1/nodes/box").await;
    assert_eq!(shown["direct"]["url"], node.url, "{shown}");
    assert_eq!(shown["direct"]["fingerprint"], node.pin().as_str());
    let (code, out, _) = env.run("box", &["node", "status"]);
    assert!(code == 0 && out.contains(node.pin().as_str()) && out.contains(&node.url), "{out}");

    // The command line goes there with the same pin, and nowhere with another.
    let list = |pin: &str| {
        let token = node.file(&env, "api.token");
        let mut command = env.waypost("caller");
        command.args(["workspace", "list", "--url", &node.url, "--token", &token, "--pin", pin]);
        command.output().unwrap().status.code()
    };
    assert_eq!(list(node.pin().as_str()), Some(0));
    assert_eq!(list(Pin::of(b"another").as_str()), Some(6));

    let call = async |body: Value| {
        let url = format!("{}/nodes/box/v1/workspaces", gateway.url);
        let call = crate::support::http().post(url).bearer_auth(&gateway.call).json(&body).send().await.unwrap();
        (call.status(), call.json::<Value>().await.unwrap())
    };
    let workspace = |id: &str| json!({ "id": id, "config": { "mounts": {} } });
    let (status, made) = call(workspace("direct")).await;
    assert_eq!(status, 201, "{made}");
    // A relayed request is a job of the gateway's; this one was none.
    let jobs = async || gateway.get("/v1/jobs").await["items"].as_array().unwrap().len();
    assert_eq!(jobs().await, 0);
    let refused = call(json!({ "id": "bad/id", "config": {} })).await;
    assert_eq!(refused.0, 400, "{}", refused.1);
    assert_eq!(jobs().await, 0);

    // The door is closed: the node listens elsewhere, where nobody finds it, and polls as before.
    node.process.signal(Signal::TERM);
    node.process.wait(LIMIT);
    let mut command = env.waypost("box");
    let elsewhere = format!("127.0.0.1:{}", free_port());
    command.args(["node", "run", "--listen", "127.0.0.1:0", "--json", "--direct-listen", &elsewhere]);
    node.process = Process::spawn(command);
    node.process.wait_line("\"ready\"", START);
    node.online(&gateway).await;
    let (status, made) = call(workspace("relayed")).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(jobs().await, 1, "{}", node.log());
    let shown = gateway.get("/v1/nodes/box").await;
    assert!(shown["direct"]["problem"].is_string() && shown["direct"]["retry_in_ms"].as_u64() > Some(0), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_token_is_good_once_for_one_request_of_one_node() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = DirectNode::start(&env, &gateway, "box", &["--self-signed"]);
    let secret = Secret::new(node.file(&env, "signing.key"));
    let client = pinned(&node.pin());
    let body = json!({ "id": "w", "config": { "mounts": {} } }).to_string();
    let mut next = 0;
    let mut token = |change: &dyn Fn(&mut Value)| {
        next += 1;
        let mut claims = json!({
            "node_id": node.node_id(), "scope": "self_hosted.v1.invoke", "method": "POST", "path": "/v1/workspaces",
            "body_sha256": sha256_hex(body.as_bytes()), "jti": format!("t{next}"), "iat": now(), "exp": now() + 60,
        });
        change(&mut claims);
        sign_token(&secret, &claims)
    };
    let post = async |token: &str, body: &str| {
        let call = client.post(format!("{}/v1/workspaces", node.url)).bearer_auth(token);
        call.header("content-type", "application/json").body(body.to_owned()).send().await.unwrap()
    };
    let good = token(&|_| {});
    let other_body = json!({ "id": "x", "config": { "mounts": {} } }).to_string();
    let refused = async |token: &str, body: &str| code_of(post(token, body).await).await;
    let said = |status: u16, code: &str| (StatusCode::from_u16(status).unwrap(), code.to_owned());
    assert_eq!(refused(&token(&|_| {}), &other_body).await, said(403, "body_mismatch"));
    assert_eq!(post(&good, &body).await.status(), 201);
    assert_eq!(refused(&good, &body).await, said(401, "token_used"));
    let expired = token(&|claims| claims["exp"] = (now() - 1).into());
    assert_eq!(refused(&expired, &body).await, said(401, "token_expired"));
    let other_node = token(&|claims| claims["node_id"] = "shn_other".into());
    assert_eq!(refused(&other_node, &body).await, said(403, "token_misplaced"));
    let other_path = token(&|claims| claims["path"] = "/v1/workspaces/w".into());
    assert_eq!(refused(&other_path, &body).await, said(403, "token_misplaced"));
    let forged = sign_token(&Secret::new("guessed"), &json!({ "node_id": node.node_id() }));
    assert_eq!(refused(&forged, &body).await, said(401, "unauthorized"));
    assert_eq!(refused("nonsense", &body).await, said(401, "unauthorized"));
    // A gateway does not end the node, nor does it see what only its owner may.
    let end = token(&|claims| claims["path"] = "/v1/shutdown".into());
    let end = client.post(format!("{}/v1/shutdown", node.url)).bearer_auth(end).send().await.unwrap();
    assert_eq!(code_of(end).await, said(403, "forbidden"));
    assert_eq!(node.get("/v1/workspaces", &node.file(&env, "api.token")).await.status(), 200);
    for secret in ["signing.key", "api.token"] {
        assert!(!node.log().contains(&node.file(&env, secret)), "{}", node.log());
        assert!(
            !std::fs::read_to_string(env.path("box").join("config.json")).unwrap().contains(&node.file(&env, secret))
        );
    }
}

/// Writes a new certificate of its own with its key.
fn new_certificate(chain: &Path, key: &Path) -> Pin {
    let pair = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&pair).unwrap();
    std::fs::write(chain, certificate.pem()).unwrap();
    std::fs::write(key, pair.serialize_pem()).unwrap();
    Pin::of(certificate.der())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_certificate_is_taken_over_without_a_dropped_connection() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let (chain, key) = (env.path("chain.pem"), env.path("key.pem"));
    let first = new_certificate(&chain, &key);
    let options = ["--tls-cert", chain.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let node = DirectNode::start(&env, &gateway, "box", &options);
    assert_eq!(node.pin(), first);
    let token = node.file(&env, "api.token");
    // One connection that stays open all the time, as a raw stream so that nobody opens another behind our back.
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(first.client_config().unwrap()));
    let address = node.url.trim_start_matches("https://").to_owned();
    let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
    let mut kept = connector.connect(name, stream).await.unwrap();
    let request = format!("GET /v1/workspaces HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n");
    let mut ask = async || {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        kept.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let read = kept.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    };
    assert!(ask().await.starts_with("HTTP/1.1 200"));

    std::fs::write(&chain, "-----BEGIN CERTIFICATE-----\nbroken\n").unwrap();
    wait_until("the broken file is noticed", LIMIT, async || {
        if node.log().contains("cannot be used") { Ok(()) } else { Err(node.log()) }
    })
    .await;
    assert_eq!(node.get("/v1/workspaces", &token).await.status(), 200);

    let second = new_certificate(&chain, &key);
    wait_until("the new certificate is shown", LIMIT, async || {
        let call = pinned(&second).get(format!("{}/v1/health", node.url)).send().await;
        call.map(drop).map_err(|failed| format!("{failed:?}"))
    })
    .await;
    assert!(ask().await.starts_with("HTTP/1.1 200"));
    wait_until("the gateway knows it", LIMIT, async || {
        let shown = gateway.get("/v1/nodes/box").await;
        if shown["direct"]["fingerprint"] == second.as_str() { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
}

/// What a server answers to a TLS ClientHello that offers nothing newer than `version`.
fn answer_to_hello(address: &str, version: [u8; 2]) -> Vec<u8> {
    let mut hello = version.to_vec();
    hello.extend([7; 32]); // random
    hello.push(0); // no session
    hello.extend([0, 4, 0xc0, 0x2f, 0xc0, 0x13]); // ECDHE-RSA with AES
    hello.extend([1, 0]); // no compression
    let groups = [0, 10, 0, 4, 0, 2, 0, 23];
    let algorithms = [0, 13, 0, 6, 0, 4, 4, 3, 4, 1];
    let points = [0, 11, 0, 2, 1, 0];
    let extensions: Vec<u8> = [&groups[..], &algorithms, &points].concat();
    hello.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    hello.extend(extensions);
    let mut message = vec![1, 0];
    message.extend(u16::try_from(hello.len()).unwrap().to_be_bytes());
    message.extend(hello);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
    record.extend(message);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(&record).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_below_1_2_is_refused() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = DirectNode::start(&env, &gateway, "box", &["--self-signed"]);
    let address = node.url.trim_start_matches("https://");
    for old in [[3, 1], [3, 2]] {
        // An alert (21) that is fatal (2): protocol_version (70).
        let answer = answer_to_hello(address, old);
        assert_eq!((answer.first(), answer.get(5..7)), (Some(&21), Some(&[2, 70][..])), "{answer:?}");
    }
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let tls =
            rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
                .with_protocol_versions(&[version])
                .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        let own = std::fs::read(env.path("box").join("tls/own.pem")).unwrap();
        let own = rustls::pki_types::pem::PemObject::from_pem_slice(&own).unwrap();
        roots.add(own).unwrap();
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        let client = Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap();
        let answer = client.get(format!("{}/v1/health", node.url)).send().await;
        assert_eq!(answer.unwrap().status(), 200, "{version:?}");
    }
}

#[test]
fn off_loopback_there_is_tls_or_nothing() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let setup = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box", "--mode", "direct"];
    let public = ["--direct-url", "https://node.example.com", "--direct-listen", "0.0.0.0:0"];
    let (code, _, err) = env.run("box", &[&setup[..], &public].concat());
    assert!(code == 2 && err.contains("--self-signed"), "{code} {err}");
    let plain = ["--direct-url", "http://node.example.com"];
    let (code, _, err) = env.run("box", &[&setup[..], &plain].concat());
    assert!(code == 2 && err.contains("https"), "{code} {err}");
    // Behind a proxy that speaks TLS, on loopback: that is in order. What a run asks for is checked as well.
    let (code, _, err) = env.run("box", &[&setup[..], &public[..2]].concat());
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = env.run("box", &["node", "run", "--listen", "127.0.0.1:0", "--direct-listen", "0.0.0.0:0"]);
    assert!(code == 2 && err.contains("--self-signed"), "{code} {err}");
    let (code, _, err) = env.run("box", &["node", "run", "--direct-url", "https://127.0.0.1", "--mode", "outbound"]);
    assert!(code == 2 && err.contains("--mode direct"), "{code} {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_told_when_to_come_back() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = DirectNode::start(&env, &gateway, "box", &["--self-signed", "--rate-per-key", "1"]);
    let (token, client) = (node.file(&env, "api.token"), pinned(&node.pin()));
    let begun = Instant::now();
    let refused = loop {
        let call = client.get(format!("{}/v1/workspaces", node.url)).bearer_auth(&token).send().await.unwrap();
        if call.status() == 429 {
            break call;
        }
        assert!(begun.elapsed() < LIMIT);
    };
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(code_of(refused).await.1, "too_many_requests");
    // The gateway counts its callers itself.
    for _ in 0..5 {
        let url = format!("{}/nodes/box/v1/workspaces", gateway.url);
        let call = crate::support::http().get(url).bearer_auth(&gateway.call).send().await.unwrap();
        assert_eq!(call.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_opens_the_door_of_a_node_that_its_gateway_reaches_otherwise() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let setup = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box"];
    let (code, _, err) = env.run("box", &setup);
    assert_eq!(code, 0, "{err}");
    for verb in [&["serve"][..], &["node", "serve"]] {
        let mut command = env.waypost("box");
        command.args(verb).args(["--listen", "127.0.0.1:0", "--direct-listen", "127.0.0.1:0", "--json"]);
        let mut process = Process::spawn(command);
        let ready: Value = serde_json::from_str(&process.wait_line("\"ready\"", START)).unwrap();
        let url = ready["direct"]["url"].as_str().unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{ready}");
        let token = std::fs::read_to_string(env.path("box").join("api.token")).unwrap();
        let call = crate::support::http().get(format!("{url}/v1/workspaces")).bearer_auth(token.trim());
        assert_eq!(call.send().await.unwrap().status(), 200);
        wait_until("the node is online", START, async || {
            let node = gateway.get("/v1/nodes/box").await;
            assert!(node.get("direct").is_none(), "{node}");
            if node["state"] == "online" { Ok(()) } else { Err(node.to_string()) }
        })
        .await;
        process.signal(Signal::TERM);
        assert!(process.wait(LIMIT).success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_direct_only_does_not_poll() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _node = DirectNode::start(&env, &gateway, "box", &["--self-signed", "--direct-only"]);
    wait_until("the gateway hears of it", START, async || {
        let shown = gateway.get("/v1/nodes/box").await;
        if shown["last_seen_ms"].is_u64() { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
    let url = format!("{}/nodes/box/v1/workspaces", gateway.url);
    let call = crate::support::http().get(url).bearer_auth(&gateway.call).send().await.unwrap();
    assert_eq!(call.status(), 200);
    let shown = gateway.get("/v1/nodes/box").await;
    let poll = shown["conditions"].as_array().unwrap().iter().find(|part| part["type"] == "poll");
    assert_eq!(poll.unwrap()["reason"], "never", "{shown}");
}
