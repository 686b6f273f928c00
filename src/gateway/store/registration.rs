//! Nodes that want to join without a key, and enrolments, as they are kept: never a secret itself, only its hash.

use crate::wire::gateway::RegistrationState;
use crate::wire::node::ClientId;

/// A machine that asks to join.
#[derive(Debug, Clone)]
pub struct NewRegistration {
    /// What an operator types to decide.
    pub code: String,
    /// The id for a new node; a known machine keeps the one it has.
    pub node_id: String,
    /// `base::hash_token` of the registration's secret.
    pub secret_hash: String,
    /// Who the node's owner says to be.
    pub handle: String,
    /// The wanted name.
    pub name: String,
    /// The machine.
    pub fingerprint: String,
    /// The version of its program.
    pub version: String,
    /// Callers other than the owner.
    pub client_allowlist: Vec<ClientId>,
    /// Until when it may be decided and claimed.
    pub expires_ms: i64,
}

/// A registration that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistrationRecord {
    /// What an operator types to decide.
    pub code: String,
    /// The id that the node has or will have.
    pub node_id: String,
    /// Who the node's owner says to be.
    pub handle: String,
    /// The wanted name.
    pub name: String,
    /// The machine.
    pub fingerprint: String,
    /// The version of its program.
    pub version: String,
    /// Callers other than the owner.
    pub client_allowlist: Vec<ClientId>,
    /// What became of it.
    pub state: RegistrationState,
    /// When it came.
    pub created_ms: i64,
    /// Until when it may be decided and claimed.
    pub expires_ms: i64,
}

/// How many registrations there may be: they cost an operator's attention, and anybody may send them.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationLimits {
    /// At most so many that are not decided.
    pub pending: u32,
    /// At most so many that came within the last minute.
    pub per_minute: u32,
}

/// What became of a request to join.
#[derive(Debug, Clone, PartialEq)]
pub enum Registered {
    /// It waits for an operator. An earlier one of the same machine that nobody has decided is gone.
    Waiting(RegistrationRecord),
    /// There are as many as there may be.
    TooMany,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// It stands so now; deciding the same twice is harmless.
    Now(RegistrationRecord),
    /// It was decided otherwise before.
    Otherwise(RegistrationRecord),
    /// There is none of that code, or it has expired.
    Unknown,
}

/// A token with which one node may join once.
#[derive(Debug, Clone)]
pub struct NewEnrollment {
    /// `base::hash_token` of the token.
    pub hash: String,
    /// The only node that may use it.
    pub node_id: String,
    /// The name of a node that does not exist yet.
    pub name: String,
    /// When it stops working.
    pub expires_ms: i64,
}

/// Whether an enrolment token was good. It is used up when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrollmentCheck {
    /// It was; the name that a new node gets.
    Good {
        /// The name.
        name: String,
    },
    /// No such token for that node, or it was used, or it expired.
    Bad,
}
