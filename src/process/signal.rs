//! Ending a process of which only the id is known.

use std::io;

/// How a process is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It may finish what it does.
    Terminate,
    /// At once.
    Kill,
}

/// Sends a signal. The caller has made sure that the id is still that of the process it means.
///
/// # Errors
/// [`io::ErrorKind::NotFound`] when there is no such process; else what the system said, e.g. that it is not ours.
#[cfg(unix)]
pub fn send_signal(pid: u32, signal: Signal) -> io::Result<()> {
    use rustix::process::{Pid, Signal as Unix, kill_process};
    let gone = || io::Error::from(io::ErrorKind::NotFound);
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or_else(gone)?;
    let signal = match signal {
        Signal::Terminate => Unix::TERM,
        Signal::Kill => Unix::KILL,
    };
    kill_process(pid, signal).map_err(|failed| if failed == rustix::io::Errno::SRCH { gone() } else { failed.into() })
}

/// Not on this system.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn send_signal(_: u32, _: Signal) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
