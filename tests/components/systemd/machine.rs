//! A box: a machine with a real systemd, thrown away with the test.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// What boxes boot from: systemd 252 and 257, each with and without polkitd.
pub const ROOTS: [&str; 4] = ["bookworm", "bookworm-polkitd", "trixie", "trixie-polkitd"];

/// Where people's programs are looked for.
const DIRECTORIES: [&str; 7] =
    ["/etc", "/home", "/opt", "/root", "/usr/local", "/var/lib/systemd/linger", "/var/lib/waypost"];

/// A booted box.
pub struct Machine {
    pub name: String,
    pub root: &'static str,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Machine {
    /// Boots one with nobody logged in.
    pub fn boot(root: &'static str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wp{}x{count}", std::process::id());
        let machine = Self { name, root };
        let dir = roots().join(root);
        assert!(dir.join(".built").exists(), "{} is not there: run tests/boxes/roots.sh", dir.display());
        // Booting prepares a disk of this machine's mounts; one at a time.
        static BOOTING: Mutex<()> = Mutex::new(());
        let guard = BOOTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        machine.script(&["up", dir.to_str().unwrap(), &machine.name], b"").worked();
        drop(guard);
        // The user's manager ends a second after the last logout instead of ten.
        machine.root("mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nUserStopDelaySec=1\\n' > /etc/systemd/logind.conf.d/x.conf && systemctl restart systemd-logind").worked();
        machine
    }

    /// Whether a user may switch linger on for himself.
    pub fn has_polkit(&self) -> bool {
        self.root.ends_with("-polkitd")
    }

    fn script(&self, args: &[&str], stdin: &[u8]) -> Ran {
        run(Self::command(args), stdin)
    }

    fn command(args: &[&str]) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boxes/systemd-box.sh");
        let mut command = Command::new(script);
        command.args(args).env("BOX_NET", "own");
        command
    }

    /// A script as root in the box.
    pub fn root(&self, script: &str) -> Ran {
        self.script(&["root", &self.name, "sh", "-c", script], b"")
    }

    /// The command of the box's script for a user: `user` (a login session) or `userbare` (none).
    pub fn as_user(&self, how: &str, user: &str, uid: u32, args: &[&str]) -> Command {
        let mut command = Self::command(&[how, &self.name]);
        command.args(args).env("BOX_USER", user).env("BOX_UID", uid.to_string());
        command
    }

    /// A new account.
    pub fn add_user(&self, user: &str, uid: u32, home: &str) {
        self.script(&["adduser", &self.name, user, &uid.to_string(), home], b"").worked();
    }

    /// The program, root's own file, in the box.
    pub fn put_program(&self, path: &str) {
        self.put(program().to_str().unwrap(), path);
    }

    /// A file of this machine as root's own file in the box.
    pub fn put(&self, file: &str, path: &str) {
        self.script(&["put", &self.name, file, path], b"").worked();
    }

    pub fn reboot(&self) {
        self.script(&["reboot", &self.name], b"").worked();
    }

    /// Power is cut, and comes back.
    pub fn power_cut(&self) {
        self.script(&["crash", &self.name], b"").worked();
    }

    /// The name of the network namespace, for `nsenter`.
    pub fn network(&self) -> String {
        format!("/run/netns/wpbox-{}", self.name)
    }

    /// What is on its disk where programs leave something: path, kind, mode, owner and what is in it.
    pub fn listing(&self) -> Vec<String> {
        let script = format!(
            "for dir in {}; do [ -e $dir ] || continue; find $dir -xdev -printf '%p %y %m %u %l\\n'; \
             find $dir -xdev -type f -exec sha256sum {{}} +; done | sort",
            DIRECTORIES.join(" ")
        );
        self.root(&script).worked().out.lines().map(str::to_owned).collect()
    }

    /// Processes of the program.
    pub fn processes(&self) -> String {
        self.root("pgrep -a -x waypost || :").worked().out
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = self
                .root("journalctl --no-pager -q -n 400 _COMM=waypost + _COMM=systemd | grep -i waypost | grep -v systemd-run | tail -n 60");
            eprintln!("== the last of {} ({})\n{}", self.name, self.root, last.out);
        }
        let down = self.script(&["down", &self.name], b"");
        if down.code != 0 {
            eprintln!("{} was not taken down: {}", self.name, down.err);
        }
    }
}

/// The roots that a run is about.
pub fn chosen_roots() -> Vec<&'static str> {
    let only = std::env::var("WAYPOST_ROOT").ok();
    ROOTS.into_iter().filter(|root| only.as_deref().is_none_or(|only| only == *root)).collect()
}

fn roots() -> PathBuf {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci/roots");
    std::env::var_os("WAYPOST_ROOTS").map_or(usual, PathBuf::from)
}

/// The binary under test without what debuggers want of it: it is copied into every box.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let stripped = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("waypost-{}", std::process::id()));
        let stripping = Command::new("strip").arg("-o").arg(&stripped).arg(env!("CARGO_BIN_EXE_waypost")).status();
        assert!(stripping.is_ok_and(|status| status.success()), "strip (binutils) is needed");
        stripped
    })
}

/// Runs a command to its end with something on its standard input.
pub fn run(mut command: Command, stdin: &[u8]) -> Ran {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child: Child = child.unwrap_or_else(|failed| panic!("{command:?}: {failed}"));
    // A command that does not read it all is no failure.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

impl Ran {
    #[track_caller]
    pub fn worked(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|no| panic!("{no}: {}\n{}", self.out, self.err))
    }
}
