//! One call of a utility: its arguments, files and streams, with the messages and exit codes that GNU's utilities share.

use super::options::{Options, Usage};
use super::quote::quote;
use async_trait::async_trait;
use bashkit::{Command, CommandContext, CommandStatus, Error, FileType, Metadata, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The longest output that waits in memory before it is passed on.
const BUFFER: usize = 64 << 10;
/// The most that is read from standard input at once.
pub const MAX_INPUT: usize = 512 << 20;
/// What a directory's own size is shown as, as on most filesystems.
pub const DIRECTORY_SIZE: u64 = 4096;
/// The block in which files take room.
pub const BLOCK: u64 = 4096;
/// The most lines of a text that is looked at line by line.
pub const MAX_LINES: usize = 8_000_000;
/// How deep directories may be nested where a utility walks them.
pub const MAX_DEPTH: usize = 500;

/// Why a utility ends before its end.
pub enum Stop {
    /// It was called wrongly: the message, and the hint at `--help`.
    Usage(String),
    /// It cannot go on, for this reason.
    Message(String),
    /// It ends with this exit code, having said why.
    Code(i32),
    /// The engine ends it.
    Engine(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<Usage> for Stop {
    fn from(usage: Usage) -> Self {
        Self::Usage(usage.0)
    }
}

/// The exit code of a utility that came to its end, or why it did not.
pub type Outcome = std::result::Result<i32, Stop>;

/// A utility in the manner of GNU's.
#[async_trait]
pub trait Utility: Send + Sync {
    /// The exit code of a wrong call and of an error that ends it.
    const TROUBLE: i32 = 1;

    /// Does its work.
    async fn run(&self, call: &mut Call<'_>) -> Outcome;
}

/// Makes a command of a [`Utility`].
pub struct Gnu<U>(pub U);

#[async_trait]
impl<U: Utility> Command for Gnu<U> {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let mut call = Call { ctx, out: Vec::new(), failed: 0 };
        let ended = self.0.run(&mut call).await;
        call.flush().await?;
        let code = match ended {
            Ok(0) => call.failed,
            Ok(code) | Err(Stop::Code(code)) => code,
            Err(Stop::Engine(error)) => return Err(error),
            Err(Stop::Message(message)) => {
                call.complain(message).await?;
                U::TROUBLE
            }
            Err(Stop::Usage(message)) => {
                let name = call.ctx.name;
                if !message.is_empty() {
                    call.complain(message).await?;
                }
                let prefix = if matches!(name, "diff" | "patch" | "cmp") { format!("{name}: ") } else { String::new() };
                call.error(format!("{prefix}Try '{name} --help' for more information.\n").as_bytes()).await?;
                U::TROUBLE
            }
        };
        Ok(CommandStatus::with_code(code))
    }
}

/// The call. What it prints is kept until it ends or is much, as a C library's output to a file is.
pub struct Call<'a> {
    /// What the engine gives.
    pub ctx: CommandContext<'a>,
    /// The exit code when nothing else decides: 0 until the first complaint.
    pub failed: i32,
    out: Vec<u8>,
}

impl Call<'_> {
    /// The options and operands; answers `--help` and `--version`.
    pub async fn options(&mut self, short: &str, long: &str) -> std::result::Result<Options, Stop> {
        let options = Options::parse(self.ctx.args, short, long)?;
        if let Some(text) = options.answer(self.ctx.name) {
            self.print(text.as_bytes()).await?;
            return Err(Stop::Code(0));
        }
        Ok(options)
    }

    /// Writes to standard output.
    pub async fn print(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.extend_from_slice(bytes);
        if self.out.len() > BUFFER { self.flush().await } else { Ok(()) }
    }

    /// Writes what waits.
    pub async fn flush(&mut self) -> Result<()> {
        let out = std::mem::take(&mut self.out);
        if out.is_empty() { Ok(()) } else { self.ctx.stdout.write_all(&out).await }
    }

    /// Writes to standard error.
    pub async fn error(&self, bytes: &[u8]) -> Result<()> {
        self.ctx.stderr.write_all(bytes).await
    }

    /// Says what went wrong, `NAME: message`, without an effect on the exit code.
    pub async fn warn(&self, message: impl AsRef<str>) -> Result<()> {
        self.error(format!("{}: {}\n", self.ctx.name, message.as_ref()).as_bytes()).await
    }

    /// [`Call::warn`], and the exit code is 1 unless it is another one already.
    pub async fn complain(&mut self, message: impl AsRef<str>) -> Result<()> {
        self.failed = self.failed.max(1);
        self.warn(message).await
    }

    /// An operand as an absolute path.
    pub fn path(&self, name: &str) -> PathBuf {
        resolve(self.ctx.cwd, name)
    }

    /// What is at `name`, links followed; the reason when nothing is.
    pub async fn stat(&self, name: &str) -> std::result::Result<Metadata, String> {
        if name.is_empty() {
            return Err(missing());
        }
        let found = self.ctx.fs.stat(&self.path(name)).await.map_err(|error| reason(&error))?;
        if name.ends_with('/') && !found.file_type.is_dir() {
            return Err("Not a directory".to_owned());
        }
        Ok(found)
    }

    /// What is at `name`, a link shown as a link unless a slash follows.
    pub async fn lstat(&self, name: &str) -> std::result::Result<Metadata, String> {
        if name.is_empty() {
            return Err(missing());
        }
        if name.len() > 1 && name.ends_with('/') {
            return self.stat(name).await;
        }
        self.ctx.fs.lstat(&self.path(name)).await.map_err(|error| reason(&error))
    }

    /// Whether a directory is at `name`, or a link to one.
    pub async fn is_dir(&self, name: &str) -> bool {
        self.stat(name).await.is_ok_and(|found| found.file_type.is_dir())
    }

    /// A file's bytes, standard input's for `-`; the reason when it cannot be read.
    pub async fn read(&self, name: &str) -> Result<std::result::Result<Vec<u8>, String>> {
        if name == "-" {
            return self.input().await.map(Ok);
        }
        match self.stat(name).await {
            Err(reason) => return Ok(Err(reason)),
            Ok(found) if found.file_type.is_dir() => return Ok(Err("Is a directory".to_owned())),
            Ok(_) => {}
        }
        Ok(self.ctx.fs.read_file(&self.path(name)).await.map_err(|error| reason(&error)))
    }

    /// [`Call::read`], saying `NAME: file: reason` when it cannot be.
    pub async fn read_or_complain(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        match self.read(name).await? {
            Ok(content) => Ok(Some(content)),
            Err(reason) => {
                self.complain(format!("{}: {reason}", quote_if_needed(name))).await?;
                Ok(None)
            }
        }
    }

    /// All of standard input.
    pub async fn input(&self) -> Result<Vec<u8>> {
        let mut input = Vec::new();
        while let Some(chunk) = self.ctx.stdin.read_chunk().await? {
            if input.len() + chunk.len() > MAX_INPUT {
                return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "the input is too long").into());
            }
            input.extend_from_slice(&chunk);
        }
        Ok(input)
    }

    /// Replaces a file's content, creating it when missing; the reason when it cannot be.
    pub async fn write(&self, name: &str, content: &[u8]) -> std::result::Result<(), String> {
        if name.ends_with('/') {
            let is_dir = self.is_dir(name).await;
            return Err(if is_dir { "Is a directory" } else { "Not a directory" }.to_owned());
        }
        self.ctx.fs.write_file(&self.path(name), content).await.map_err(|error| reason(&error))
    }

    /// Names in a directory with what they are, in byte order.
    pub async fn list(&self, name: &str) -> std::result::Result<Vec<(String, Metadata)>, String> {
        let entries = self.ctx.fs.read_dir(&self.path(name)).await.map_err(|error| reason(&error))?;
        let mut entries: Vec<_> = entries.into_iter().map(|entry| (entry.name, entry.metadata)).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(entries)
    }

    /// Text in the quotation marks of the locale, as GNU's utilities put around what is no file.
    pub fn curly(&self, text: &str) -> String {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.env(name).filter(|v| !v.is_empty()));
        let is_utf8 = locale.is_some_and(|locale| locale.to_lowercase().replace('-', "").ends_with("utf8"));
        if is_utf8 { format!("‘{text}’") } else { format!("'{text}'") }
    }

    /// A variable of the environment.
    pub fn env(&self, name: &str) -> Option<&str> {
        self.ctx.env.get(name).map(String::as_str)
    }

    /// The zone in which times are told: `TZ`, else UTC.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.env("TZ").and_then(|name| name.trim_start_matches(':').parse().ok()).unwrap_or(chrono_tz::UTC)
    }
}

