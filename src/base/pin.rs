//! A certificate that is known by its fingerprint, so that nobody has to vouch for it.

use super::id::sha256_hex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The fingerprint of a certificate: `sha256:` and the hex SHA-256 of its DER form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pin(String);

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is not the fingerprint of a certificate: `sha256:` and 64 hex digits")]
pub struct NotAPin;

impl Pin {
    /// The fingerprint of a certificate in DER form.
    pub fn of(der: &[u8]) -> Self {
        Self(format!("sha256:{}", sha256_hex(der)))
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How a client speaks TLS with the one server that has this certificate: 1.2 or 1.3, whatever the certificate's names
    /// and dates say.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn client_config(&self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(PinVerifier { pin: self.clone(), provider: provider.clone() });
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth())
    }
}

impl FromStr for Pin {
    type Err = NotAPin;

    /// Also as `openssl x509 -fingerprint` prints it: capitals, and colons between the bytes.
    fn from_str(text: &str) -> Result<Self, NotAPin> {
        let (kind, digits) = text.trim().split_once(':').ok_or(NotAPin)?;
        let digits: String = digits.chars().filter(|c| *c != ':').collect::<String>().to_ascii_lowercase();
        if !kind.eq_ignore_ascii_case("sha256") || digits.len() != 64 || !digits.bytes().all(|d| d.is_ascii_hexdigit())
        {
            return Err(NotAPin);
        }
        Ok(Self(format!("sha256:{digits}")))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Trusts one certificate. The handshake still proves that the server has its key.
#[derive(Debug)]
struct PinVerifier {
    pin: Pin,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if Pin::of(end_entity) == self.pin {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_tools_print_it() {
        let pin = Pin::of(b"a certificate");
        assert_eq!(pin.as_str().len(), "sha256:".len() + 64);
        assert_eq!(pin.as_str().parse(), Ok(pin.clone()));
        let digits = pin.as_str()[7..].to_uppercase();
        let pairs: Vec<&str> = (0..32).map(|at| &digits[at * 2..at * 2 + 2]).collect();
        assert_eq!(format!("SHA256:{}", pairs.join(":")).parse(), Ok(pin));
        for wrong in ["", "sha256:", "sha1:00", "sha256:zz", &digits] {
            assert_eq!(wrong.parse::<Pin>(), Err(NotAPin), "{wrong}");
        }
    }
}
