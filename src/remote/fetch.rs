//! Reading: a file's content of exactly the version that its metadata is of.

use super::index::Known;
use super::storage::{PART, PARTS_AT_ONCE, Storage, key};
use crate::workspace::mount::errno;
use bytes::Bytes;
use opendal::options::ReadOptions;
use std::io::{self, ErrorKind};
use std::ops::Range;

/// How often a file that changes under the reader is begun anew.
const ATTEMPTS: usize = 4;

impl Storage {
    /// A file's content, cached or fetched.
    pub(super) async fn read(&self, path: &str) -> io::Result<Bytes> {
        self.read_at(path, 0, u64::MAX).await
    }

    /// At most `size` bytes of a file from `offset` on, without fetching the rest where the storage can do that.
    pub(super) async fn read_at(&self, path: &str, offset: u64, size: u64) -> io::Result<Bytes> {
        let mut known = self.look(path).await?;
        for _ in 0..ATTEMPTS {
            if known.is_dir() {
                return Err(errno(ErrorKind::IsADirectory));
            }
            let all = known.metadata.size;
            let range = offset.min(all)..offset.saturating_add(size).min(all);
            match self.piece(path, &known, range).await? {
                Some(piece) => return Ok(piece),
                None => known = self.look_afresh(path).await?,
            }
        }
        Err(io::Error::new(ErrorKind::ResourceBusy, "others keep changing it"))
    }

    /// A part of the content that `known` describes; none when it is another one by now. What is fetched for it is not
    /// cached, since only whole files are.
    async fn piece(&self, path: &str, known: &Known, range: Range<u64>) -> io::Result<Option<Bytes>> {
        let cached = || self.cache.files.get(&self.cache.prefix, path, &known.fingerprint());
        let is_marked = known.etag.is_some() && self.operator.info().capability().read_with_if_match;
        if (range == (0..known.metadata.size)) || !is_marked || cached().is_some() {
            let whole = self.content(path, known).await?;
            return Ok(whole.map(|whole| whole.slice(range.start as usize..range.end as usize)));
        }
        let length = range.end - range.start;
        self.fits(length)?;
        self.received(self.fetch(path, known, range).await, length)
    }

    /// The content that `known` describes; none when it is another one by now.
    pub(super) async fn content(&self, path: &str, known: &Known) -> io::Result<Option<Bytes>> {
        let (cache, size) = (&self.cache, known.metadata.size);
        self.fits(size)?;
        let fingerprint = known.fingerprint();
        if let Some(content) = cache.files.get(&cache.prefix, path, &fingerprint) {
            return Ok(Some(content));
        }
        let content = self.received(self.fetch(path, known, 0..size).await, size)?;
        if let Some(content) = &content {
            cache.files.put(&cache.prefix, path, &fingerprint, content.clone());
        }
        Ok(content)
    }

    /// What came, if it is of the version that was asked for.
    fn received(&self, fetched: opendal::Result<Bytes>, length: u64) -> io::Result<Option<Bytes>> {
        use opendal::ErrorKind::{ConditionNotMatch, NotFound, RangeNotSatisfied};
        match fetched {
            Ok(content) => Ok(Some(content).filter(|content| content.len() as u64 == length)),
            Err(error) if matches!(error.kind(), ConditionNotMatch | NotFound | RangeNotSatisfied) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn fetch(&self, path: &str, known: &Known, range: Range<u64>) -> opendal::Result<Bytes> {
        let size = range.end - range.start;
        if size == 0 {
            return Ok(Bytes::new());
        }
        let key = key(path).map_err(|error| opendal::Error::new(opendal::ErrorKind::NotFound, error.to_string()))?;
        let is_whole = size == known.metadata.size;
        let mut options = ReadOptions { content_length_hint: Some(known.metadata.size), ..ReadOptions::default() };
        if !is_whole {
            options.range = range.into();
        }
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
