//! The calls of a node that has no token yet and no key either: by handle, and with an enrolment token.

use super::{CallError, NodeClient};
use crate::base::Secret;
use crate::wire::node::{ClaimRequest, EnrollRequest, EnrollResponse, RegisterRequest, RegisterResponse};
use serde_json::{Map, Value};

impl NodeClient {
    /// Asks to become a node of the handle's owner. Sends no credential.
    ///
    /// # Errors
    /// When the gateway does not take the registration.
    pub async fn register(&self, body: &RegisterRequest) -> Result<RegisterResponse, CallError> {
        self.without_token("register", "/register", &Secret::new(body.registration_secret.as_str()), body).await
    }

    /// Asks whether the owner has approved. The answer's fields are those of [`ClaimResponse`](crate::wire::node::ClaimResponse),
    /// not all of which existing gateways send.
    ///
    /// # Errors
    /// [`CallError`]; nothing is lost by asking again.
    pub async fn claim(&self, body: &ClaimRequest) -> Result<Map<String, Value>, CallError> {
        self.without_token("claim", "/register/claim", &Secret::new(body.registration_secret.as_str()), body).await
    }

    /// Trades an enrolment token for the node's own.
    ///
    /// # Errors
    /// When the gateway does not take it.
    pub async fn enroll(&self, body: &EnrollRequest) -> Result<EnrollResponse, CallError> {
        self.without_token("enroll", "/enroll", &Secret::new(body.enrollment_token.as_str()), body).await
    }
}
