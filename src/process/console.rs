//! The console that Windows gives to every program of this kind.

/// Lets go of this process's console; its window closes when nobody else uses it. What is printed after that is lost.
/// Elsewhere than on Windows there is nothing to do.
pub fn leave_console() {
    #[cfg(windows)]
    super::windows::free_console();
}
