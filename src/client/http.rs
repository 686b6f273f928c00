//! The HTTP client every call goes through, built once per gateway.

use super::network::certificates;
use super::{GatewayUrl, HttpError, Network};
use crate::base::Pin;
use std::time::Duration;

/// How long a peer may leave what was sent to it unacknowledged.
const SILENT: Duration = Duration::from_secs(15);

/// A client for one gateway, with the proxies and authorities of `network`. Where none are set, the platform's own settings
/// count (macOS, Windows). A gateway on this machine is never reached through a proxy.
///
/// # Errors
/// When a setting cannot be used or TLS cannot be set up.
pub fn http_client(gateway: &GatewayUrl, network: &Network) -> Result<reqwest::Client, HttpError> {
    let mut builder = builder(gateway, network)?;
    if gateway.is_loopback() && gateway.is_plain() {
        // Reading the platform's certificates costs more than everything else at start, and none is needed here.
        builder = builder.tls_certs_only([]);
    } else {
        builder = builder.tls_certs_merge(certificates(&network.authorities()?)?);
    }
    builder.build().map_err(|failed| HttpError::Other(failed.to_string()))
}

/// A client for a server that is known by the fingerprint of its certificate, whoever vouches for it.
///
/// # Errors
/// As [`http_client`].
pub(super) fn pinned_client(server: &GatewayUrl, network: &Network, pin: &Pin) -> Result<reqwest::Client, HttpError> {
    let tls = pin.client_config().map_err(|failed| HttpError::Other(failed.to_string()))?;
    let built = builder(server, network)?.tls_backend_preconfigured(tls).build();
    built.map_err(|failed| HttpError::Other(failed.to_string()))
}

/// Everything of a client but whom it trusts.
pub(super) fn builder(gateway: &GatewayUrl, network: &Network) -> Result<reqwest::ClientBuilder, HttpError> {
    // An error means that a provider is there already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder();
    #[cfg(target_os = "linux")]
    let builder = builder.tcp_user_timeout(SILENT);
    let builder = builder
        .user_agent(concat!("waypost/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(90))
        .tcp_nodelay(true)
        // A peer behind a link that is gone is given up, not waited for until the kernel does.
        .tcp_keepalive(SILENT)
        .tcp_keepalive_interval(SILENT / 3)
        .tcp_keepalive_retries(3)
        .redirect(reqwest::redirect::Policy::limited(3));
    // A receiver that makes an upload wait, because the node behind it is away, is not gone: it answers the kernel's probes.
    // Calls that must not wait so long have limits of their own.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let builder = builder.tcp_user_timeout(None);
    if gateway.is_loopback() {
        return Ok(builder.no_proxy());
    }
    Ok(network.proxies()?.into_iter().fold(builder, reqwest::ClientBuilder::proxy))
}

/// The innermost cause, which is what says "connection refused"; the URL, which may be in the outer ones, is left out.
pub(super) fn root_cause(failed: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = failed;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.to_string() {
        text if text.contains("InvalidContentType") => {
            "it does not speak TLS (is it http:// and not https://?)".to_owned()
        }
        // As the verifier of a pin says it.
        text if text.contains("ApplicationVerificationFailure") => {
            "its certificate is not the one with the fingerprint given".to_owned()
        }
        text if text.contains("UnknownIssuer") => {
            "its certificate is from no authority that this machine trusts (UnknownIssuer)".to_owned()
        }
        text => text,
    }
}
