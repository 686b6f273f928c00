//! A big download and a big upload through any door, by callers that wait as long as it takes.

use super::archive::Archive;
use super::support::http;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::Path;
use tokio_util::io::ReaderStream;

/// A door and what opens it.
#[derive(Debug, Clone)]
pub struct Caller {
    pub door: String,
    pub token: String,
}

impl Caller {
    /// Puts the archive into a new workspace, at `/data`.
    pub async fn upload(&self, workspace: &str, archive: &Archive) -> Result<(), String> {
        let file = tokio::fs::File::open(&archive.path).await.expect("the archive");
        let body = reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, 64 << 10));
        let request = http()
            .post(format!("{}/v1/workspaces/load?id={workspace}&mount=/data", self.door))
            .bearer_auth(&self.token)
            .header("content-type", "application/x-tar")
            .header("content-length", archive.size)
            .body(body);
        let response = request.send().await.map_err(|failed| format!("no answer: {failed:?}"))?;
        let status = response.status();
        let text = response.text().await.map_err(|failed| format!("the answer broke off: {failed:?}"))?;
        if status == 201 { Ok(()) } else { Err(format!("{status}: {text}")) }
    }

    /// Takes a snapshot of a workspace into a file and gives its SHA-256.
    pub async fn download(&self, workspace: &str, into: &Path) -> Result<String, String> {
        let request = http().get(format!("{}/v1/workspaces/{workspace}/snapshot", self.door)).bearer_auth(&self.token);
        let response = request.send().await.map_err(|failed| format!("no answer: {failed:?}"))?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("{status}: {}", response.text().await.unwrap_or_default()));
        }
        let mut file = std::io::BufWriter::new(std::fs::File::create(into).expect("a file"));
        let (mut hash, mut size) = (Sha256::new(), 0_u64);
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|failed| format!("it broke off after {size} bytes: {failed:?}"))?;
            size += piece.len() as u64;
            hash.update(&piece);
            file.write_all(&piece).expect("written");
        }
        file.flush().expect("written");
        Ok(hex::encode(hash.finalize()))
    }
}
