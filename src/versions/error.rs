//! What git and the host say, as the port's error.

use crate::workspace::VersionsError;

/// Turns a cause into [`VersionsError::Host`].
pub(super) fn host<E>(what: &'static str) -> impl FnOnce(E) -> VersionsError
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    move |source| VersionsError::Host { what, source: source.into() }
}
