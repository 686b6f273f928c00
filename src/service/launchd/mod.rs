//! launchd: a LaunchAgent of the user, or a LaunchDaemon of the machine.
//!
//! All of it compiles and is tested everywhere; only finding out who we are needs macOS.

mod apply;
mod definition;
mod manager;
mod print;
#[cfg(test)]
mod tests;

pub use manager::Launchd;
