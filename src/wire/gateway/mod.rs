//! What callers and operators say to a gateway beside `/v1`'s own operations: jobs, nodes, keys, grants, the audit log.

mod audit;
mod grant;
mod job;
mod key;
mod node;
mod registration;

pub use audit::{AuditEntry, AuditLog};
pub use grant::{Grant, KeyGrants};
pub use job::{BodyInput, JobEvent, JobList, JobState, JobView, LateResult, SubmitJob, WaitJob};
pub use key::{CreateKey, CreatedKey, KeyView, Scope};
pub use node::{DirectView, EditNode, NodeList, NodeState, NodeView};
pub use registration::{CreateEnrollment, CreatedEnrollment, RegistrationList, RegistrationState, RegistrationView};
