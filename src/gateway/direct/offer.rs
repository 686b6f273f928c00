//! A caller's body on its way to a node, which can be had back as long as nothing of it was read.

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use std::sync::{Arc, Mutex, PoisonError};

/// The body, until somebody reads it.
#[derive(Clone)]
pub(super) struct Offer(Arc<Mutex<Option<Body>>>);

impl Offer {
    pub(super) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Some(body))))
    }

    /// The body, when nothing of it was read.
    pub(super) fn take(&self) -> Option<Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Its bytes. The first look takes it.
    pub(super) fn stream(&self) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static + use<> {
        let offer = self.clone();
        stream::unfold(None::<BodyDataStream>, move |begun| {
            let chunks = begun.or_else(|| offer.take().map(Body::into_data_stream));
            async move {
                let mut chunks = chunks?;
                chunks.next().await.map(|chunk| (chunk, Some(chunks)))
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
}
