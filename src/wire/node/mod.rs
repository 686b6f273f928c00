//! Calls from a node to its gateway, all `POST` below [`NODE_PREFIX`](super::NODE_PREFIX) unless said otherwise.
//!
//! Bootstrap carries the owner's key in `x-api-key`; everything else carries the node's token as a bearer. An answer is
//! always 200 with a JSON object, because protocol 1 nodes take anything else for a failure. Fields marked *(2)* belong to
//! protocol 2: a peer that does not know them ignores them.

mod bootstrap;
mod events;
mod heartbeat;
mod job;
mod own;
mod poll;
mod register;
mod release;
mod renew;
mod result;
mod start;

pub use bootstrap::{BootstrapRequest, BootstrapResponse, ClientId, NodeIdentity, RelayPaths};
pub use events::{Event, EventKind, EventsRequest, EventsResponse};
pub use heartbeat::{
    Capacity, CatalogSummary, ClassCapacity, DiscoveryStatus, ExecutionClasses, HealthReport, HeartbeatRequest,
    HeartbeatResponse, Lifecycle, NodeCondition, OllamaStatus, RecentFailure, RuntimeReport,
};
pub use job::{BodyRef, Job, Lease};
pub use own::{KeyAnswer, OwnNode};
pub use poll::{CancelJob, PollCapacity, PollRequest, PollResponse};
pub use register::{ClaimRequest, ClaimResponse, EnrollRequest, RegisterRequest, RegisterResponse};
pub use release::{ReleaseRequest, ReleaseResponse};
pub use renew::{LeaseClaim, LeaseState, LeaseStatus, RenewRequest, RenewResponse};
pub use result::{AnswerBody, Disposition, Receipt, ResultError, ResultRequest, ResultResponse, Timing};
pub use start::{StartRequest, StartResponse, UninstallRequest};
