//! Arguments in, text or JSON and an exit code out. The only module that prints.

mod args;
mod commands;
mod daemon_error;
mod descriptor;
mod direct_args;
mod door;
mod download;
mod error;
mod grants;
mod install;
mod invocation_args;
mod mswarm_env;
mod network;
mod output;
mod pairs;
mod place;
mod progress;
mod question;
mod registration;
mod run;
mod script;
mod service;
mod settings;
mod setup_args;
mod since;
mod supervisor;
mod usage;

pub use args::command;
pub use descriptor::parse as parse_descriptor;
pub use error::{CliError, ExitKind};
pub use run::main;
