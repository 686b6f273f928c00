//! Calls that write content.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::wire::v1::http::MAX_JSON_BYTES;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::json;
use std::io::{IsTerminal, Read};

/// The longest content that fits in a request, bytes: it is sent in base64.
const LONGEST: u64 = (MAX_JSON_BYTES as u64 - 64 * 1024) / 4 * 3;

/// Arguments of calls that write all of a content.
#[derive(Debug, Args)]
pub struct Content {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// What to write [default: standard input]
    #[arg(long, value_name = "TEXT")]
    pub data: Option<String>,
    #[command(flatten)]
    pub call: Call,
}

impl Content {
    async fn send(self, global: &Global, output: &Output, name: &str) -> Result<u8, CliError> {
        let data = STANDARD.encode(content(self.data.as_deref(), "--data")?);
        let arguments = json!({ "path": self.path, "data_base64": data });
        self.call.change(global, output, name, arguments).await
    }
}

/// Write a file, in place of what it holds, from --data or standard input
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost vfs write /data/a.txt --data hello -w demo\n  waypost vfs write /data/a.bin -w demo < a.bin"
)]
pub struct Write {
    #[command(flatten)]
    pub content: Content,
}

impl Write {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.content.send(global, output, "write").await
    }
}

/// Add to the end of a file, from --data or standard input
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost vfs append /data/a.txt --data hello -w demo\n  waypost vfs append /data/a.bin -w demo < a.bin"
)]
pub struct Append {
    #[command(flatten)]
    pub content: Content,
}

impl Append {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.content.send(global, output, "append").await
    }
}

/// Write into the middle of a file, from --data or standard input
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost vfs pwrite /data/a.bin 512 -w demo < block")]
pub struct Pwrite {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Where to begin, bytes
    #[arg(value_name = "OFFSET")]
    pub offset: u64,
    /// What to write [default: standard input]
    #[arg(long, value_name = "TEXT")]
    pub data: Option<String>,
    #[command(flatten)]
    pub call: Call,
}

impl Pwrite {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let data = STANDARD.encode(content(self.data.as_deref(), "--data")?);
        let arguments = json!({ "path": self.path, "offset": self.offset, "data_base64": data });
        self.call.change(global, output, "pwrite", arguments).await
    }
}

/// The bytes of an option, or of standard input to its end.
pub fn content(given: Option<&str>, option: &str) -> Result<Vec<u8>, CliError> {
    if let Some(text) = given {
        return Ok(text.as_bytes().to_vec());
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(CliError::new(ExitKind::Usage, "there is nothing to write")
            .hint(format!("give it with {option}, or on standard input")));
    }
    let mut bytes = Vec::new();
    let read = stdin.lock().take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(|failed| CliError::new(ExitKind::Failure, format!("standard input cannot be read: {failed}")))?;
    if bytes.len() as u64 > LONGEST {
        return Err(CliError::new(ExitKind::Usage, format!("standard input has more than {LONGEST} bytes"))
            .hint("cut it and `vfs append` the rest, or pack it: `waypost workspace load` takes a tar of any size"));
    }
    Ok(bytes)
}
