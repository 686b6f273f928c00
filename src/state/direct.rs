//! The settings of a node that callers reach at its own address. Everything may be missing; what was given later replaces
//! what was given earlier.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Let's Encrypt.
const DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Settings of the direct door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectConfig {
    /// Where to listen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Whether the node leaves polling its gateway to others: then the relay is no way to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<bool>,
    /// Where the certificate comes from; none speaks plain HTTP, which is for loopback only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateKind>,
    /// A PEM file with the chain, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<PathBuf>,
    /// A PEM file with its key, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// The directory of the ACME authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acme_directory: Option<String>,
    /// Where the authority may write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acme_email: Option<String>,
    /// A PEM file of authorities that are trusted in calls to the directory, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acme_ca_file: Option<PathBuf>,
    /// How the authority finds out that the name is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acme_challenge: Option<AcmeChallenge>,
    /// Where its HTTP-01 requests arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acme_http_listen: Option<SocketAddr>,
    /// Hosts that requests may be for, beside the one of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// Requests that the bearers of one key may send in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_per_key: Option<u32>,
    /// Requests that one address may send in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_per_address: Option<u32>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateKind {
    /// `tls_cert` and `tls_key`.
    Files,
    /// An ACME authority.
    Acme,
    /// Made by the node itself; callers know it by its fingerprint.
    SelfSigned,
}

/// How an authority finds out that a name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AcmeChallenge {
    /// A handshake with port 443 of the name, which must arrive at the direct listener.
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
    /// A request to port 80 of the name.
    #[serde(rename = "http-01")]
    Http01,
}

impl DirectConfig {
    /// Where to listen unless told otherwise: as mswarm nodes do.
    pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 18083);

    /// What is given in `newer` replaces what is here.
    pub fn merge(&mut self, newer: &Self) {
        fn replace<T: Clone>(kept: &mut Option<T>, given: &Option<T>) {
            if given.is_some() {
                kept.clone_from(given);
            }
        }
        replace(&mut self.listen, &newer.listen);
        replace(&mut self.only, &newer.only);
        replace(&mut self.certificate, &newer.certificate);
        replace(&mut self.tls_cert, &newer.tls_cert);
        replace(&mut self.tls_key, &newer.tls_key);
        replace(&mut self.acme_directory, &newer.acme_directory);
        replace(&mut self.acme_email, &newer.acme_email);
        replace(&mut self.acme_ca_file, &newer.acme_ca_file);
        replace(&mut self.acme_challenge, &newer.acme_challenge);
        replace(&mut self.acme_http_listen, &newer.acme_http_listen);
        replace(&mut self.hosts, &newer.hosts);
        replace(&mut self.rate_per_key, &newer.rate_per_key);
        replace(&mut self.rate_per_address, &newer.rate_per_address);
    }

    /// Where to listen.
    pub fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or(Self::LISTEN)
    }

    /// The directory of the authority.
    pub fn directory(&self) -> &str {
        self.acme_directory.as_deref().unwrap_or(DIRECTORY)
    }

    /// What does not go together.
    ///
    /// # Errors
    /// A sentence that names the way out.
    pub fn check(&self) -> Result<(), String> {
        match self.certificate {
            None if !self.listen().ip().is_loopback() => Err(format!(
                "without a certificate the node listens for callers on loopback only, and {} is not: give --tls-cert and \
                 --tls-key, --acme or --self-signed",
                self.listen()
            )),
            Some(CertificateKind::Files) if self.tls_cert.is_none() || self.tls_key.is_none() => {
                Err("a certificate in files is two of them: give --tls-cert and --tls-key".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_settings_replace_older_ones_and_off_loopback_there_is_tls() {
        let any = Some("0.0.0.0:443".parse().unwrap());
        let mut config = DirectConfig { listen: any, rate_per_key: Some(1), ..DirectConfig::default() };
        assert!(config.check().unwrap_err().contains("--self-signed"));
        config.merge(&DirectConfig {
            certificate: Some(CertificateKind::Files),
            rate_per_key: Some(2),
            ..DirectConfig::default()
        });
        assert!(config.check().unwrap_err().contains("--tls-key"));
        assert_eq!((config.listen, config.rate_per_key), (any, Some(2)));
        config.merge(&DirectConfig { certificate: Some(CertificateKind::SelfSigned), ..DirectConfig::default() });
        assert_eq!(config.check(), Ok(()));
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<DirectConfig>(&text).unwrap(), config);
        assert_eq!(DirectConfig::default().check(), Ok(()));
    }
}
