//! A request's body as these routes need it.

use super::refusal::Refusal;
use super::service::Mswarm;
use crate::api::body::{self, Incoming};
use axum::body::Body;
use bytes::Bytes;
use hyper::body::Body as _;
use hyper::header::EXPECT;
use hyper::http::request::Parts;
use serde::de::DeserializeOwned;
use tokio::sync::SemaphorePermit;

/// The longest body of a route that needs none.
const SMALL: usize = 64 << 10;

impl Mswarm {
    /// The whole body, of at most `limit` bytes, with its share of the room for bodies.
    ///
    /// # Errors
    /// 413 for a longer one; 400 for one that breaks off.
    pub(super) async fn read(
        &self,
        head: &Parts,
        body: Body,
        limit: usize,
    ) -> Result<(Bytes, Option<SemaphorePermit<'_>>), Refusal> {
        let room = self.bodies.take(body.size_hint(), limit).await;
        let asks_first = head.headers.contains_key(EXPECT);
        let incoming = Incoming::new(body, limit as u64, self.options.body_timeout, asks_first);
        Ok((body::read(incoming).await?, room))
    }

    /// A body that nobody needs: callers send none, `{}`, or what their library sends.
    pub(super) async fn ignore(&self, head: &Parts, body: Body) -> Result<(), Refusal> {
        self.read(head, body, SMALL).await.map(drop)
    }
}

/// A body as JSON.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|wrong| Refusal::invalid("malformed_json", format!("the body is not what this route takes: {wrong}")))
}

/// A number in the query.
pub(super) fn number(query: Option<&str>, name: &str) -> Option<usize> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok())
}
