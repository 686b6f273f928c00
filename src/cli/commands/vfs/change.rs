//! Calls that change what there is, without content.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// Make a directory
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs mkdir /data/reports -w demo")]
pub struct Mkdir {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Mkdir {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.call.change(global, output, "mkdir", json!({ "path": self.path })).await
    }
}

/// Remove an empty directory
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs rmdir /data/reports -w demo")]
pub struct Rmdir {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Rmdir {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.call.change(global, output, "rmdir", json!({ "path": self.path })).await
    }
}

/// Remove a file or a symbolic link
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs unlink /data/old.txt -w demo")]
pub struct Unlink {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Unlink {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.call.change(global, output, "unlink", json!({ "path": self.path })).await
    }
}

/// Make an empty file
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs create /data/new.txt -w demo")]
pub struct Create {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Create {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.call.change(global, output, "create", json!({ "path": self.path })).await
    }
}

/// Give a file or directory another path in the same mount
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs rename /data/a /data/b -w demo")]
pub struct Rename {
    /// The path now
    #[arg(value_name = "SRC")]
    pub src: String,
    /// The new path
    #[arg(value_name = "DST")]
    pub dst: String,
    #[command(flatten)]
    pub call: Call,
}

impl Rename {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.call.change(global, output, "rename", json!({ "src": self.src, "dst": self.dst })).await
    }
}

/// Make a symbolic link
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs symlink /data/latest /data/2026-01 -w demo")]
pub struct Symlink {
    /// The new link
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Where it leads
    #[arg(value_name = "TARGET")]
    pub target: String,
    #[command(flatten)]
    pub call: Call,
}

impl Symlink {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.call.change(global, output, "symlink", json!({ "path": self.path, "target": self.target })).await
    }
}

/// Cut a file, or fill it with zeros, to a length
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs truncate /data/log 0 -w demo")]
pub struct Truncate {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Bytes
    #[arg(value_name = "LENGTH")]
    pub length: u64,
    #[command(flatten)]
    pub call: Call,
}

impl Truncate {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.call.change(global, output, "truncate", json!({ "path": self.path, "length": self.length })).await
    }
}
