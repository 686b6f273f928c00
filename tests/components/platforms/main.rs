//! What is written for macOS and Windows, looked at by linters, and the Windows program under Wine.
//!
//! On Linux the linters run: `WAYPOST_LINT` names a Python that has their packages. Compiled for Windows, the tests in `task` and
//! `program` run instead, under Wine or on Windows itself.

#[cfg(unix)]
mod lint;
#[cfg(windows)]
mod program;
#[cfg(windows)]
mod task;
