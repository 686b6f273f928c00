//! A big download and a big upload through any door, by callers that wait as long as it takes.

use super::archive::Archive;
use super::support::http;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::Path;
use tokio_util::io::ReaderStream;

/// Puts the archive into a new workspace, at `/data`.
pub async fn upload(door: &str, token: &str, workspace: &str, archive: &Archive) {
    let file = tokio::fs::File::open(&archive.path).await.expect("the archive");
    let body = reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, 64 << 10));
    let response = http()
        .post(format!("{door}/v1/workspaces/load?id={workspace}&mount=/data"))
        .bearer_auth(token)
        .header("content-type", "application/x-tar")
        .header("content-length", archive.size)
        .body(body)
        .send()
        .await
        .unwrap_or_else(|failed| panic!("the upload of {workspace} got no answer: {failed:?}"));
    let status = response.status();
    let text = response.text().await.unwrap_or_else(|failed| panic!("the upload's answer broke off: {failed:?}"));
    assert_eq!(status, 201, "the upload of {workspace}: {text}");
}

/// Takes a snapshot of a workspace into a file and gives its SHA-256.
pub async fn download(door: &str, token: &str, workspace: &str, into: &Path) -> String {
    let response = http()
        .get(format!("{door}/v1/workspaces/{workspace}/snapshot"))
        .bearer_auth(token)
        .send()
        .await
        .unwrap_or_else(|failed| panic!("the download of {workspace} got no answer: {failed:?}"));
    let status = response.status();
    if !status.is_success() {
        panic!("the download of {workspace}: {status}: {}", response.text().await.unwrap_or_default());
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(into).expect("a file"));
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece
            .unwrap_or_else(|failed| panic!("the download of {workspace} broke off after {size} bytes: {failed:?}"));
        size += piece.len() as u64;
        hash.update(&piece);
        file.write_all(&piece).expect("written");
    }
    file.flush().expect("written");
    hex::encode(hash.finalize())
}
