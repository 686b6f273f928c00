//! Calls of callers and operators, with keys.

pub mod audit;
pub(crate) mod blobs;
pub mod enrollments;
pub(crate) mod jobs;
pub mod keys;
pub(crate) mod mswarm;
pub(crate) mod nodes;
pub mod registrations;
pub(crate) mod relayed;

/// A time as callers see it.
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
