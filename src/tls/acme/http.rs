//! The authority's HTTP over the client that the rest of the program uses.

use bytes::Bytes;
use hyper::{Request, Response};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use std::future::Future;
use std::pin::Pin;

/// The longest answer of an authority, bytes: a chain is a few thousand.
const LONGEST: usize = 1 << 20;

/// Calls to an authority.
pub(super) struct Http(pub(super) reqwest::Client);

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(axum::body::Body::new(body), LONGEST).await;
            let body = body.map_err(|failed| Error::Other(Box::new(failed)))?;
            let call = client.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
            let mut answer = call.send().await.map_err(other)?;
            let mut response = Response::new(());
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            let mut text = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(other)? {
                text.extend_from_slice(&chunk);
                if text.len() > LONGEST {
                    return Err(Error::Str("the answer is too long"));
                }
            }
            Ok(BytesResponse::from(response.map(|()| BodyWrapper::from(text))))
        })
    }
}

fn other(failed: reqwest::Error) -> Error {
    Error::Other(Box::new(failed))
}
