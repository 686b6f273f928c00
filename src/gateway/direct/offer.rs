//! A caller's body on its way to a node, which can be had back as long as nothing of it was read.

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

#[derive(Clone)]
pub(super) struct Offer {
    /// The body, until somebody reads it.
    body: Arc<Mutex<Option<Body>>>,
    /// Why no more of it came from its caller.
    broken: Arc<OnceLock<String>>,
}

impl Offer {
    pub(super) fn new(body: Body) -> Self {
        Self { body: Arc::new(Mutex::new(Some(body))), broken: Arc::default() }
    }

    /// The body, when nothing of it was read.
    pub(super) fn take(&self) -> Option<Body> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Why it broke off on its way from the caller, if it did: then whoever was to get it is not to blame.
    pub(super) fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// Its bytes. The first look takes it.
    pub(super) fn stream(&self) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static + use<> {
        let offer = self.clone();
        stream::unfold(None::<BodyDataStream>, move |begun| {
            let chunks = begun.or_else(|| offer.take().map(Body::into_data_stream));
            let broken = offer.broken.clone();
            async move {
                let mut chunks = chunks?;
                let chunk = chunks.next().await?;
                if let Err(failed) = &chunk {
                    let _ = broken.set(failed.to_string());
                }
                Some((chunk, Some(chunks)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_can_be_had_back_until_it_is_read() {
        let offer = Offer::new(Body::from("text"));
        let mut chunks = Box::pin(offer.stream());
        let back = offer.take().unwrap();
        assert!(chunks.next().await.is_none());
        let offer = Offer::new(back);
        let mut chunks = Box::pin(offer.stream());
        assert_eq!(chunks.next().await.unwrap().unwrap(), "text");
        assert!(offer.take().is_none());
        assert!(chunks.next().await.is_none());
    }

    #[tokio::test]
    async fn it_says_when_its_caller_broke_it_off() {
        let body = |chunks| Body::from_stream(stream::iter::<Vec<Result<&str, &str>>>(chunks));
        let offer = Offer::new(body(vec![Ok("te"), Err("gone")]));
        let mut chunks = Box::pin(offer.stream());
        assert!(chunks.next().await.unwrap().is_ok() && offer.broken().is_none());
        assert!(chunks.next().await.unwrap().is_err());
        assert_eq!(offer.broken(), Some("gone"));
    }
}