/// Refuses a text with more lines than can be held.
pub fn countable(content: &[u8]) -> std::result::Result<&[u8], Stop> {
    if content.iter().filter(|byte| **byte == b'\n').count() > MAX_LINES {
        return Err(Stop::Message(format!("texts are limited to {MAX_LINES} lines here")));
    }
    Ok(content)
}

/// A point in time as the filesystem takes it: not before 1970, and none that the host cannot express.
pub fn system_time(seconds: i64, nanos: u32) -> SystemTime {
    let since = Duration::new(u64::try_from(seconds).unwrap_or(0), nanos);
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

fn missing() -> String {
    "No such file or directory".to_owned()
}

/// An operand as an absolute path.
pub fn resolve(cwd: &Path, name: &str) -> PathBuf {
    let joined = cwd.join(name);
    crate::workspace::mount::absolute(&joined).map_or(joined, PathBuf::from)
}

/// Why the engine could not do it, in the words of GNU.
pub fn reason(error: &Error) -> String {
    let text = error.to_string();
    text.trim_start_matches("io error: ").to_owned()
}

/// The name in quotes when it has characters that a shell would take otherwise.
pub fn quote_if_needed(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_@%+=:,./-~^#".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) { name.to_owned() } else { quote(name) }
}

/// A name in a directory.
pub fn join(dir: &str, name: &str) -> String {
    if dir.ends_with('/') { format!("{dir}{name}") } else { format!("{dir}/{name}") }
}

/// The last component of a path, without slashes at its end.
pub fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or_default() }
}

/// The size that `stat` shows.
pub fn size(found: &Metadata) -> u64 {
    if found.file_type == FileType::Directory { DIRECTORY_SIZE } else { found.size }
}

/// Room taken, in bytes, as a filesystem of 4 KiB blocks would.
pub fn room(found: &Metadata) -> u64 {
    match found.file_type {
        FileType::Directory => DIRECTORY_SIZE,
        FileType::Symlink => 0,
        _ => found.size.div_ceil(BLOCK) * BLOCK,
    }
}
