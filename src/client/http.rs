//! The HTTP client every call goes through, built once per gateway.

use super::GatewayUrl;
use std::time::Duration;

/// The HTTP client could not be set up, e.g. because the platform's certificates cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up HTTP: {0}")]
pub struct HttpError(String);

/// A client for one gateway. Proxies of the environment are used unless the gateway is on this machine, where a proxy
/// could only break things.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_client(gateway: &GatewayUrl) -> Result<reqwest::Client, HttpError> {
    // An error means that a provider is there already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("waypost/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(90))
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::limited(3));
    if gateway.is_loopback() {
        builder = builder.no_proxy();
    }
    if gateway.is_loopback() && gateway.is_plain() {
        // Reading the platform's certificates costs more than everything else at start, and none is needed here.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|failed| HttpError(failed.to_string()))
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
        text => text,
    }
}
