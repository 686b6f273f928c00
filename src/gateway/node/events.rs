//! `POST /jobs/{id}/events`: output while a job runs.

use super::stale;
use crate::base::unix_ms;
use crate::gateway::intake::Id;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::Appended;
use crate::wire::node::{Event, EventKind, EventsRequest, EventsResponse};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::sync::Arc;

pub(crate) async fn events(
    State(gateway): State<Arc<Gateway>>,
    Id(job_id): Id,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let (caller, request) = gateway
        .node_call(&headers, body, gateway.config.max_json_bytes, |request: &EventsRequest| &request.node_id)
        .await?;
    let appended = match request.epoch {
        Some(epoch) => gateway.append(&job_id, &caller.node.id, epoch, &request.events).await?,
        None => {
            let chunks = request.stream_events.unwrap_or_default();
            gateway.append_chunks(&job_id, &caller.node.id, chunks).await?
        }
    };
    match appended {
        Appended::Kept { next_seq, cancel_requested } => {
            ok(&EventsResponse { accepted: true, next_seq: Some(next_seq), cancel: cancel_requested })
        }
        Appended::Stale | Appended::Unknown => Err(stale(&job_id)),
    }
}

impl Gateway {
    async fn append(&self, job_id: &str, node_id: &str, epoch: u64, events: &[Event]) -> Result<Appended, Refusal> {
        Ok(self.store.append_events(job_id, node_id, epoch, events, self.lease_ttl_ms(), unix_ms()).await?)
    }

    /// Chat chunks of a protocol 1 node. They have no numbers, so they are numbered in the order of arrival.
    async fn append_chunks(&self, job_id: &str, node_id: &str, chunks: Vec<Value>) -> Result<Appended, Refusal> {
        let _numbering = self.numbering.lock().await;
        let Some(record) = self.store.job(job_id).await? else { return Ok(Appended::Unknown) };
        let begin = self.append(job_id, node_id, record.epoch, &[]).await?;
        let Appended::Kept { next_seq, .. } = begin else { return Ok(begin) };
        let numbered = (next_seq..).zip(&chunks);
        let events: Vec<_> = numbered
            .map(|(seq, chunk)| Event {
                seq,
                kind: EventKind::Progress,
                offset: 0,
                data: STANDARD.encode(chunk.to_string()),
            })
            .collect();
        self.append(job_id, node_id, record.epoch, &events).await
    }
}
