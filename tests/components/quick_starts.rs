//! The two quick starts that existing documents have, typed into a shell as they stand there, only with our program's name
//! and with another port than the usual one, which may be taken. Nothing is prepared but an empty home.

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

const CLI: &str = "
waypost workspace create ws.yaml --id demo
waypost execute --workspace demo --command 'echo hello > /data/hello.txt && cat /data/hello.txt'
waypost workspace snapshot demo demo.tar
";

const CURL: &str = r#"
curl -fsSL http://127.0.0.1:8765/v1/health
curl -fsSL http://127.0.0.1:8765/v1/workspaces -H 'Content-Type: application/json' \
  --data '{"id":"demo","config":{"mounts":{"/data":{"type":"ram"}},"mode":"write"}}'
curl -fsSL http://127.0.0.1:8765/v1/workspaces/demo/execute -H 'Content-Type: application/json' \
  --data '{"command":"echo hello > /data/hello.txt && cat /data/hello.txt"}'
"#;

/// A new user: a home with nothing in it, and the program in the path.
struct User {
    home: tempfile::TempDir,
    port: u16,
}

impl User {
    fn new() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { home: tempfile::tempdir().unwrap(), port }
    }

    /// Types lines into a shell that gives up at the first failure, and gives what they print.
    fn types(&self, lines: &str) -> String {
        let bin = Path::new(env!("CARGO_BIN_EXE_waypost")).parent().unwrap();
        let mut shell = Command::new("sh")
            .args(["-e", "-c", &lines.replace("8765", &self.port.to_string())])
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()))
            .env("WAYPOST_DAEMON_PORT", self.port.to_string())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut printed = String::new();
        shell.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        let status = shell.wait().unwrap();
        assert!(status.success(), "{status}: {printed}");
        printed
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = Command::new(env!("CARGO_BIN_EXE_waypost"))
            .args(["daemon", "kill"])
            .env_clear()
            .env("HOME", self.home.path())
            .env("WAYPOST_DAEMON_PORT", self.port.to_string())
            .output();
    }
}

#[test]
fn the_one_with_the_command_line_works_as_written() {
    let user = User::new();
    std::fs::write(user.home.path().join("ws.yaml"), "mounts:\n  /data:\n    resource: ram\nmode: write\n").unwrap();
    let printed = user.types(CLI);
    assert!(printed.contains("hello\n") && printed.contains("demo.tar"), "{printed}");
    assert!(user.types("tar tf demo.tar").contains("manifest.json"));
}

#[test]
fn the_one_with_curl_works_as_written() {
    let user = User::new();
    user.types("waypost daemon start");
    let printed = user.types(CURL);
    for part in [r#""status":"ok""#, r#""prefix":"/data/""#, r#""stdout":"hello\n""#] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}
