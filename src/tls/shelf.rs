//! The certificate that a listener shows now. It is replaced while connections go on: each keeps what it began with.

use super::TlsError;
use crate::base::{Pin, unix_ms};
use crate::client::Certificate;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The protocol name by which an ACME authority asks for its challenge (RFC 8737).
pub const ACME_ALPN: &[u8] = b"acme-tls/1";

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// By which others may know it.
    pub pin: Pin,
    /// Whether no authority vouches for it, so that others have to know the pin.
    pub self_signed: bool,
    /// From when on it is good, seconds since 1970 UTC.
    pub not_before: Option<i64>,
    /// Until when it is good, seconds since 1970 UTC.
    pub not_after: Option<i64>,
}

impl Shown {
    /// How long it is still good, seconds; below 0 when it is not.
    pub fn left(&self) -> Option<i64> {
        self.not_after.map(|end| end - now())
    }

    /// Of a chain's first certificate.
    pub(super) fn of(key: &CertifiedKey) -> Self {
        let leaf = key.cert.first().map(AsRef::as_ref).unwrap_or_default();
        let said = Certificate::read(leaf);
        Self {
            pin: Pin::of(leaf),
            self_signed: key.cert.len() == 1 && said.self_issued,
            not_before: said.not_before,
            not_after: said.not_after,
        }
    }
}

/// Seconds since 1970 UTC, as certificates count.
pub(super) fn now() -> i64 {
    unix_ms() / 1000
}

/// Where the listener takes its certificate from at every handshake.
pub struct Shelf {
    now: Mutex<Option<Arc<CertifiedKey>>>,
    /// By server name: what an authority wants to see there.
    challenges: Mutex<HashMap<String, Arc<CertifiedKey>>>,
    shown: watch::Sender<Option<Shown>>,
}

impl Shelf {
    /// One without a certificate: handshakes fail until there is one.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { now: Mutex::default(), challenges: Mutex::default(), shown: watch::Sender::new(None) })
    }

    /// What is shown from now on.
    pub fn put(&self, key: CertifiedKey) -> Shown {
        let shown = Shown::of(&key);
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(key));
        self.shown.send_replace(Some(shown.clone()));
        shown
    }

    /// What is shown, and every change of it.
    pub fn watch(&self) -> watch::Receiver<Option<Shown>> {
        self.shown.subscribe()
    }

    pub(super) fn challenge(&self, name: &str, key: CertifiedKey) {
        self.challenges.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_ascii_lowercase(), Arc::new(key));
    }

    pub(super) fn forget_challenges(&self) {
        self.challenges.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How a server speaks TLS with these certificates: 1.2 or 1.3, for HTTP/1.1.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|failed| TlsError::unusable("TLS", failed))?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec(), ACME_ALPN.to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Shelf {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if hello.alpn().is_some_and(|mut names| names.next() == Some(ACME_ALPN) && names.next().is_none()) {
            let name = hello.server_name()?.to_ascii_lowercase();
            return self.challenges.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        }
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").field("shown", &*self.shown.borrow()).finish_non_exhaustive()
    }
}
