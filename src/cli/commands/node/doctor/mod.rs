//! `waypost node doctor`: one file per check, each of which says what it found and the way out.

mod bundle;
mod check;
mod command;
mod config;
mod disk;
mod files;
mod network;
mod running;
mod service;
mod text;
mod token;

pub use command::Doctor;
