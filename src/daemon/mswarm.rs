//! The routes of mswarm's direct mode, composed from what the node's owner set.

use super::DaemonError;
use super::direct::is_told;
use super::node::NodeOptions;
use super::setup::cores;
use crate::api::mswarm::{Mswarm, MswarmOptions, NoAgents};
use crate::jobs::generic::{GenericJobs, GenericOptions};
use crate::state::{Credentials, InvocationConfig, NodeConfig};
use crate::telemetry::forget_in_logs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The routes, when their owner wants any of them. A secret that a gateway gave unasked is no such wish.
///
/// # Errors
/// When the kept secret cannot be read.
pub(super) fn routes(options: &NodeOptions, config: &NodeConfig) -> Result<Option<Arc<Mswarm>>, DaemonError> {
    let given = options.direct.signing_secret.clone().filter(|secret| !secret.is_empty());
    let settings = options.invocations.clone().or(config.invocations.clone());
    let opens_door = options.direct.serve || is_told(config);
    let takes_generic_jobs = settings.generic_jobs_enabled == Some(true);
    if given.is_none() && !opens_door && !takes_generic_jobs {
        return Ok(None);
    }
    let secret = match given {
        Some(given) => Some(given),
        None => Credentials::of(&options.home).signing_secret()?,
    };
    if let Some(secret) = &secret {
        forget_in_logs(secret);
    }
    let node_id = config.node_id.clone().unwrap_or_default();
    let generic = takes_generic_jobs.then(|| GenericJobs::new(generic_options(options, &settings, &node_id)));
    let default = MswarmOptions::new(node_id, secret, Arc::new(NoAgents));
    let slots = options.max_concurrent_jobs.or(config.max_concurrent_jobs).unwrap_or_else(cores);
    let door = opens_door.then(|| config.direct.clone().unwrap_or_default().listen());
    let mswarm = Mswarm::new(MswarmOptions {
        owner_local: is_owner_local(
            &[options.listen, door.unwrap_or(options.listen)],
            config.direct_base_url.as_deref(),
        ),
        generic,
        max_invocations: slots as usize,
        job_timeout: settings.job_timeout_ms.map_or(default.job_timeout, Duration::from_millis),
        max_body_bytes: settings.direct_max_body_bytes.unwrap_or(default.max_body_bytes),
        used_tokens: Some(options.home.used_tokens()),
        ..default
    });
    Ok(Some(Arc::new(mswarm)))
}

fn generic_options(options: &NodeOptions, direct: &InvocationConfig, node_id: &str) -> GenericOptions {
    let store = direct.artifact_store_path.clone().unwrap_or_else(|| options.home.artifacts());
    let default = GenericOptions::new(node_id.to_owned(), store);
    let timeout = direct.generic_job_timeout_ms.or(direct.job_timeout_ms);
    GenericOptions {
        timeout: timeout.map_or(default.timeout, Duration::from_millis),
        max_concurrency: direct
            .generic_job_max_concurrency
            .map_or(default.max_concurrency, |jobs| jobs.max(1) as usize),
        max_upload_bytes: direct.artifact_max_upload_bytes.unwrap_or(default.max_upload_bytes),
        max_store_bytes: direct.artifact_max_store_bytes.unwrap_or(default.max_store_bytes),
        ..default
    }
}

/// Whether nobody but this machine reaches the node, as far as its settings say.
fn is_owner_local(listens: &[SocketAddr], direct_base_url: Option<&str>) -> bool {
    let is_local = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = match authority.rsplit('@').next().unwrap_or_default() {
            six if six.starts_with('[') => six.trim_start_matches('[').split(']').next().unwrap_or_default(),
            other => other.split(':').next().unwrap_or_default(),
        };
        let address = host.parse::<std::net::IpAddr>();
        address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
    };
    listens.iter().all(|listen| listen.ip().is_loopback())
        && direct_base_url.map(str::trim).filter(|url| !url.is_empty()).is_none_or(is_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_others_reach_is_not_local() {
        let loopback: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let local = |url| is_owner_local(&[loopback], url);
        assert!(
            local(None) && local(Some(" ")) && local(Some("http://localhost:1/x")) && local(Some("http://[::1]:2"))
        );
        assert!(local(Some("https://127.0.0.9")));
        for url in [
            "https://node.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@evil.example",
            "http://10.0.0.1",
        ] {
            assert!(!local(Some(url)), "{url}");
        }
        assert!(!is_owner_local(&[loopback, "0.0.0.0:1".parse().unwrap()], None));
    }
}
