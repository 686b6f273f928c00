//! One command per file: its clap struct, whose doc comment is its help, and one `run`.

pub mod config;
pub mod daemon;
pub mod enroll;
pub mod execute;
pub mod gateway;
pub mod generate;
pub mod glob;
pub mod job;
pub mod later;
pub mod node;
pub mod provision;
pub mod session;
pub mod shell;
pub mod tools;
pub mod up;
pub mod vfs;
pub mod workspace;
