//! The only place that starts or ends other processes.

mod detach;
mod signal;

pub use detach::{Detached, leave_session};
pub use signal::{Signal, send_signal};
