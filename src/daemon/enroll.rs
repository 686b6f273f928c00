//! Trading an enrolment token.

use super::DaemonError;
use super::network::of_environment;
use super::setup::running;
use crate::relay::{Enrolled, Enrolment};
use crate::state::{Home, StateError};

/// Makes sure that the node has a token of its own.
///
/// # Errors
/// When the gateway does not take the enrolment token, cannot be reached, or the node's files cannot be written.
pub async fn enroll(home: &Home, given: Enrolment) -> Result<Enrolled, DaemonError> {
    if let Some(pid) = running(home)? {
        return Err(StateError::AlreadyRunning { home: home.root().to_owned(), pid: Some(pid) }.into());
    }
    let network = given.network.clone().or(of_environment());
    Ok(crate::relay::enroll(home, Enrolment { network, ..given }).await?)
}
