//! Where the certificate of the direct door comes from, by the node's settings.

use super::DaemonError;
use super::network::network;
use crate::client::{GatewayUrl, Given, Network, http_client};
use crate::state::{AcmeChallenge, CertificateKind, DirectConfig, Home, NodeConfig, StatusBoard};
use crate::tls::acme::{Acme, AcmeLoop, Challenge};
use crate::tls::{CertificateFiles, FilesLoop, Report, Shelf, TlsError, own_certificate};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Where HTTP-01 requests arrive unless told otherwise.
const HTTP_01: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 80);

/// What keeps a certificate good.
pub(super) enum Upkeep {
    /// Nothing has to be done.
    Nothing,
    /// Files are looked at.
    Files(Box<FilesLoop>),
    /// An authority is asked.
    Acme(Box<AcmeLoop>),
}

impl Upkeep {
    /// Takes the certificate that there is, and what keeps it good. No shelf without a certificate.
    pub(super) async fn begin(
        home: &Home,
        config: &NodeConfig,
        direct: &DirectConfig,
        board: &Arc<StatusBoard>,
    ) -> Result<(Option<Arc<Shelf>>, Self), DaemonError> {
        let Some(kind) = direct.certificate else { return Ok((None, Self::Nothing)) };
        let report = Report::to({
            let board = board.clone();
            move |ok, reason, message| board.condition("certificate", ok, reason, message)
        });
        let (shelf, wrong) = (Shelf::new(), |wrong: TlsError| DaemonError::Config(wrong.to_string()));
        let upkeep = match kind {
            CertificateKind::Files => {
                Self::Files(Box::new(FilesLoop::begin(files(direct), shelf.clone(), report).map_err(wrong)?))
            }
            CertificateKind::SelfSigned => {
                let shown = shelf.put(own_certificate(&home.own_certificate(), &names(config, direct)).map_err(wrong)?);
                board.condition("certificate", true, "self_signed", format!("callers know it by {}", shown.pin));
                Self::Nothing
            }
            CertificateKind::Acme => {
                let acme = acme(home, config, direct)?;
                Self::Acme(Box::new(AcmeLoop::begin(acme, shelf.clone(), report).map_err(wrong)?))
            }
        };
        Ok((Some(shelf), upkeep))
    }

    /// Does it until `end`.
    pub(super) async fn run(self, end: CancellationToken) {
        match self {
            Self::Nothing => {}
            Self::Files(looking) => looking.run(end).await,
            Self::Acme(renewing) => renewing.run(end).await,
        }
    }
}

/// By which fingerprint callers have to know the certificate; none when an authority vouches for it.
pub(super) fn pin(home: &Home, config: &NodeConfig, direct: &DirectConfig) -> Result<Option<String>, String> {
    let shelf = Shelf::new();
    let key = match direct.certificate {
        None | Some(CertificateKind::Acme) => return Ok(None),
        Some(CertificateKind::Files) => files(direct).read(),
        Some(CertificateKind::SelfSigned) => own_certificate(&home.own_certificate(), &names(config, direct)),
    };
    let shown = shelf.put(key.map_err(|wrong| wrong.to_string())?);
    Ok(shown.self_signed.then(|| shown.pin.to_string()))
}

/// The host of the address that callers know; of IPv6 without brackets.
pub(super) fn public_host(config: &NodeConfig) -> Option<String> {
    let url = GatewayUrl::parse(config.direct_base_url.as_deref()?).ok()?;
    Some(url.endpoint().0)
}

fn names(config: &NodeConfig, direct: &DirectConfig) -> Vec<String> {
    let names: Vec<String> = public_host(config).into_iter().chain(direct.hosts.iter().flatten().cloned()).collect();
    if names.is_empty() { vec!["localhost".to_owned(), direct.listen().ip().to_string()] } else { names }
}

fn files(direct: &DirectConfig) -> CertificateFiles {
    // `DirectConfig::check` has seen to it that they are there; an empty path is an error that says so.
    CertificateFiles {
        chain: direct.tls_cert.clone().unwrap_or_default(),
        key: direct.tls_key.clone().unwrap_or_default(),
    }
}

fn acme(home: &Home, config: &NodeConfig, direct: &DirectConfig) -> Result<Acme, DaemonError> {
    let names = names(config, direct);
    let odd = names.iter().find(|name| name.parse::<IpAddr>().is_ok() || !name.contains('.'));
    if let Some(odd) = odd {
        return Err(DaemonError::Config(format!(
            "no authority gives a certificate for {odd}: --acme needs an address with a public name (--direct-url \
             https://node.example.com), else choose --self-signed"
        )));
    }
    let directory = direct.directory().to_owned();
    let url =
        GatewayUrl::parse(&directory).map_err(|wrong| DaemonError::Config(format!("--acme-directory: {wrong}")))?;
    let ca_file = direct.acme_ca_file.clone();
    let own = Network {
        ca_file: ca_file.map(|value| Given { value, from: "acme_ca_file in config.json".to_owned() }),
        ..Network::default()
    };
    let http = http_client(&url, &own.or(network(config))).map_err(|failed| DaemonError::Config(failed.to_string()))?;
    let challenge = match direct.acme_challenge.unwrap_or(AcmeChallenge::TlsAlpn01) {
        AcmeChallenge::TlsAlpn01 => Challenge::TlsAlpn01,
        AcmeChallenge::Http01 => Challenge::Http01 { listen: direct.acme_http_listen.unwrap_or(HTTP_01) },
    };
    Ok(Acme { directory, email: direct.acme_email.clone(), names, dir: home.acme(), http, challenge })
}
