//! The `/v1` surface: one table of operations, how each looks over HTTP, and what failures look like.

mod answers;
mod failure;
pub mod http;
mod multipart;
pub mod openapi;
mod operation;
mod params;
pub mod tools;
mod versions;
pub mod vfs;

pub use answers::{
    Accepted, CancelledJob, CancelledLines, DeletedSession, DeletedWorkspace, ExecuteAnswer, Health, JobDetail,
    JobOutput, JobStatus, KilledJobs, MountView, RefreshedPath, SessionView, ShuttingDown, WorkspaceDetail,
    WorkspaceSummary, WrittenSnapshot,
};
pub use failure::{ErrorCode, Failure, Problem};
pub use operation::{AnswerKind, BodyKind, Method, OPERATIONS, Operation, OperationRequest};
pub use params::{
    CloneParams, CreateParams, CreateSessionParams, ExecuteParams, JobParams, ListJobsParams, LoadParams, OutputParams,
    OutputStream, RefreshParams, SessionParams, SnapshotToParams, UpdateSessionParams, WaitParams, WorkspaceParams,
};
pub use versions::{
    BranchHead, BranchParams, CheckoutParams, CommitParams, DEFAULT_BRANCH, DiffAnswer, DiffParams, LogParams,
    VersionView,
};
