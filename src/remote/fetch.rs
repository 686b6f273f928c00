//! Reading: a file's content of exactly the version that its metadata is of.

use super::index::Known;
use super::storage::{PART, PARTS_AT_ONCE, Storage, key};
use crate::workspace::mount::errno;
use bytes::Bytes;
use opendal::options::ReadOptions;
use std::io::{self, ErrorKind};

/// How often a file that changes under the reader is begun anew.
const ATTEMPTS: usize = 4;

impl Storage {
    /// A file's content, cached or fetched.
    pub(super) async fn read(&self, path: &str) -> io::Result<Bytes> {
        let mut known = self.look(path).await?;
        for _ in 0..ATTEMPTS {
            if known.is_dir() {
                return Err(errno(ErrorKind::IsADirectory));
            }
            match self.content(path, &known).await? {
                Some(content) => return Ok(content),
                None => known = self.look_afresh(path).await?,
            }
        }
        Err(io::Error::new(ErrorKind::ResourceBusy, "others keep changing it"))
    }

    /// The content that `known` describes; none when it is another one by now.
    pub(super) async fn content(&self, path: &str, known: &Known) -> io::Result<Option<Bytes>> {
        let (cache, size) = (&self.cache, known.metadata.size);
        self.fits(size)?;
        let fingerprint = known.fingerprint();
        if let Some(content) = cache.files.get(&cache.prefix, path, &fingerprint) {
            return Ok(Some(content));
        }
        let content = match self.fetch(path, known).await {
            Ok(content) if content.len() as u64 == size => content,
            Ok(_) => return Ok(None),
            Err(error) => {
                use opendal::ErrorKind::{ConditionNotMatch, NotFound, RangeNotSatisfied};
                return match error.kind() {
                    ConditionNotMatch | NotFound | RangeNotSatisfied => Ok(None),
                    _ => Err(self.failed(error)),
                };
            }
        };
        cache.files.put(&cache.prefix, path, &fingerprint, content.clone());
        Ok(Some(content))
    }

    async fn fetch(&self, path: &str, known: &Known) -> opendal::Result<Bytes> {
        let size = known.metadata.size;
        if size == 0 {
            return Ok(Bytes::new());
        }
        let key = key(path).map_err(|error| opendal::Error::new(opendal::ErrorKind::NotFound, error.to_string()))?;
        let mut options = ReadOptions { content_length_hint: Some(size), ..ReadOptions::default() };
        if self.operator.info().capability().read_with_if_match {
            options.if_match = known.etag.as_ref().map(|etag| format!("\"{etag}\""));
        }
        if size > PART as u64 {
            options.chunk = Some(PART);
            options.concurrent = PARTS_AT_ONCE;
        }
        Ok(self.operator.read_options(&key, options).await?.to_bytes())
    }
}
