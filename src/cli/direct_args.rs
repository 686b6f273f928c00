//! How a node listens for callers at its own address, the same for `node setup`, `install`, `run` and `serve`.

use super::args::address;
use crate::base::Secret;
use crate::state::{AcmeChallenge, CertificateKind, DirectConfig};
use crate::telemetry::forget_in_logs;
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Options of the direct door. What is not given stays as an earlier setup left it.
#[derive(Debug, Clone, Default, Args)]
pub struct DirectArgs {
    /// In mode direct: where to listen for callers [default: 127.0.0.1:18083]
    #[arg(long, value_name = "ADDR", env = "WAYPOST_DIRECT_LISTEN", value_parser = address)]
    pub direct_listen: Option<SocketAddr>,
    /// In mode direct: do not poll the gateway, so that the relay is no way to the node and it takes no queued jobs
    #[arg(long, conflicts_with = "no_direct_only")]
    pub direct_only: bool,
    /// In mode direct: poll the gateway too, as by default
    #[arg(long)]
    pub no_direct_only: bool,
    /// In mode direct: a PEM file with the certificate and its chain; taken over when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with_all = ["acme", "self_signed"])]
    pub tls_cert: Option<PathBuf>,
    /// In mode direct: a PEM file with the certificate's key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// In mode direct: get a certificate from an ACME authority, and agree to its terms
    #[arg(long, conflicts_with = "self_signed")]
    pub acme: bool,
    /// The authority's directory [default: that of Let's Encrypt]
    #[arg(long, value_name = "URL")]
    pub acme_directory: Option<String>,
    /// Where the authority may write to
    #[arg(long, value_name = "ADDRESS")]
    pub acme_email: Option<String>,
    /// A PEM file of authorities to trust in calls to the directory
    #[arg(long, value_name = "FILE")]
    pub acme_ca_file: Option<PathBuf>,
    /// How the authority finds out that the name is the node's [default: tls-alpn-01]
    #[arg(long, value_name = "KIND", value_enum)]
    pub acme_challenge: Option<ChallengeArg>,
    /// Where requests to port 80 of the name arrive, for http-01 [default: 0.0.0.0:80]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub acme_http_listen: Option<SocketAddr>,
    /// In mode direct: make a certificate, once; callers know it by its fingerprint
    #[arg(long)]
    pub self_signed: bool,
    /// Names that requests may be for, beside that of the address
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub direct_host: Vec<String>,
    /// Requests that the bearers of one key may send in a second [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate_per_key: Option<u32>,
    /// Requests that one address may send in a second [default: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate_per_address: Option<u32>,
}

/// How an authority finds out that a name is the node's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChallengeArg {
    /// By a handshake with port 443, which must arrive at the direct listener
    #[value(name = "tls-alpn-01")]
    TlsAlpn01,
    /// By a request to port 80
    #[value(name = "http-01")]
    Http01,
}

/// Variables that may have the secret with which invocation tokens are signed, the first that is set and not blank.
pub const SIGNING_SECRETS: [&str; 2] =
    ["MSWARM_SELF_HOSTED_INVOCATION_SIGNING_SECRET", "MSWARM_SELF_HOSTED_RELAY_SIGNING_SECRET"];

/// The secret of tokens that the environment names, instead of the one that the gateway gives.
pub fn signing_secret() -> Option<Secret> {
    let given = SIGNING_SECRETS.iter().find_map(|name| std::env::var(name).ok().filter(|text| !text.trim().is_empty()));
    given.map(Secret::new).inspect(forget_in_logs)
}

impl DirectArgs {
    /// The settings that are given.
    pub fn config(&self) -> DirectConfig {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let file = |path: &Option<PathBuf>| path.as_deref().map(absolute);
        let certificate = match self {
            Self { self_signed: true, .. } => Some(CertificateKind::SelfSigned),
            Self { acme: true, .. } => Some(CertificateKind::Acme),
            Self { tls_cert: Some(_), .. } => Some(CertificateKind::Files),
            _ => None,
        };
        DirectConfig {
            listen: self.direct_listen,
            only: (self.direct_only || self.no_direct_only).then_some(self.direct_only),
            certificate,
            tls_cert: file(&self.tls_cert),
            tls_key: file(&self.tls_key),
            acme_directory: self.acme_directory.clone(),
            acme_email: self.acme_email.clone(),
            acme_ca_file: file(&self.acme_ca_file),
            acme_challenge: self.acme_challenge.map(|kind| match kind {
                ChallengeArg::TlsAlpn01 => AcmeChallenge::TlsAlpn01,
                ChallengeArg::Http01 => AcmeChallenge::Http01,
            }),
            acme_http_listen: self.acme_http_listen,
            hosts: (!self.direct_host.is_empty()).then(|| self.direct_host.clone()),
            rate_per_key: self.rate_per_key,
            rate_per_address: self.rate_per_address,
        }
    }
}
