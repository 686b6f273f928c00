//! Changing a part of a file, which storage cannot do: read, then write on the condition that nobody wrote meanwhile.
//!
//! The library's own append is not used: on S3 it replaces the object.

use super::storage::{Storage, key};
use crate::workspace::mount::{errno, resized, spliced};
use bytes::{Bytes, BytesMut};
use opendal::options::WriteOptions;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// How often one that others overtook tries again.
const ATTEMPTS: u32 = 8;

impl Storage {
    /// Adds to a file's end, creating it when missing.
    pub(super) async fn append(&self, path: &str, added: &[u8]) -> io::Result<()> {
        let joined = |before: Option<&Bytes>| {
            let before = before.map_or(&[][..], |before| before);
            self.fits(before.len() as u64 + added.len() as u64)?;
            let mut content = BytesMut::with_capacity(before.len() + added.len());
            content.extend_from_slice(before);
            content.extend_from_slice(added);
            Ok(content.freeze())
        };
        self.change(path, joined).await
    }

    /// Replaces bytes of a file that is there.
    pub(super) async fn write_at(&self, path: &str, offset: u64, content: &[u8]) -> io::Result<()> {
        let replaced = |before: Option<&Bytes>| {
            let before = before.ok_or_else(|| errno(ErrorKind::NotFound))?;
            if !content.is_empty() {
                self.fits(offset.saturating_add(content.len() as u64))?;
            }
            spliced(before, offset, content)
        };
        self.change(path, replaced).await
    }

    /// Cuts or extends a file that is there.
    pub(super) async fn set_len(&self, path: &str, size: u64) -> io::Result<()> {
        let cut = |before: Option<&Bytes>| {
            let before = before.ok_or_else(|| errno(ErrorKind::NotFound))?;
            self.fits(size)?;
            resized(before, size)
        };
        self.change(path, cut).await
    }

    /// Puts what `change` makes of a file's content in its place; what it is given is none when nothing is there.
    async fn change(
        &self,
        path: &str,
        change: impl Fn(Option<&Bytes>) -> io::Result<Bytes> + Send + Sync,
    ) -> io::Result<()> {
        key(path)?;
        for attempt in 0..ATTEMPTS {
            let known = self.find(path).await?;
            let before = match &known {
                Some(known) if known.is_dir() => return Err(errno(ErrorKind::IsADirectory)),
                Some(known) => match self.content(path, known).await? {
                    Some(content) => Some(content),
                    None => continue,
                },
                None => None,
            };
            let content = change(before.as_ref())?;
            if before.is_none() {
                self.check_parent(path).await?;
            }
            let options = self.unless_changed(known.as_ref().map(|known| known.etag.as_deref()));
            match self.put(path, content.clone(), options).await {
                Ok(()) => return Ok(()),
                Err(error) if is_overtaken(&error) => {
                    // Its own first attempt, whose answer was lost, may be what overtook it.
                    if self.read(path).await.is_ok_and(|now| now == content) {
                        return Ok(());
                    }
                    let jitter = rand::random_range(10..50) * u64::from(attempt + 1);
                    tokio::time::sleep(Duration::from_millis(jitter)).await;
                }
                Err(error) => return Err(self.failed(error)),
            }
        }
        Err(io::Error::new(ErrorKind::ResourceBusy, "others keep changing it"))
    }

    /// The condition under which to write: the content is still the one of this mark, or nothing is there still. Storage
    /// that knows no conditions writes without.
    fn unless_changed(&self, etag: Option<Option<&str>>) -> WriteOptions {
        let capability = self.operator.info().capability();
        match etag {
            Some(Some(etag)) if capability.write_with_if_match => {
                WriteOptions { if_match: Some(format!("\"{etag}\"")), ..WriteOptions::default() }
            }
            None if capability.write_with_if_not_exists => {
                WriteOptions { if_not_exists: true, ..WriteOptions::default() }
            }
            _ => WriteOptions::default(),
        }
    }
}

fn is_overtaken(error: &opendal::Error) -> bool {
    use opendal::ErrorKind::{AlreadyExists, ConditionNotMatch, Conflict};
    matches!(error.kind(), AlreadyExists | ConditionNotMatch | Conflict)
}
