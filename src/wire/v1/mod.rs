//! The `/v1` surface: one table of operations, how each looks over HTTP, and what failures look like.

mod answers;
mod failure;
pub mod http;
mod operation;
mod params;
pub mod tools;
pub mod vfs;

pub use answers::{
    Accepted, CancelledJob, DeletedSession, DeletedWorkspace, ExecuteAnswer, Health, JobDetail, JobOutput, JobStatus,
    MountView, SessionView, ShuttingDown, WorkspaceDetail, WorkspaceSummary,
};
pub use failure::{ErrorCode, Failure, Problem};
pub use operation::{AnswerKind, BodyKind, Method, OPERATIONS, Operation, OperationRequest};
pub use params::{
    CloneParams, CreateParams, CreateSessionParams, ExecuteParams, JobParams, ListJobsParams, LoadParams, OutputParams,
    OutputStream, SessionParams, WaitParams, WorkspaceParams,
};
