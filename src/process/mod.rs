//! The only place that starts or ends other processes, and that asks the system about this one.

mod arguments;
mod console;
mod detach;
#[cfg(target_os = "linux")]
mod linux;
mod memory;
mod run;
mod signal;
#[cfg(windows)]
mod windows;

pub use arguments::hide_in_arguments;
pub use console::leave_console;
pub use detach::{Detached, leave_session};
pub use memory::release_free_memory;
pub use run::{Ran, run, shown};
pub use signal::{Signal, send_signal};
