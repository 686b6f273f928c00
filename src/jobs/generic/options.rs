//! What the owner allows generic jobs.

use std::path::PathBuf;
use std::time::Duration;

/// Settings and limits. What is kept is bounded by number, so that a node can run for years.
#[derive(Debug, Clone)]
pub struct GenericOptions {
    /// Who the node is.
    pub node_id: String,
    /// The directory of inputs and outputs; made when it is first needed.
    pub artifact_store: PathBuf,
    /// The longest that one run may take.
    pub timeout: Duration,
    /// Runs at the same time.
    pub max_concurrency: usize,
    /// Jobs that wait, of all tenants.
    pub max_queued: usize,
    /// Jobs that wait, of one tenant.
    pub max_queued_per_tenant: usize,
    /// Jobs that have ended and can still be asked for.
    pub max_ended: usize,
    /// Entries of the audit that are kept.
    pub max_audit: usize,
    /// The longest file that is uploaded, bytes.
    pub max_upload_bytes: u64,
    /// Bytes of all artifacts together.
    pub max_store_bytes: u64,
    /// How long artifacts are kept.
    pub retention: Duration,
}

impl GenericOptions {
    /// The defaults of mswarm, where it has one.
    pub fn new(node_id: String, artifact_store: PathBuf) -> Self {
        Self {
            node_id,
            artifact_store,
            timeout: Duration::from_secs(3600),
            max_concurrency: 1,
            max_queued: 10_000,
            max_queued_per_tenant: 5_000,
            max_ended: 1_000,
            max_audit: 10_250,
            max_upload_bytes: 128 << 20,
            max_store_bytes: 16 << 30,
            retention: Duration::from_secs(86_400),
        }
    }
}
