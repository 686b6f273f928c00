//! What Linux gives only to calls that the compiler cannot check: the one file for it with `unsafe`.
#![allow(unsafe_code, reason = "functions of the C library that no crate wraps")]

/// Gives the allocator's free pages back to the system. glibc itself keeps them for as long as anything above them lives,
/// so a process would stay as large as it ever was.
#[cfg(target_env = "gnu")]
pub fn release_free_memory() {
    // SAFETY: `malloc_trim` takes any number, may be called at any time and locks what it looks at.
    unsafe { libc::malloc_trim(0) };
}
