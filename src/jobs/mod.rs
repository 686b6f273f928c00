//! Runs one operation from request to outcome, whoever asked, under the owner's policy; keeps the table of background jobs.
//!
//! Does not know who asked, and decides no HTTP status, no retry and no exit code.

mod archive_file;
mod archive_leftovers;
mod engine;
mod failure;
mod inside;
mod operations;
mod outcome;
mod params;
mod policy;
mod stop;
mod table;
mod upload;

pub use engine::{Engine, EngineOptions};
pub use outcome::{Answer, AnswerStream, Outcome, Progress, RunContext};
pub use policy::Policy;
pub use upload::{Feeder, Pipe, Source, Upload, pipe};
