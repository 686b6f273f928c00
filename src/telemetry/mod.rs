//! Logs and their redaction, set up once per process.

mod logs;
mod redact;

pub use logs::{LogOptions, LogsError, init};
pub use redact::forget_in_logs;
