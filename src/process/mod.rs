//! The only place that starts or ends other processes, and that asks the system about this one.

mod detach;
#[cfg(target_os = "linux")]
mod linux;
mod signal;

pub use detach::{Detached, leave_session};
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use linux::release_free_memory;
pub use signal::{Signal, send_signal};

/// Nothing to do: the allocators of other systems give free pages back.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn release_free_memory() {}
