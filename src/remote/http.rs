//! The HTTP client of one mount.

use crate::workspace::RemoteBackend;
use opendal_http_transport_reqwest::ReqwestTransport;
use std::io;
use std::time::Duration;

/// The longest that connecting may take.
const CONNECT: Duration = Duration::from_secs(10);

/// A client for the backend. Redirects are not followed: where a mount may reach was decided by its endpoint.
pub(super) fn transport(backend: &RemoteBackend) -> io::Result<ReqwestTransport> {
    // An error means that a provider is there already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let endpoint = backend.endpoint().unwrap_or_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("waypost/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT.min(backend.timeout()))
        .pool_idle_timeout(Duration::from_secs(60))
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none());
    match backend.text("proxy") {
        Some(proxy) => {
            let proxy = reqwest::Proxy::all(proxy);
            builder = builder.proxy(proxy.map_err(|_| io::Error::other("`proxy` cannot be used"))?);
        }
        None if is_loopback(&endpoint) => builder = builder.no_proxy(),
        None => {}
    }
    if endpoint.starts_with("http://") {
        // Reading the platform's certificates costs more than all else here, and none is needed.
        builder = builder.tls_certs_only([]);
    }
    let client = builder.build().map_err(|failed| io::Error::other(format!("cannot set up HTTP: {failed}")))?;
    Ok(ReqwestTransport::new(client))
}

fn is_loopback(endpoint: &str) -> bool {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|host| rest.strip_prefix(host).is_some_and(|after| after.is_empty() || after.starts_with([':', '/'])))
}
