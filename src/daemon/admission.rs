//! Who may join a gateway, decided on its data directory, whether or not a gateway serves it.

use super::DaemonError;
use super::gateway::existing_store;
use crate::wire::gateway::{CreateEnrollment, CreatedEnrollment, RegistrationList};
use std::path::Path;

pub use crate::gateway::Decision;

/// The nodes that ask to join.
///
/// # Errors
/// When the directory cannot be used.
pub async fn registrations(data_dir: &Path) -> Result<RegistrationList, DaemonError> {
    let store = existing_store(data_dir).await?;
    crate::gateway::registrations(store.as_ref()).await.map_err(|failed| DaemonError::Failed(failed.to_string()))
}

/// Approves or rejects a node that asks to join.
///
/// # Errors
/// When the directory cannot be used.
pub async fn decide_registration(data_dir: &Path, code: &str, approve: bool) -> Result<Decision, DaemonError> {
    let store = existing_store(data_dir).await?;
    let decided = crate::gateway::decide_registration(store.as_ref(), code, approve).await;
    decided.map_err(|failed| DaemonError::Failed(failed.to_string()))
}

/// Makes a token with which one node may join once.
///
/// # Errors
/// When the directory cannot be used, or for a name or an id that no node can have.
pub async fn create_enrollment(data_dir: &Path, wanted: &CreateEnrollment) -> Result<CreatedEnrollment, DaemonError> {
    let store = existing_store(data_dir).await?;
    let created = crate::gateway::create_enrollment(store.as_ref(), wanted).await;
    created.map_err(|failure| DaemonError::Failed(failure.message))
}
