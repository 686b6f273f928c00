//! What Windows gives only to calls that the compiler cannot check: the one file for it with `unsafe`.
#![allow(unsafe_code, reason = "functions of the system that no crate wraps")]

/// Detaches this process from its console, if it has one.
pub(super) fn free_console() {
    // SAFETY: `FreeConsole` takes nothing and may be called at any time; without a console it only says so.
    unsafe { windows_sys::Win32::System::Console::FreeConsole() };
}
