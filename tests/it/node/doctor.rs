//! The doctor on networks that are broken in known ways, with the real gateway where it can be one.

use crate::support::{Gateway, TestEnv};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use serde_json::{Value, json};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

/// A node that joined, and its gateway.
fn joined() -> (TestEnv, Gateway) {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let args = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box"];
    let (code, _, err) = env.run("box", &args);
    assert_eq!(code, 0, "{err}");
    (env, gateway)
}

fn set(env: &TestEnv, key: &str, value: &str) {
    let path = env.path("box/config.json");
    let mut config: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    config[key] = value.into();
    std::fs::write(&path, config.to_string()).unwrap();
}

struct Found {
    code: i32,
    report: Value,
}

impl Found {
    fn check(&self, name: &str) -> &Value {
        let checks = self.report["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {:#}", self.report))
    }

    fn says(&self, name: &str, ok: bool, part: &str) {
        let check = self.check(name);
        let message = check["message"].as_str().unwrap();
        assert!(check["ok"] == ok && message.contains(part), "{name} should say {part:?}: {:#}", self.report);
        assert!(ok || check["fix"].is_string(), "no way out: {check:#}");
    }
}

/// The network part on a thread of its own: peers of the test go on answering.
async fn look(env: &TestEnv) -> Found {
    let mut command = env.waypost("box");
    command.args(["node", "doctor", "--network-only", "--timeout", "2", "--json"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let all = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!all.contains("hunter2"), "{all}");
    let report = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {all}"));
    Found { code: output.status.code().unwrap(), report }
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Passes every connection on to the gateway.
async fn forward(gateway: &Gateway, tls: Option<TlsAcceptor>) -> u16 {
    let to = gateway.url.trim_start_matches("http://").to_owned();
    let (listener, port) = listener().await;
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (to, tls) = (to.clone(), tls.clone());
            tokio::spawn(async move {
                let Ok(mut server) = TcpStream::connect(to).await else { return };
                let _ = match tls {
                    None => copy_bidirectional(&mut client, &mut server).await,
                    Some(tls) => {
                        let Ok(mut client) = tls.accept(client).await else { return };
                        copy_bidirectional(&mut client, &mut server).await
                    }
                };
            });
        }
    });
    port
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/tls").join(name)
}

