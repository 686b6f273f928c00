//! A network namespace: what is started in it sees only its own interfaces.

#![allow(unsafe_code, reason = "setns is called once, on a thread that ends with its work")]

use std::os::fd::AsRawFd as _;
use std::process::Command;
use tokio::runtime::Builder;

/// Gone with the value; what still runs in it keeps it until it ends.
pub struct Namespace {
    pub name: String,
}

impl Namespace {
    pub fn new(name: String) -> Self {
        run("ip", &["netns", "add", &name]);
        run("ip", &["-n", &name, "link", "set", "lo", "up"]);
        Self { name }
    }

    /// Does something on a thread of its own in the namespace. Processes and threads that it starts stay there.
    pub fn within<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let on_its_thread = || {
            self.enter();
            what()
        };
        std::thread::scope(|scope| match scope.spawn(on_its_thread).join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }

    /// The same for what waits.
    pub fn block_on<T: Send>(&self, what: impl AsyncFnOnce() -> T + Send) -> T {
        self.within(|| Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(what()))
    }

    fn enter(&self) {
        let file = std::fs::File::open(format!("/run/netns/{}", self.name)).expect("the namespace is there");
        // SAFETY: the descriptor is open, and the call changes nothing but where this thread's sockets are made.
        let entered = unsafe { libc::setns(file.as_raw_fd(), libc::CLONE_NEWNET) };
        assert_eq!(entered, 0, "cannot enter {}: {}", self.name, std::io::Error::last_os_error());
    }

    /// Replaces the packet filter's table of that name; rules that are empty remove it.
    pub fn filter(&self, table: &str, rules: &str) {
        let text = format!("table inet {table}\ndelete table inet {table}\n");
        let text = if rules.is_empty() { text } else { format!("{text}table inet {table} {{\n{rules}\n}}\n") };
        run("ip", &["netns", "exec", &self.name, "nft", &text]);
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
    }
}

/// Runs a program to its end and gives what it printed.
pub fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap_or_else(|no| panic!("{program} is needed: {no}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{program} {}: {}", args.join(" "), text(&output.stderr));
    text(&output.stdout)
}
