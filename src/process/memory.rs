//! Memory that this process has no more use for.

/// Gives the allocator's free pages back to the system, where the allocator does not do so by itself.
pub fn release_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    super::linux::release_free_memory();
}
