//! One command per file: its clap struct, whose doc comment is its help, and one `run`.

pub mod execute;
pub mod gateway;
pub mod generate;
pub mod job;
pub mod node;
pub mod session;
pub mod up;
pub mod workspace;
