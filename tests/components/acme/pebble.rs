//! A real ACME authority on this machine: `pebble`, with its own name server that answers 127.0.0.1 for every name.

use super::support::{Process, TestEnv, http};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// How long its certificates are good, seconds.
pub const LIFE: u64 = 30;

const START: Duration = Duration::from_secs(20);

pub struct Pebble {
    process: Process,
    _names: Process,
    /// Its directory.
    pub directory: String,
    /// Who vouches for its own certificate.
    pub ca_file: PathBuf,
    /// Where it looks for HTTP-01 answers.
    pub http_port: u16,
    /// Where it looks for TLS-ALPN-01 answers.
    pub tls_port: u16,
    management: String,
}

impl Pebble {
    pub async fn start(env: &TestEnv) -> Self {
        let [listen, management, http_port, tls_port] = [(); 4].map(|()| free_port());
        let names = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let ca_file = certificates(env);
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{listen}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": env.path("pebble.pem"), "privateKey": env.path("pebble.key"),
            "httpPort": http_port, "tlsPort": tls_port, "ocspResponderURL": "",
            "externalAccountBindingRequired": false, "certificateValidityPeriod": LIFE,
        }});
        std::fs::write(env.path("pebble.json"), config.to_string()).unwrap();
        let mut command = Command::new("pebble-challtestsrv");
        command.args(["-dns01", &format!("127.0.0.1:{names}"), "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]);
        command.args(["-http01", "", "-https01", "", "-tlsalpn01", ""]);
        command.args(["-management", &format!("127.0.0.1:{}", free_port())]);
        let names_process = Process::spawn(command);
        let mut command = Command::new("pebble");
        command.arg("-config").arg(env.path("pebble.json")).args(["-dnsserver", &format!("127.0.0.1:{names}")]);
        command.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0");
        let mut process = Process::spawn(command);
        process.wait_line("ACME directory available", START);
        Self {
            process,
            _names: names_process,
            directory: format!("https://127.0.0.1:{listen}/dir"),
            ca_file,
            http_port,
            tls_port,
            management: format!("https://127.0.0.1:{management}"),
        }
    }

    /// The root of the certificates that it issues.
    pub async fn root(&self) -> reqwest::Certificate {
        let own = reqwest::Certificate::from_pem(&std::fs::read(&self.ca_file).unwrap()).unwrap();
        let _ = http(); // a provider of cryptography is there from now on
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([own]).build().unwrap();
        let root = client.get(format!("{}/roots/0", self.management)).send().await.unwrap().bytes().await.unwrap();
        reqwest::Certificate::from_pem(&root).unwrap()
    }

    pub fn kill(&mut self) {
        self.process.kill();
    }

    pub fn log(&self) -> String {
        self.process.stdout()
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A certificate for pebble's own listener, and the file of who vouches for it.
fn certificates(env: &TestEnv) -> PathBuf {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_file = env.path("ca.pem");
    std::fs::write(&ca_file, ca.self_signed(&ca_key).unwrap().pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    std::fs::write(env.path("pebble.pem"), leaf.pem()).unwrap();
    std::fs::write(env.path("pebble.key"), key.serialize_pem()).unwrap();
    ca_file
}
