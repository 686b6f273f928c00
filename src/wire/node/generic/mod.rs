//! Generic jobs: work that is no model's, such as a rendering. What a caller sends, and what a node tells of it.

mod artifact;
mod event;
mod execution;
mod record;

pub use artifact::{Artifact, ArtifactUpload, Retention};
pub use event::{GenericEvent, GenericEventType, LogLine};
pub use execution::{GenericEnvelope, GenericError, GenericExecution, GenericResult, GenericStatus, ValidationIssue};
pub use record::{
    AuditEntry, Backpressure, EnvelopeRecord, GenericRecord, GenericSnapshot, GenericState, Reservation, RetryRecord,
};

/// The version of all of this.
pub const GENERIC_SCHEMA_VERSION: &str = "2026-06-14";
