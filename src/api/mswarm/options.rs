//! What the routes are built with.

use super::invocations::Invocations;
use crate::base::Secret;
use crate::jobs::generic::GenericJobs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Settings of the routes.
#[derive(Debug, Clone)]
pub struct MswarmOptions {
    /// Who the node is: tokens for another one are refused.
    pub node_id: String,
    /// What tokens are signed with. Without it only `/healthz` has an answer.
    pub secret: Option<Secret>,
    /// Whether only this machine reaches the node: then it tells its capabilities and takes generic jobs.
    pub owner_local: bool,
    /// What runs model jobs.
    pub invocations: Arc<dyn Invocations>,
    /// The queue of generic jobs; none when the owner has not turned them on.
    pub generic: Option<GenericJobs>,
    /// Model jobs at the same time. Further ones are told to come back.
    pub max_invocations: usize,
    /// The longest that a model job may take.
    pub job_timeout: Duration,
    /// The longest body but for uploads, bytes.
    pub max_body_bytes: usize,
    /// Bytes of bodies that are held at once; further requests wait for room.
    pub max_held_bytes: usize,
    /// The longest silence while a body is coming.
    pub body_timeout: Duration,
    /// Between two signs of life in a stream that has nothing to say.
    pub keep_alive: Duration,
    /// Where used tokens are remembered, so that a restart does not make them good again; none remembers them in memory.
    pub used_tokens: Option<PathBuf>,
}

impl MswarmOptions {
    /// The defaults.
    pub fn new(node_id: String, secret: Option<Secret>, invocations: Arc<dyn Invocations>) -> Self {
        Self {
            node_id,
            secret,
            owner_local: false,
            invocations,
            generic: None,
            max_invocations: 16,
            job_timeout: Duration::from_secs(3600),
            max_body_bytes: 64 << 20,
            max_held_bytes: 512 << 20,
            body_timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(15),
            used_tokens: None,
        }
    }
}
