//! One look at a gateway that says more than whether it works: who vouched for it, what its clock says. For the doctor.
//!
//! Nothing is sent over a connection whose certificate is not trusted; that it was shown is remembered all the same.

use super::certificate::Certificate;
use super::http::{builder, root_cause};
use super::{GatewayUrl, HttpError, Network};
use crate::base::Secret;
use reqwest::Client;
use reqwest::header::DATE;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::Verifier;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest answer that is looked at, bytes.
const LONGEST: usize = 64 * 1024;

/// Who vouches for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// An authority that this machine trusts.
    Platform,
    /// An authority of `ca_file`.
    Own,
    /// Nobody: what is wrong with it.
    Nobody(String),
}

/// A certificate that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Which name it was shown for: the gateway's, or that of a proxy that speaks TLS.
    pub host: String,
    /// What it says.
    pub certificate: Certificate,
    /// Who vouches for it.
    pub trust: Trust,
}

/// An answer, of whatever status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The answerer's clock, seconds since 1970 UTC.
    pub date: Option<i64>,
    /// The body, when it is JSON.
    pub body: Option<Value>,
}

/// Looks at one gateway by the settings that a node's calls go by.
#[derive(Debug)]
pub struct Probe {
    http: Client,
    gateway: GatewayUrl,
    watch: Arc<Watch>,
}

impl Probe {
    /// For a gateway; a look takes `patience` at most.
    ///
    /// # Errors
    /// When a setting cannot be used or TLS cannot be set up.
    pub fn new(gateway: &GatewayUrl, network: &Network, patience: Duration) -> Result<Self, HttpError> {
        let watch = Arc::new(Watch::new(&network.authorities()?)?);
        let other = |failed: rustls::Error| HttpError::Other(failed.to_string());
        let tls = rustls::ClientConfig::builder_with_provider(watch.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(other)?
            .dangerous()
            .with_custom_certificate_verifier(watch.clone())
            .with_no_client_auth();
        let http = builder(gateway, network)?.tls_backend_preconfigured(tls).timeout(patience).build();
        let http = http.map_err(|failed| HttpError::Other(failed.to_string()))?;
        Ok(Self { http, gateway: gateway.clone(), watch })
    }

    /// Whether the gateway is there.
    ///
    /// # Errors
    /// A sentence: why there was no answer.
    pub async fn health(&self) -> Result<Answer, String> {
        self.get(&format!("{}/healthz", self.gateway.as_str()), None).await
    }

    /// What the gateway says of the node whose token this is. No heartbeat: the node that runs does not notice.
    ///
    /// # Errors
    /// A sentence: why there was no answer.
    pub async fn myself(&self, token: &Secret) -> Result<Answer, String> {
        self.get(&self.gateway.node_call("/self"), Some(token)).await
    }

    /// The certificates that were shown so far, the last one last.
    pub fn presented(&self) -> Vec<Presented> {
        self.watch.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why the platform's authorities cannot be used, when they cannot.
    pub fn platform_problem(&self) -> Option<&str> {
        self.watch.platform.as_ref().err().map(String::as_str)
    }

    async fn get(&self, url: &str, token: Option<&Secret>) -> Result<Answer, String> {
        let said = |failed: reqwest::Error| {
            if failed.is_timeout() { "no answer in time".to_owned() } else { root_cause(&failed) }
        };
        let mut request = self.http.get(url);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose());
        }
        let mut response = request.send().await.map_err(said)?;
        let status = response.status().as_u16();
        let date = response.headers().get(DATE).and_then(|value| value.to_str().ok()).and_then(seconds);
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > LONGEST {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, date, body: serde_json::from_slice(&body).ok() })
    }
}

/// A date as HTTP has it.
fn seconds(date: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc2822(date).ok().map(|date| date.timestamp())
}

/// Verifies as every call does, and remembers what was shown.
#[derive(Debug)]
struct Watch {
    provider: Arc<CryptoProvider>,
    platform: Result<Verifier, String>,
    with_own: Option<Verifier>,
    seen: Mutex<Vec<Presented>>,
}

impl Watch {
    fn new(own: &[CertificateDer<'static>]) -> Result<Self, HttpError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let platform = Verifier::new(provider.clone()).map_err(|failed| failed.to_string());
        let with_own = match own {
            [] => None,
            own => {
                let verifier = Verifier::new_with_extra_roots(own.iter().cloned(), provider.clone());
                Some(verifier.map_err(|failed| HttpError::Other(failed.to_string()))?)
            }
        };
        Ok(Self { provider, platform, with_own, seen: Mutex::default() })
    }

    fn verifiers(&self) -> impl Iterator<Item = (Trust, &Verifier)> {
        let platform = self.platform.iter().map(|verifier| (Trust::Platform, verifier));
        platform.chain(self.with_own.iter().map(|verifier| (Trust::Own, verifier)))
    }

    fn nobody(&self) -> rustls::Error {
        rustls::Error::General(self.platform_words())
    }

    fn platform_words(&self) -> String {
        self.platform.as_ref().err().cloned().unwrap_or_else(|| "no authority is known".to_owned())
    }
}

impl ServerCertVerifier for Watch {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut verdict = (Trust::Nobody(self.platform_words()), Err(self.nobody()));
        for (trust, verifier) in self.verifiers() {
            match verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp, now) {
                Ok(verified) => {
                    verdict = (trust, Ok(verified));
                    break;
                }
                Err(wrong) => verdict = (Trust::Nobody(wrong.to_string()), Err(wrong)),
            }
        }
        let shown = Presented {
            host: server_name.to_str().into_owned(),
            certificate: Certificate::read(end_entity),
            trust: verdict.0,
        };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
        verdict.1
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let (_, verifier) = self.verifiers().next().ok_or_else(|| self.nobody())?;
        verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let (_, verifier) = self.verifiers().next().ok_or_else(|| self.nobody())?;
        verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_answers_are_read() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("yesterday"), None);
    }
}
