//! Answers' bodies on disk, until the gateway has them.

use crate::base::sha256_hex;
use crate::jobs::AnswerStream;
use crate::wire::node::AnswerBody;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A body on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Spooled {
    /// The file's name in the outbox.
    pub(super) file: String,
    /// What the result says of it.
    pub(super) body: AnswerBody,
}

/// Takes a body to disk as it is made. With `durable`, it survives a power cut. Nothing is left when it breaks off.
pub(super) async fn spool(
    outbox: &Path,
    job_id: &str,
    epoch: u64,
    stream: AnswerStream,
    durable: bool,
) -> io::Result<Spooled> {
    let file = format!("{}-{epoch}.body", safe(job_id));
    let path = outbox.join(&file);
    let taken = tokio::task::spawn_blocking({
        let path = path.clone();
        move || take(&path, stream, durable)
    });
    let body = match taken.await.map_err(io::Error::other).and_then(|taken| taken) {
        Ok(body) => body,
        Err(failed) => {
            let _ = tokio::fs::remove_file(&path).await;
            return Err(failed);
        }
    };
    Ok(Spooled { file, body })
}

fn take(path: &PathBuf, mut stream: AnswerStream, durable: bool) -> io::Result<AnswerBody> {
    let mut file = File::create(path)?;
    let mut hash = Sha256::new();
    let mut size = 0u64;
    while let Some(chunk) = stream.chunks.blocking_recv() {
        let chunk = chunk?;
        file.write_all(&chunk)?;
        hash.update(&chunk);
        size += chunk.len() as u64;
    }
    if stream.size.is_some_and(|announced| announced != size) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer broke off"));
    }
    if durable {
        file.sync_all()?;
    }
    let (sha256, content_type) = (hex::encode(hash.finalize()), stream.content_type.to_owned());
    Ok(AnswerBody { size, sha256, content_type, base64: None })
}

/// A job's id comes from outside: as a file's name it must not lead anywhere.
fn safe(job_id: &str) -> String {
    let plain = job_id.len() <= 100
        && !job_id.is_empty()
        && job_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if plain { job_id.to_owned() } else { format!("h{}", &sha256_hex(job_id.as_bytes())[..32]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use tokio::sync::mpsc;

    fn stream(chunks: Vec<io::Result<Bytes>>) -> AnswerStream {
        let (send, receive) = mpsc::channel(8);
        for chunk in chunks {
            send.try_send(chunk).unwrap();
        }
        AnswerStream { content_type: "application/x-tar", size: None, chunks: receive }
    }

    #[tokio::test]
    async fn a_body_is_kept_whole_or_not_at_all_and_stays_in_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        let good = stream(vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"c"))]);
        let spooled = spool(dir.path(), "../../etc/passwd", 3, good, true).await.unwrap();
        assert_eq!(std::fs::read(dir.path().join(&spooled.file)).unwrap(), b"abc");
        assert_eq!((spooled.body.size, spooled.body.sha256), (3, sha256_hex(b"abc")));

        let broken = stream(vec![Ok(Bytes::from_static(b"ab")), Err(io::Error::other("cut"))]);
        spool(dir.path(), "job_1", 1, broken, true).await.unwrap_err();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
