//! Certificates and keys in PEM form.

use super::TlsError;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

/// A chain, leaf first, and the leaf's key, from texts that may hold more than that. `what` names them in errors.
pub(super) fn certified(what: &str, chain: &[u8], key: &[u8]) -> Result<CertifiedKey, TlsError> {
    let unusable = |problem: String| TlsError::unusable(what, problem);
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
    let chain = chain.map_err(|wrong| unusable(format!("the certificate is not in PEM form: {wrong}")))?;
    if chain.is_empty() {
        return Err(unusable("there is no certificate in PEM form (-----BEGIN CERTIFICATE-----)".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| unusable("there is no key in PEM form (-----BEGIN PRIVATE KEY-----)".to_owned()))?;
    // Also finds out whether they belong together.
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|wrong| unusable(said(&wrong)))
}

fn said(wrong: &rustls::Error) -> String {
    match wrong {
        rustls::Error::InconsistentKeys(_) => "the key is not the certificate's".to_owned(),
        other => other.to_string(),
    }
}
