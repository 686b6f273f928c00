//! Nodes that want to join: `GET /v1/registrations`, `POST /v1/registrations/{code}/approve` and `/reject`, and
//! `POST /v1/enrollments`, all with a key of scope `admin`.

use serde::{Deserialize, Serialize};

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// Nobody has decided.
    Pending,
    /// The node may join, or has.
    Approved,
    /// It may not.
    Rejected,
}

impl RegistrationState {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Rejected].into_iter().find(|state| state.as_str() == word)
    }
}

/// A registration as operators see it. Everything in it but the code and the times is what the node says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegistrationView {
    /// What the node's owner reads to the operator, e.g. `ABCD-1234`.
    pub code: String,
    /// Who the owner says to be. Free text: nothing is looked up.
    pub handle: String,
    /// The wanted name.
    pub name: String,
    /// The id that the node will have.
    pub node_id: String,
    /// The name of the node that this machine is already; approving gives it a new token and ends its old one.
    pub replaces: Option<String>,
    /// The machine.
    pub fingerprint: String,
    /// The version of the node's program.
    pub version: String,
    /// What became of it.
    pub state: RegistrationState,
    /// Seconds since 1970 UTC.
    pub created_at: f64,
    /// Seconds since 1970 UTC.
    pub expires_at: f64,
}

/// Response of `GET /v1/registrations`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegistrationList {
    /// Those that have not expired, oldest first.
    pub items: Vec<RegistrationView>,
}

/// Request of `POST /v1/enrollments`: a token with which one node may join once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateEnrollment {
    /// A node by id or name, or the name of one that is to be.
    pub node: String,
    /// The id that a new node shall have, when its machine has one from another gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Seconds until the token expires. Default an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
}

/// A new enrolment. The only answer that ever holds the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreatedEnrollment {
    /// `mse_…`; only its hash is kept, and it works once.
    pub enrollment_token: String,
    /// The node it is for.
    pub node_id: String,
    /// Its name.
    pub name: String,
    /// Seconds since 1970 UTC.
    pub expires_at: f64,
}
