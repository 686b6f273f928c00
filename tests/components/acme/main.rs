//! Certificates from a real ACME authority: `pebble` of Debian. `.ci/run` installs it.

mod pebble;
#[allow(dead_code, unused_imports)] // other tests use the rest of it
#[path = "../../it/support/mod.rs"]
mod support;

use pebble::{LIFE, Pebble};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;
use support::{Gateway, Process, TestEnv, wait_until};

const NAME: &str = "node.example.com";
const LIMIT: Duration = Duration::from_secs(60);

/// A node with a certificate of that authority.
async fn start(env: &TestEnv, gateway: &Gateway, pebble: &Pebble, challenge: &str) -> Process {
    let url = format!("https://{NAME}:{}", pebble.tls_port);
    let (listen, http) = (format!("127.0.0.1:{}", pebble.tls_port), format!("127.0.0.1:{}", pebble.http_port));
    let ca_file = pebble.ca_file.to_str().unwrap();
    let args = [
        &["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box"][..],
        &["--mode", "direct", "--direct-url", &url, "--direct-listen", &listen, "--acme"],
        &["--acme-directory", &pebble.directory, "--acme-ca-file", ca_file, "--acme-challenge", challenge],
        &["--acme-http-listen", &http, "--acme-email", "owner@example.com"],
    ];
    let (code, _, err) = env.run("box", &args.concat());
    assert_eq!(code, 0, "{err}");
    run(env)
}

fn run(env: &TestEnv) -> Process {
    let mut command = env.waypost("box");
    command.args(["node", "run", "--listen", "127.0.0.1:0", "--json"]);
    let mut node = Process::spawn(command);
    node.wait_line("\"ready\"", LIMIT);
    node
}

/// The certificate that is shown to a client that trusts the authority's root alone, for a name that this machine does not
/// know. A new client each time: one that was here before is not shown anything.
async fn shown(root: &reqwest::Certificate, port: u16) -> Result<Vec<u8>, String> {
    let at = format!("127.0.0.1:{port}").parse().unwrap();
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([root.clone()]).tls_info(true);
    let client = builder.resolve(NAME, at).build().unwrap();
    let call = client.get(format!("https://{NAME}:{port}/v1/health")).send().await;
    let answer = call.map_err(|failed| format!("{failed:?}"))?;
    let info = answer.extensions().get::<reqwest::tls::TlsInfo>().ok_or("no TLS")?;
    info.peer_certificate().map(<[u8]>::to_vec).ok_or_else(|| "no certificate".to_owned())
}

fn condition(env: &TestEnv) -> Value {
    let (_, out, _) = env.run("box", &["node", "status", "--json"]);
    let status: Value = serde_json::from_str(&out).unwrap();
    let conditions = status["conditions"].as_array().cloned().unwrap_or_default();
    conditions.into_iter().find(|one| one["type"] == "certificate").unwrap_or_default()
}

async fn issued_and_renewed(challenge: &str) {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let mut pebble = Pebble::start(&env).await;
    let mut node = start(&env, &gateway, &pebble, challenge).await;
    let root = pebble.root().await;
    let look = async || {
        let said = || format!("{}\n{}\n{}", condition(&env), node.stderr(), pebble.log());
        shown(&root, pebble.tls_port).await.map_err(|failed| format!("{failed}\n{}", said()))
    };
    let first = wait_until("a certificate is issued", LIMIT, look).await;
    wait_until("it is renewed", Duration::from_secs(LIFE) + LIMIT, async || {
        let now = look().await?;
        if now == first { Err("the same".to_owned()) } else { Ok(()) }
    })
    .await;
    wait_until("the node says so", LIMIT, async || {
        let now = condition(&env);
        if now["ok"] == true && now["reason"] == "issued" { Ok(()) } else { Err(now.to_string()) }
    })
    .await;
    let mut files = 0;
    for file in std::fs::read_dir(env.path("box/tls/acme")).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        files += 1;
    }
    assert_eq!(files, 2); // the account and the certificate

    // What was issued is there after a restart, without the authority; that it cannot be renewed is said.
    pebble.kill();
    node.kill();
    let node = run(&env);
    let again = shown(&root, pebble.tls_port).await;
    assert!(again.as_ref().is_ok_and(|again| *again != first), "{again:?}\n{}", node.stderr());
    wait_until("a renewal that fails shows", Duration::from_secs(LIFE) + LIMIT, async || {
        let now = condition(&env);
        let failing = ["renewal_failing", "expired"].iter().any(|reason| now["reason"] == *reason);
        if now["ok"] == false && failing { Ok(()) } else { Err(now.to_string()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_issued_and_renewed_by_http_01() {
    issued_and_renewed("http-01").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_issued_and_renewed_by_tls_alpn_01() {
    issued_and_renewed("tls-alpn-01").await;
}
