//! A short command: its end is waited for, and what it prints is kept.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes of each output that are kept; the rest is read and dropped.
const KEPT: u64 = 1 << 20;

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed on stdout, at most 1 MiB, with bytes that are no UTF-8 replaced.
    pub stdout: String,
    /// What it printed on stderr, the same way.
    pub stderr: String,
}

/// Runs `command` without input and waits for its end. Blocks.
///
/// # Errors
/// When it cannot be started, or with [`io::ErrorKind::TimedOut`] when it did not end in time; it is killed then.
pub fn run(command: &mut Command, patience: Duration) -> io::Result<Ran> {
    // A service's own line to its manager is not its children's.
    for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
        command.env_remove(name);
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let status = wait(&mut child, patience)?;
    Ok(Ran { status, stdout: text(stdout), stderr: text(stderr) })
}

/// A command line as a person would type it, for words about it.
pub fn shown(command: &Command) -> String {
    let word = |word: &OsStr| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_alphanumeric() || "-_./=:@%+,".contains(c);
        if !word.is_empty() && word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
    };
    std::iter::once(command.get_program()).chain(command.get_args()).map(word).collect::<Vec<_>>().join(" ")
}

fn wait(child: &mut Child, patience: Duration) -> io::Result<ExitStatus> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begun.elapsed() > patience {
            let _ = child.kill();
            let _ = child.wait();
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("no end within {} s", patience.as_secs())));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(KEPT).read_to_end(&mut kept);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        kept
    })
}

fn text(reader: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_does_not_get_the_line_to_the_service_manager() {
        let mut env = Command::new("env");
        env.env("NOTIFY_SOCKET", "/run/notify").env("WATCHDOG_USEC", "1").env("KEPT", "1");
        let ran = run(&mut env, Duration::from_secs(20)).unwrap();
        assert!(ran.stdout.contains("KEPT=1") && !ran.stdout.contains("NOTIFY") && !ran.stdout.contains("WATCHDOG"));
    }

    #[test]
    fn a_command_is_run_to_its_end_or_killed() {
        let mut echo = Command::new("sh");
        echo.args(["-c", "echo out; echo wrong >&2; exit 3"]);
        let ran = run(&mut echo, Duration::from_secs(20)).unwrap();
        assert_eq!((ran.status.code(), ran.stdout.as_str(), ran.stderr.as_str()), (Some(3), "out\n", "wrong\n"));
        assert_eq!(shown(&echo), "sh -c 'echo out; echo wrong >&2; exit 3'");
        let late = run(Command::new("sleep").arg("60"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        assert_eq!(run(&mut Command::new("/nowhere"), Duration::ZERO).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
