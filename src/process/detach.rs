//! Starting a process that outlives its parent and its terminal.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A program to start apart from this one.
#[derive(Debug, Clone)]
pub struct Detached {
    /// The program, absolute.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Where it works; so that it does not hold the caller's directory.
    pub dir: PathBuf,
    /// What it prints goes to the end of this file, which only the owner can read.
    pub log: PathBuf,
}

impl Detached {
    /// Starts it, without input. On Unix the program itself has to call [`leave_session`] first thing: until it has, an
    /// interrupt at the terminal ends it together with its parent, which then has not promised anything yet.
    ///
    /// # Errors
    /// When the log cannot be opened or the program cannot be started.
    pub fn spawn(&self) -> io::Result<Child> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let log = options.open(&self.log)?;
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.dir);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        apart(&mut command);
        command.spawn()
    }
}

#[cfg(windows)]
fn apart(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const DETACHED_PROCESS: u32 = 0x0000_0008;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
}

/// A process group of its own would be in the way: the leader of a group cannot begin a session.
#[cfg(not(windows))]
fn apart(_: &mut Command) {}

/// Makes this process the leader of a new session without a terminal. Elsewhere than on Unix there is nothing to do.
///
/// # Errors
/// When it leads a process group already.
pub fn leave_session() -> io::Result<()> {
    #[cfg(unix)]
    rustix::process::setsid()?;
    Ok(())
}
