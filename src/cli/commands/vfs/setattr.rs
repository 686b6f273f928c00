//! `waypost vfs setattr`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::Value;
use serde_json::json;

/// Change mode, owner or times of a path
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs setattr /data/run.sh --mode 755 -w demo")]
pub struct Setattr {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Permission bits, octal
    #[arg(long, value_name = "OCTAL", value_parser = octal)]
    pub mode: Option<u32>,
    /// The owner
    #[arg(long, value_name = "NUMBER")]
    pub uid: Option<u32>,
    /// The group
    #[arg(long, value_name = "NUMBER")]
    pub gid: Option<u32>,
    /// Last read: seconds since 1970 UTC
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub atime: Option<f64>,
    /// Last changed: seconds since 1970 UTC
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub mtime: Option<f64>,
    /// Of a symbolic link itself
    #[arg(long)]
    pub nofollow: bool,
    #[command(flatten)]
    pub call: Call,
}

impl Setattr {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut arguments = json!({ "path": self.path });
        let given: [(&str, Option<Value>); 6] = [
            ("mode", self.mode.map(Value::from)),
            ("uid", self.uid.map(Value::from)),
            ("gid", self.gid.map(Value::from)),
            ("atime", self.atime.map(Value::from)),
            ("mtime", self.mtime.map(Value::from)),
            ("nofollow", self.nofollow.then_some(Value::Bool(true))),
        ];
        for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            arguments[name] = value;
        }
        self.call.change(global, output, "setattr", arguments).await
    }
}

fn octal(text: &str) -> Result<u32, String> {
    let digits = text.trim_start_matches("0o");
    match u32::from_str_radix(digits, 8) {
        Ok(mode @ 0..=0o7777) => Ok(mode),
        _ => Err("it is not octal permission bits, e.g. 644".to_owned()),
    }
}
