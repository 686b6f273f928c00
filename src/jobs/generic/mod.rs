//! Generic jobs: work that is no model's, as callers of mswarm's direct mode ask for it. Off unless the owner turns it on.
//!
//! `check` says what is wrong with a job, `jobs` keeps the queue, `run` runs one, `artifacts` keeps the files. Knows no
//! tokens and no HTTP.

mod artifacts;
mod audit;
mod cancel;
mod catalogue;
mod check;
mod clock;
mod dispatch;
mod echo;
mod feed;
mod history;
mod job;
mod jobs;
mod lifecycle;
mod look;
mod ops;
mod options;
mod queue;
mod refusal;
mod retry;
mod run;
mod run_now;
mod runner;
mod submit;
mod table;
#[cfg(test)]
mod tests;
mod turn;

pub use jobs::GenericJobs;
pub use options::GenericOptions;
pub use refusal::{ArtifactError, ArtifactProblem, GenericRefusal};
pub use run_now::RunNow;
pub use submit::{Submission, Submitted};
