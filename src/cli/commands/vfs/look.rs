//! Calls that only look.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::{Output, harmless};
use clap::Args;
use serde_json::{Value, json};

/// Show what a path is: size, times, mode
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs stat /data/report.txt -w demo")]
pub struct Stat {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Of a symbolic link itself
    #[arg(long)]
    pub nofollow: bool,
    #[command(flatten)]
    pub call: Call,
}

impl Stat {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut arguments = json!({ "path": self.path });
        if self.nofollow {
            arguments["nofollow"] = true.into();
        }
        let answer = self.call.ask(global, "stat", arguments).await?;
        output.result(&answer, || fields(answer.get("stat").unwrap_or(&answer)));
        Ok(0)
    }
}

/// List a directory, as whole paths
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs readdir /data -w demo")]
pub struct Readdir {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Readdir {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.call.ask(global, "readdir", json!({ "path": self.path })).await?;
        output.result(&answer, || lines(&answer, "entries"));
        Ok(0)
    }
}

/// List the files of a directory, as names
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs list-files /data -w demo")]
pub struct ListFiles {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl ListFiles {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.call.ask(global, "list_files", json!({ "path": self.path })).await?;
        output.result(&answer, || lines(&answer, "files"));
        Ok(0)
    }
}

/// Whether there is something at a path
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs exists /data -w demo")]
pub struct Exists {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Exists {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.call.ask(global, "exists", json!({ "path": self.path })).await?;
        output.result(&answer, || word(&answer, "exists"));
        Ok(0)
    }
}

/// Whether a path is a directory
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs is-dir /data -w demo")]
pub struct IsDir {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl IsDir {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.call.ask(global, "is_dir", json!({ "path": self.path })).await?;
        output.result(&answer, || word(&answer, "is_dir"));
        Ok(0)
    }
}

/// Whether a path is a file
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs is-file /data -w demo")]
pub struct IsFile {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl IsFile {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.call.ask(global, "is_file", json!({ "path": self.path })).await?;
        output.result(&answer, || word(&answer, "is_file"));
        Ok(0)
    }
}

/// Show where a symbolic link leads
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs readlink /data -w demo")]
pub struct Readlink {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Readlink {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.call.ask(global, "readlink", json!({ "path": self.path })).await?;
        output.result(&answer, || word(&answer, "target"));
        Ok(0)
    }
}

/// A list as lines.
pub fn lines(answer: &Value, name: &str) -> String {
    let items = answer.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(harmless).collect::<Vec<_>>().join("\n")
}

/// A field as a word.
fn word(answer: &Value, name: &str) -> String {
    match answer.get(name) {
        Some(Value::String(text)) => harmless(text),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

fn fields(stat: &Value) -> String {
    let fields = stat.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    fields.map(|(name, _)| format!("{name:<12} {}", word(stat, name))).collect::<Vec<_>>().join("\n")
}
