//! Extended attributes.

use super::call::Call;
use super::look::lines;
use super::read::print_bytes;
use super::write::content;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::json;

/// Write an extended attribute to standard output as it is
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs getxattr /data/a user.origin -w demo")]
pub struct Getxattr {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The attribute, e.g. user.origin
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub call: Call,
}

impl Getxattr {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let arguments = json!({ "path": self.path, "name": self.name });
        let answer = self.call.ask(global, "getxattr", arguments).await?;
        print_bytes(&answer, "value_base64", self.call.explain, output)
    }
}

/// List the extended attributes of a path
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs listxattr /data/a -w demo")]
pub struct Listxattr {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Listxattr {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.call.ask(global, "listxattr", json!({ "path": self.path })).await?;
        output.result(&answer, || lines(&answer, "names"));
        Ok(0)
    }
}

/// Set an extended attribute from --value or standard input
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs setxattr /data/a user.origin --value import -w demo")]
pub struct Setxattr {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The attribute, e.g. user.origin
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The value [default: standard input]
    #[arg(long, value_name = "TEXT")]
    pub value: Option<String>,
    /// Refuse when it is there
    #[arg(long, conflicts_with = "replace")]
    pub create: bool,
    /// Refuse when it is not there
    #[arg(long)]
    pub replace: bool,
    #[command(flatten)]
    pub call: Call,
}

impl Setxattr {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let value = STANDARD.encode(content(self.value.as_deref(), "--value")?);
        let mut arguments = json!({ "path": self.path, "name": self.name, "value_base64": value });
        for (name, _) in [("create", self.create), ("replace", self.replace)].iter().filter(|(_, given)| *given) {
            arguments[*name] = true.into();
        }
        self.call.change(global, output, "setxattr", arguments).await
    }
}

/// Remove an extended attribute
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs removexattr /data/a user.origin -w demo")]
pub struct Removexattr {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The attribute, e.g. user.origin
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub call: Call,
}

impl Removexattr {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let arguments = json!({ "path": self.path, "name": self.name });
        self.call.change(global, output, "removexattr", arguments).await
    }
}
