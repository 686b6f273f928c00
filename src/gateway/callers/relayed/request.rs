//! What a relayed request brings: its parameters, and its body or where that is to be had.

use crate::gateway::intake::Intake;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::streams::Stream;
use crate::wire::node::BodyRef;
use crate::wire::v1::http::{Route, boundary, decode, decode_parts, is_archive};
use crate::wire::v1::{BodyKind, OperationRequest};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::stream;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What a request brought.
pub(super) enum Brought {
    /// Nothing, or a body that is at hand.
    Here(Option<BodyRef>),
    /// A body that goes to the node while it comes.
    Comes(Intake),
}

impl Brought {
    pub(super) fn into_parts(self) -> (Option<BodyRef>, Option<Intake>) {
        match self {
            Self::Here(body) => (body, None),
            Self::Comes(intake) => {
                let size = intake.announced().unwrap_or_default();
                (Some(BodyRef { size, stream: true, ..BodyRef::default() }), Some(intake))
            }
        }
    }
}

/// Reads the request. An archive on its own goes through while it comes; one among other parts is kept first, because the
/// parts behind it say what it is for; everything else is taken apart in memory.
pub(super) async fn read(
    gateway: &Gateway,
    route: Route,
    query: Option<&str>,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Result<(OperationRequest, Brought), Refusal> {
    let config = &gateway.config;
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    if route.operation.body == BodyKind::Archive {
        if media.is_some_and(is_archive) {
            let request = decode(route, query, media, Bytes::new()).await?;
            // How long an archive may be is its node's to say.
            return Ok((request, Brought::Comes(Intake::new(headers, body, u64::MAX))));
        }
        if let Some(boundary) = boundary(route.operation, media) {
            let intake = Intake::new(headers, body, config.max_body_bytes);
            let (request, stored) = parts(gateway, route, query, boundary, intake).await?;
            return Ok((request, Brought::Here(Some(stored))));
        }
    }
    let multipart = media.is_some_and(|media| media.trim_start().starts_with("multipart/"));
    let limit = if multipart { config.max_multipart_bytes } else { config.max_json_bytes };
    let bytes = Intake::new(headers, body, limit as u64).all().await?;
    let mut request = decode(route, query, media, bytes).await?;
    let body = gateway.blobs.refer(std::mem::take(&mut request.body)).await?;
    Ok((request, Brought::Here(body)))
}

/// A request in parts, its archive kept on disk.
async fn parts(
    gateway: &Gateway,
    route: Route,
    query: Option<&str>,
    boundary: String,
    intake: Intake,
) -> Result<(OperationRequest, BodyRef), Refusal> {
    let mut archive = gateway.blobs.begin()?;
    let chunks = stream::unfold(Some(intake), async |intake| {
        let mut intake = intake?;
        match intake.next().await {
            Ok(chunk) => Some((Ok(chunk?), Some(intake))),
            Err(refusal) => Some((Err(refusal.failure), None)),
        }
    });
    let request = decode_parts(route, query, boundary, chunks, &mut archive).await?;
    Ok((request, gateway.blobs.finish(archive).await?.into_ref()))
}

/// A caller's body on its way into the window that its node reads.
pub(super) struct Upload {
    task: JoinHandle<Result<(), Refusal>>,
    stream: Arc<Stream>,
}

impl Upload {
    pub(super) fn start(stream: Arc<Stream>, mut intake: Intake) -> Self {
        let task = tokio::spawn({
            let stream = stream.clone();
            async move {
                let Some(window) = &stream.request else { return Ok(()) };
                loop {
                    let chunk = intake.next().await.inspect_err(|_| window.end(false))?;
                    let Some(chunk) = chunk else { break };
                    if !window.push(chunk).await {
                        intake.swallow().await;
                        break;
                    }
                }
                window.end(true);
                Ok(())
            }
        });
        Self { task, stream }
    }

    /// Ends when the body has broken off, and else never.
    pub(super) async fn failed(upload: &mut Option<Self>) -> Refusal {
        if let Some(Self { task, .. }) = upload
            && let Ok(Err(refusal)) = task.await
        {
            return refusal;
        }
        std::future::pending().await
    }

    /// The node needs no more of it: reads on for a moment, so that its sender gets to read the answer.
    pub(super) async fn give_up(mut self) {
        if let Some(window) = &self.stream.request {
            window.end(false);
        }
        if !self.task.is_finished() {
            let _ = (&mut self.task).await;
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.task.abort();
    }
}
