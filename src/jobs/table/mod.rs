//! The table of executions: those that run, those that ended lately, and, in `jobs.db`, the background ones.
//!
//! A background job's row is on disk before its caller hears of it and its output before anyone sees that it ended. A
//! script that its caller waited for is listed too, but only in memory: its answer has been delivered.

mod database;
mod history;
mod job;
mod jobs;
mod record;

pub use job::{Job, Line};
pub use jobs::JobTable;
pub use record::{JobEnd, JobRecord};
