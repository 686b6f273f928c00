//! Points in time as GNU's utilities read and write them.

mod format;
mod parse;
mod token;

pub use format::format;
pub use parse::parse;

/// Seconds since 1970 UTC and nanoseconds of the second that has begun.
pub type Instant = (i64, u32);
