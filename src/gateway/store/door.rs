//! Where nodes are reached directly, as it is kept.

use crate::base::Secret;

/// A node's direct door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeDoor {
    /// Its address; none while it has none, or does not listen.
    pub url: Option<String>,
    /// `sha256:` and the hex SHA-256 of its certificate, when no authority vouches for it.
    pub fingerprint: Option<String>,
    /// With what tokens for it are signed; as it is, because signing needs it.
    pub secret: Secret,
}
