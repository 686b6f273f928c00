//! Direct calls on a workspace's files: what a shell would do with them, without a shell.

mod attributes;
mod change;
mod error;
mod explain;
mod glob;
mod guarded;
mod handle;
mod look;
mod pattern;
mod search;
mod seen;
mod space;
#[cfg(test)]
mod tests;

pub use attributes::NewAttributes;
pub use error::{Errno, FileError};
pub use explain::{Access, ExplainedCall, Wanted};
pub use guarded::Refused;
pub use handle::Files;
pub use look::FileStat;
pub use search::{FileMatches, Line, Search};

pub(super) use seen::Seen;