fn tls(name: &str) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(fixture(&format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture(&format!("{name}.key"))).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_step_is_the_one_that_is_named() {
    let (env, gateway) = joined();
    let well = look(&env).await;
    assert_eq!(well.code, 0, "{:#}", well.report);
    for name in ["proxy", "dns", "tcp", "tls", "gateway", "clock", "authorisation"] {
        assert_eq!(well.check(name)["ok"], true, "{:#}", well.report);
    }

    let (closed, port) = listener().await;
    drop(closed);
    set(&env, "gateway_base_url", &format!("http://127.0.0.1:{port}"));
    let refused = look(&env).await;
    assert_eq!(refused.code, 11);
    refused.says("tcp", false, "refused");
    refused.says("gateway", false, "refused");

    set(&env, "gateway_base_url", "https://no-such-host.invalid");
    let unknown = look(&env).await;
    unknown.says("dns", false, "no-such-host.invalid");
    unknown.says("tcp", true, "not tried");

    let port = forward(&gateway, None).await;
    set(&env, "gateway_base_url", &format!("https://127.0.0.1:{port}"));
    look(&env).await.says("tls", false, "does not speak TLS");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_vouches_for_the_gateway_shows() {
    let (env, gateway) = joined();
    let port = forward(&gateway, Some(tls("leaf"))).await;
    set(&env, "gateway_base_url", &format!("https://127.0.0.1:{port}"));
    let unknown = look(&env).await;
    assert_eq!(unknown.code, 11);
    unknown.says("tls", false, "Waypost Test Authority (Waypost Tests)");
    assert!(unknown.check("tls")["fix"].as_str().unwrap().contains("--ca-file"), "{:#}", unknown.report);

    set(&env, "ca_file", fixture("ca.pem").to_str().unwrap());
    let own = look(&env).await;
    assert_eq!(own.code, 0, "{:#}", own.report);
    own.says("tls", true, "ca_file in config.json");
    own.says("tls", true, "2120-01-01");
    let (code, _, err) = env.run("box", &["node", "once"]);
    assert_eq!(code, 0, "the node trusts it too: {err}");

    let port = forward(&gateway, Some(tls("old"))).await;
    set(&env, "gateway_base_url", &format!("https://127.0.0.1:{port}"));
    look(&env).await.says("tls", false, "expired");

    set(&env, "ca_file", env.path("nowhere.pem").to_str().unwrap());
    let missing = look(&env).await;
    missing.says("proxy", false, "nowhere.pem");
    let (code, _, err) = env.run("box", &["node", "once"]);
    assert!(code == 7 && err.contains("ca_file in config.json") && err.contains("nowhere.pem"), "{code} {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_kept_for_the_service() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let proxy = format!("http://me:hunter2-long@127.0.0.1:{}", forward(&gateway, None).await);
    let mut command = env.waypost("box");
    command.env("HTTP_PROXY", &proxy);
    command.args(["node", "setup", &gateway.enroll, "--gateway", "http://gateway.example", "--name", "box"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !said.contains("hunter2"), "{said}");
    let config = env.path("box/config.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&config).unwrap()).unwrap();
    assert_eq!(kept["http_proxy"], proxy.as_str());
    assert_eq!(std::fs::metadata(&config).unwrap().permissions().mode() & 0o777, 0o600);

    // Without the environment, as a service has it.
    set(&env, "gateway_base_url", "http://gateway.example");
    let mut command = env.waypost("box");
    let output = command.args(["node", "once"]);
    let output = output.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let through = look(&env).await;
    through.says("proxy", true, "http://[redacted]@127.0.0.1");
    through.says("gateway", true, "through http://[redacted]@127.0.0.1");

    let (_silent, port) = listener().await;
    set(&env, "http_proxy", &format!("http://me:hunter2-long@127.0.0.1:{port}"));
    let silent = look(&env).await;
    assert_eq!(silent.code, 11);
    silent.says("tcp", true, "takes connections");
    silent.says("gateway", false, "no answer in time");
    set(&env, "no_proxy", "gateway.example");
    look(&env).await.says("proxy", true, "no_proxy in config.json names the gateway");
    set(&env, "no_proxy", "");
    set(&env, "http_proxy", "socks5://me:hunter2-long@127.0.0.1:1");
    look(&env).await.says("proxy", false, "http_proxy in config.json");

    let args = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--proxy", ""];
    let (code, _, err) = env.run("box", &args);
    assert_eq!(code, 0, "{err}");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(!text.contains("http_proxy") && !text.contains("hunter2"), "{text}");
}

/// A gateway that answers as it likes.
async fn fake(own: &'static str, status: StatusCode, date: &'static str) -> String {
    let answer = move |uri: Uri, headers: HeaderMap| async move {
        let is_own = uri.path() == "/v1/swarm/self-hosted/node/self";
        let known = headers.get("authorization").is_some_and(|given| given == own);
        let status = if is_own && !known { status } else { StatusCode::OK };
        Response::builder().status(status).header("date", date).body(json!({ "name": "box" }).to_string()).unwrap()
    };
    let (listener, port) = listener().await;
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    format!("http://127.0.0.1:{port}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_and_a_wrong_clock_are_seen_without_a_heartbeat() {
    let (env, _gateway) = joined();
    let long_ago = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (status, part) in [(StatusCode::UNAUTHORIZED, "token"), (StatusCode::GONE, "removed")] {
        set(&env, "gateway_base_url", &fake("Bearer another", status, long_ago).await);
        let found = look(&env).await;
        assert_eq!(found.code, 11);
        found.says("authorisation", false, part);
        found.says("clock", false, "ahead");
        assert_eq!(found.check("clock")["warning"], true);
    }
    let token = std::fs::read_to_string(env.path("box/node.key")).unwrap();
    let own = Box::leak(format!("Bearer {}", token.trim()).into_boxed_str());
    set(&env, "gateway_base_url", &fake(own, StatusCode::UNAUTHORIZED, long_ago).await);
    let found = look(&env).await;
    found.says("authorisation", true, "as box");
    assert_eq!(found.code, 10, "{:#}", found.report);
}

#[test]
fn what_can_be_mended_is_mended_and_told() {
    let (env, _gateway) = joined();
    let mode = |name: &str| std::fs::metadata(env.path(name)).unwrap().permissions().mode() & 0o777;
    let loosen = |name: &str, mode| std::fs::set_permissions(env.path(name), PermissionsExt::from_mode(mode)).unwrap();
    loosen("box", 0o755);
    loosen("box/node.key", 0o644);
    std::fs::remove_dir(env.path("box/outbox")).unwrap();
    let (code, out, _) = env.run("box", &["node", "doctor"]);
    assert!(code == 11 && out.contains("--fix") && out.contains("node.key"), "{out}");
    assert_eq!((mode("box"), mode("box/node.key")), (0o755, 0o644));
    let (_, out, _) = env.run("box", &["node", "doctor", "--fix", "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    let files = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "files").unwrap();
    assert_eq!((&files["ok"], files["fixed"].as_array().unwrap().len()), (&json!(true), 3), "{files:#}");
    assert_eq!((mode("box"), mode("box/node.key"), mode("box/outbox")), (0o700, 0o600, 0o700));
}

#[test]
fn an_archive_has_no_secret_and_replaces_nothing() {
    let (env, _gateway) = joined();
    let read = |name: &str| std::fs::read_to_string(env.path(name)).unwrap().trim().to_owned();
    std::fs::write(env.path("box/api.token"), "wpa_0123456789abcdefghijk\n").unwrap();
    std::fs::set_permissions(env.path("box/api.token"), PermissionsExt::from_mode(0o600)).unwrap();
    set(&env, "https_proxy", "http://me:pass%40word1@proxy.example:3128");
    set(&env, "other_password", "correct horse");
    let secrets = [
        read("box/node.key"),
        "wpa_0123456789abcdefghijk".to_owned(),
        "pass%40word1".to_owned(),
        "pass@word1".to_owned(),
        "correct horse".to_owned(),
        "msw_somebodyelseskey".to_owned(),
        "bWU6cGFzc0B3b3JkMQ==".to_owned(), // me:pass@word1
    ];
    let lines: String = secrets.iter().map(|secret| format!("2026-01-01T00:00:00Z  INFO x: {secret}.\n")).collect();
    let lines = lines.replace("correct horse", "nothing");
    std::fs::create_dir_all(env.path("box/logs")).unwrap();
    std::fs::write(env.path("box/logs/waypost.2026-01-01.log"), lines).unwrap();

    let file = env.path("help.tar.gz");
    let args = ["node", "doctor", "--timeout", "2", "--bundle", file.to_str().unwrap()];
    let (code, out, err) = env.run("box", &args);
    assert_eq!(code, 11, "the node does not run: {out}{err}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let mut all = String::new();
    let mut names = Vec::new();
    let packed = flate2::read::GzDecoder::new(std::fs::File::open(&file).unwrap());
    for entry in tar::Archive::new(packed).entries().unwrap() {
        let mut entry = entry.unwrap();
        names.push(entry.path().unwrap().file_name().unwrap().to_string_lossy().into_owned());
        entry.read_to_string(&mut all).unwrap();
    }
    for name in ["doctor.json", "config.json", "versions.json", "node.log"] {
        assert!(names.iter().any(|given| given == name) && err.contains(name), "{names:?} {err}");
    }
    for secret in &secrets {
        assert!(!all.contains(secret.as_str()), "{secret} is in the archive:\n{all}");
        assert!(!out.contains(secret.as_str()) && !err.contains(secret.as_str()), "{secret}: {out}{err}");
    }
    assert!(all.contains("[redacted]@proxy.example:3128") && all.contains("\"server_name\": \"box\""), "{all}");

    let before = std::fs::read(&file).unwrap();
    let (code, _, err) = env.run("box", &args);
    assert!(code == 2 && err.contains("exists"), "{code} {err}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
