//! Windows Task Scheduler: a task of the user, or of the machine.
//!
//! All of it compiles and is tested everywhere; only finding out who we are needs Windows.

mod account;
mod apply;
mod definition;
mod manager;
mod query;
mod quote;
#[cfg(test)]
mod tests;

pub use account::Account;
pub use manager::TaskScheduler;
