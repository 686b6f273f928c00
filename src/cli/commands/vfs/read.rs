//! `waypost vfs read`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::Value;
use serde_json::json;

/// Write a file to standard output as it is
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost vfs read /data/photo.png -w demo > photo.png\n  waypost vfs read /data/log --offset 1000 --size 200 -w demo"
)]
pub struct Read {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Where to begin, bytes
    #[arg(long, value_name = "BYTES")]
    pub offset: Option<u64>,
    /// At most so many bytes
    #[arg(long, value_name = "BYTES")]
    pub size: Option<u64>,
    #[command(flatten)]
    pub call: Call,
}

impl Read {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut arguments = json!({ "path": self.path });
        for (name, value) in [("offset", self.offset), ("size", self.size)] {
            if let Some(value) = value {
                arguments[name] = value.into();
            }
        }
        let whole = self.offset.is_none() && self.size.is_none() && !self.call.explain && !global.json;
        if whole && self.call.stream(global, output, &arguments).await? {
            return Ok(0);
        }
        let answer = self.call.ask(global, "read", arguments).await?;
        if global.json {
            output.json(&answer);
            return Ok(0);
        }
        print_bytes(&answer, "data_base64", self.call.explain, output)
    }
}

/// Bytes of an answer as they are; what `--explain` answers as JSON.
pub fn print_bytes(answer: &Value, name: &str, explained: bool, output: &Output) -> Result<u8, CliError> {
    if explained {
        output.json(answer);
        return Ok(0);
    }
    let bytes = answer.get(name).and_then(Value::as_str).and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.ok_or_else(|| CliError::new(ExitKind::Failure, format!("the answer has no {name}")))?;
    output.bytes(&bytes);
    Ok(0)
}
