//! Reading the daily log files back: from the end, in blocks, across files; never a whole file.

mod backwards;
mod files;
mod follow;
mod line;
mod since;
mod tail;

pub use files::log_files;
pub use follow::Follow;
pub use line::{Filter, Line};
pub use tail::tail;
