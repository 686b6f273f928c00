//! A user without root on a machine with some shell and some tools.

use super::releases::Releases;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The uid of `nobody`, whom the scripts run as when the test is root.
const NOBODY: u32 = 65534;

/// What `sh` is, and what else is there.
#[derive(Debug, Clone, Copy)]
pub enum Userland {
    /// Debian's: dash, curl, ssh-keygen, openssl.
    Dash,
    /// GNU bash in place of dash.
    Bash,
    /// busybox and openssl, nothing else.
    Busybox,
}

/// All of them.
pub const USERLANDS: [Userland; 3] = [Userland::Dash, Userland::Bash, Userland::Busybox];

pub struct Machine {
    dir: TempDir,
    shell: Vec<String>,
    path: String,
    pub releases: Releases,
    /// Variables that the script gets.
    pub env: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    /// Everything it printed.
    pub said: String,
}

impl Machine {
    pub fn new(userland: Userland) -> Self {
        let dir = tempfile::Builder::new().prefix("waypost-installer-").tempdir().unwrap();
        let releases = Releases::new(dir.path().join("releases"));
        let home = dir.path().join("home");
        fs::create_dir(&home).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // Where the repository is, the user may not read.
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("installer/install.sh");
        fs::copy(script, dir.path().join("install.sh")).unwrap();
        let (shell, path) = match userland {
            Userland::Dash => (vec!["dash".to_owned()], "/usr/bin:/bin".to_owned()),
            Userland::Bash => (vec!["bash".to_owned(), "--posix".to_owned()], "/usr/bin:/bin".to_owned()),
            Userland::Busybox => {
                let bin = dir.path().join("busybox");
                fs::create_dir(&bin).unwrap();
                let installed = Command::new("busybox").args(["--install", "-s"]).arg(&bin).status();
                assert!(installed.is_ok_and(|status| status.success()), "busybox is not here");
                let _ = fs::remove_file(bin.join("openssl"));
                symlink("/usr/bin/openssl", bin.join("openssl")).unwrap();
                (vec![bin.join("sh").display().to_string()], bin.display().to_string())
            }
        };
        let env = BTreeMap::from([
            ("WAYPOST_RELEASES".to_owned(), releases.dir()),
            ("WAYPOST_RELEASE_KEY".to_owned(), releases.public_key()),
        ]);
        let machine = Self { dir, shell, path, releases, env };
        machine.give(&home);
        machine
    }

    /// One with a version that can be installed.
    pub fn with_release(userland: Userland, version: &str) -> Self {
        let machine = Self::new(userland);
        machine.releases.add(version);
        machine
    }

    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// The installed program.
    pub fn program(&self) -> PathBuf {
        self.home().join(".local/bin/waypost")
    }

    /// A file that is not in the home.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Makes a path the user's.
    pub fn give(&self, path: &Path) {
        if is_root() {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    /// A directory with these tools of the machine alone, plus programs given as text.
    pub fn only_tools(&mut self, tools: &[&str], own: &[(&str, &str)]) {
        let bin = self.dir.path().join("tools");
        let _ = fs::remove_dir_all(&bin);
        fs::create_dir(&bin).unwrap();
        for tool in tools {
            let found = ["/usr/bin", "/bin"].iter().map(|dir| Path::new(dir).join(tool)).find(|path| path.exists());
            symlink(found.unwrap_or_else(|| panic!("{tool} is not here")), bin.join(tool)).unwrap();
        }
        for (name, text) in own {
            fs::write(bin.join(name), text).unwrap();
            fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.path = bin.display().to_string();
    }

    /// A program that comes before the machine's own.
    pub fn shadow(&mut self, name: &str, text: &str) {
        let machine = std::mem::take(&mut self.path);
        self.only_tools(&[], &[(name, text)]);
        self.path = format!("{}:{machine}", self.path);
    }

    /// The user's command, without arguments yet.
    pub fn command(&self, program: &[String]) -> Command {
        let mut words: Vec<String> = Vec::new();
        if is_root() {
            let drop = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
            words.extend(drop.map(str::to_owned));
        }
        words.extend(program.iter().cloned());
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", &self.path)
            .env("SHELL", "/bin/bash");
        command.envs(&self.env).current_dir(self.home());
        command
    }

    /// `sh install.sh ARGS`.
    pub fn install(&self, args: &[&str]) -> Ran {
        self.install_with(args, b"")
    }

    /// The same with something on standard input.
    pub fn install_with(&self, args: &[&str], stdin: &[u8]) -> Ran {
        let mut command = self.command(&self.shell());
        command.arg(self.script()).args(args);
        run(command, stdin)
    }

    /// `cat install.sh | sh -s -- ARGS`, with this text as the script.
    pub fn install_piped(&self, script: &[u8], args: &[&str]) -> Ran {
        let mut command = self.command(&self.shell());
        command.args(["-s", "--"]).args(args);
        run(command, script)
    }

    pub fn script(&self) -> PathBuf {
        self.dir.path().join("install.sh")
    }

    pub fn shell(&self) -> Vec<String> {
        let mut shell = self.shell.clone();
        if !shell[0].starts_with('/') {
            shell[0] = format!("/usr/bin/{}", shell[0]);
        }
        shell
    }

    /// Every path of the home with its inode, size and mode: equal listings mean that nothing was touched.
    pub fn listing(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut left = vec![self.home()];
        while let Some(dir) = left.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                let meta = fs::symlink_metadata(&path).unwrap();
                found.push(format!("{} {} {} {:o}", path.display(), meta.ino(), meta.len(), meta.mode()));
                if meta.is_dir() {
                    left.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The version that the installed program tells.
    pub fn installed(&self) -> Option<String> {
        let said = run(self.command(&[self.program().display().to_string(), "--version".to_owned()]), b"");
        (said.code == 0).then(|| said.said.trim().trim_start_matches("waypost ").to_owned())
    }
}

pub fn run(mut command: Command, stdin: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|failed| panic!("{command:?}: {failed}"));
    // A script that does not read it all is no failure.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ran { code: output.status.code().unwrap_or(-1), said }
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

impl Ran {
    /// It worked, and said all of this.
    pub fn worked(self, parts: &[&str]) -> Self {
        assert_eq!(self.code, 0, "{}", self.said);
        self.says(parts)
    }

    /// It failed with a reason and a way out, and said all of this.
    pub fn failed(self, parts: &[&str]) -> Self {
        assert_eq!(self.code, 1, "{}", self.said);
        self.says(parts)
    }

    fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.said.contains(part), "'{part}' is not in:\n{}", self.said);
        }
        self
    }
}
