//! A multipart body whose last part may be as long as it likes: it is sent as it is read.

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, RequestBuilder};
use std::io;

/// `multipart/form-data` in the making.
#[derive(Debug)]
pub struct Multipart {
    boundary: String,
    head: Vec<u8>,
}

impl Default for Multipart {
    fn default() -> Self {
        Self::new()
    }
}

impl Multipart {
    /// Without parts.
    pub fn new() -> Self {
        Self { boundary: format!("waypost-{:032x}", rand::random::<u128>()), head: Vec::new() }
    }

    /// Adds a part that is here. `file` and `media` are the program's own words, never a caller's.
    #[must_use]
    pub fn part(mut self, name: &str, file: &str, media: &str, content: &[u8]) -> Self {
        self.open(name, file, media);
        self.head.extend_from_slice(content);
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// The request with all parts so far.
    pub fn send_with(mut self, request: RequestBuilder) -> RequestBuilder {
        self.head.extend_from_slice(&self.end()[2..]);
        let media = self.media();
        request.header(CONTENT_TYPE, media).body(self.head)
    }

    /// The request with a last part that is read while it is sent; `size` is its length, if known.
    pub fn stream_with(
        mut self,
        request: RequestBuilder,
        (name, file, media): (&str, &str, &str),
        size: Option<u64>,
        content: impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static,
    ) -> RequestBuilder {
        self.open(name, file, media);
        let (media, end) = (self.media(), self.end());
        let length = size.map(|size| self.head.len() as u64 + size + end.len() as u64);
        let head = stream::once(async move { Ok(Bytes::from(self.head)) });
        let end = stream::once(async move { Ok(Bytes::from(end)) });
        let request = request.header(CONTENT_TYPE, media).body(Body::wrap_stream(head.chain(content).chain(end)));
        match length {
            Some(length) => request.header(CONTENT_LENGTH, length),
            None => request,
        }
    }

    fn open(&mut self, name: &str, file: &str, media: &str) {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {media}\r\n\r\n",
            self.boundary
        );
        self.head.extend_from_slice(head.as_bytes());
    }

    fn media(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    fn end(&self) -> Vec<u8> {
        format!("\r\n--{}--\r\n", self.boundary).into_bytes()
    }
}
