//! Logs and their redaction, set up once per process; and reading them back.

mod logs;
pub mod reading;
mod redact;

pub use logs::{LogOptions, LogsError, init};
pub use redact::forget_in_logs;
