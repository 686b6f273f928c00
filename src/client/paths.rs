//! Where calls go: the gateway's address, and the paths below it that the gateway may replace.

use crate::wire::NODE_PREFIX;
use crate::wire::node::RelayPaths;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::net::IpAddr;

/// As JavaScript's `encodeURIComponent`, which existing nodes use.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A gateway's address: `http` or `https`, no credentials, no query, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayUrl(reqwest::Url);

/// An address that cannot be a gateway's.
#[derive(Debug, thiserror::Error)]
#[error("{given:?} is not a gateway's address: {problem}; it looks like https://gateway.example.com")]
pub struct GatewayUrlError {
    given: String,
    problem: &'static str,
}

impl GatewayUrl {
    /// Checks an address.
    ///
    /// # Errors
    /// When it is not a URL, or has parts that a gateway's address cannot have. Credentials in it are not repeated.
    pub fn parse(given: &str) -> Result<Self, GatewayUrlError> {
        let failed = |given: &str, problem| GatewayUrlError { given: given.to_owned(), problem };
        let given = given.trim();
        let url = reqwest::Url::parse(given).map_err(|_| failed(given, "it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(failed("…", "it has credentials in it"));
        }
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(failed(given, "it is not http or https"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(failed(given, "it has a query or a fragment"));
        }
        Ok(Self(url))
    }

    /// Whether the gateway is on this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or("");
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.ends_with(".localhost")
            || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Whether it is spoken to without TLS.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Host (an address without brackets) and port to connect to.
    pub fn endpoint(&self) -> (String, u16) {
        let host = self.0.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        (host.to_owned(), self.0.port_or_known_default().unwrap_or(443))
    }

    /// The address without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The URL of a call below the node prefix.
    pub(super) fn node_call(&self, path: &str) -> String {
        format!("{}{NODE_PREFIX}{path}", self.as_str())
    }

    /// The URL of a path that the gateway chose, or of the standard one. Another host than the gateway's is used as given:
    /// the gateway is trusted to say where its parts are, and it alone gets the token.
    fn chosen(&self, template: Option<&String>, standard: &str) -> String {
        match template.map(|template| template.trim()).filter(|template| !template.is_empty()) {
            None => self.node_call(standard),
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => url.to_owned(),
            Some(path) => format!("{}/{}", self.as_str(), path.trim_start_matches('/')),
        }
    }

    pub(super) fn poll(&self, paths: &RelayPaths) -> String {
        self.chosen(paths.jobs_poll_path.as_ref(), "/jobs/poll")
    }

    pub(super) fn start(&self, paths: &RelayPaths, job_id: &str) -> String {
        fill(&self.chosen(paths.jobs_start_path_template.as_ref(), "/jobs/:jobId/start"), job_id)
    }

    pub(super) fn events(&self, paths: &RelayPaths, job_id: &str) -> String {
        fill(&self.chosen(paths.jobs_events_path_template.as_ref(), "/jobs/:jobId/events"), job_id)
    }

    pub(super) fn result(&self, paths: &RelayPaths, job_id: &str) -> String {
        fill(&self.chosen(paths.jobs_result_path_template.as_ref(), "/jobs/:jobId/result"), job_id)
    }

    /// A call beside a job that only protocol 2 has; gateways do not move these.
    pub(super) fn beside(&self, job_id: &str, what: &str, epoch: u64) -> String {
        format!("{}?epoch={epoch}", fill(&self.node_call(&format!("/jobs/:jobId/{what}")), job_id))
    }
}

impl fmt::Display for GatewayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn fill(template: &str, job_id: &str) -> String {
    let id = utf8_percent_encode(job_id, COMPONENT).to_string();
    [":jobId", ":job_id", "{jobId}", "{job_id}"].iter().fold(template.to_owned(), |url, word| url.replace(word, &id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_paths_or_urls_and_ids_are_encoded() {
        let gateway = GatewayUrl::parse("https://gw.example.com/base/").unwrap();
        let with = |template: &str| RelayPaths {
            jobs_start_path_template: Some(template.to_owned()),
            ..RelayPaths::default()
        };
        let start = |paths: &RelayPaths| gateway.start(paths, "job/1 ü");
        assert_eq!(
            start(&RelayPaths::default()),
            "https://gw.example.com/base/v1/swarm/self-hosted/node/jobs/job%2F1%20%C3%BC/start"
        );
        assert_eq!(start(&with("/x/{job_id}/s")), "https://gw.example.com/base/x/job%2F1%20%C3%BC/s");
        assert_eq!(start(&with("x/:job_id")), "https://gw.example.com/base/x/job%2F1%20%C3%BC");
        assert_eq!(start(&with("https://other/:jobId")), "https://other/job%2F1%20%C3%BC");
    }

    #[test]
    fn addresses_that_cannot_be_a_gateway_are_refused() {
        for wrong in ["", "gw.example.com", "ftp://gw", "https://gw/?a=1", "https://gw/#a"] {
            assert!(GatewayUrl::parse(wrong).is_err(), "{wrong}");
        }
        let refused = GatewayUrl::parse("https://me:hunter2@gw").unwrap_err().to_string();
        assert!(!refused.contains("hunter2"), "{refused}");
        for local in ["http://127.0.0.1:1", "http://localhost", "http://[::1]:1", "http://x.localhost"] {
            assert!(GatewayUrl::parse(local).unwrap().is_loopback(), "{local}");
        }
        assert!(!GatewayUrl::parse("http://127.example.com").unwrap().is_loopback());
    }
}
