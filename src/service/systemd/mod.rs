//! systemd, of a user and of the machine.

mod available;
mod commands;
mod ended;
mod manager;
mod other;
mod places;
mod plan;
mod show;
mod start;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod undo;
mod unit;

pub(super) use manager::Systemd;
