//! A redacted archive of everything that somebody else needs to help.

mod contents;
mod redact;
mod write;

pub use contents::{Part, collect};
pub use redact::Redaction;
pub use write::{list, refuse_existing, write};
