//! `PUT /jobs/{id}/answer?epoch=N&offset=K[&head=L]`: an answer's body while it is made, straight to the caller that waits.

use super::body::number;
use super::stale;
use crate::base::unix_ms;
use crate::gateway::auth::NodeCaller;
use crate::gateway::intake::{Id, Intake, query};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::streams::{Answering, Taken};
use crate::wire::node::{AnswerHead, LeaseClaim, LeaseState, PieceResponse};
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use bytes::{Bytes, BytesMut};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long one piece may take: what did not come by then is sent again, perhaps over a better connection.
const LONGEST: Duration = Duration::from_secs(20);
/// The longest head, bytes.
const MAX_HEAD: u64 = 1 << 20;

pub(crate) async fn answer(
    State(gateway): State<Arc<Gateway>>,
    Id(job_id): Id,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let caller = gateway.authenticate_node(&headers).await?;
    let query = query(raw.as_deref(), &["epoch", "offset", "head"])?;
    let [epoch, offset, head] = ["epoch", "offset", "head"].map(|name| number(&query, name));
    let (Some(epoch), Some(offset), head) = (epoch?, offset?, head?.unwrap_or_default()) else {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "the query has no `epoch` and `offset`"));
    };
    let Some(stream) = gateway.streams.get(&job_id) else { return Err(stale(&job_id)) };
    let answer = &stream.answer;
    let mut intake = Intake::new(&headers, body, u64::MAX);
    let (head, rest) = read_head(&mut intake, head).await?;
    if (head.is_some() && !holds(&gateway, &caller, &job_id, epoch).await?)
        || !answer.begin(&caller.node.id, epoch, head)
    {
        return Err(stale(&job_id));
    }
    match take(answer, offset, rest, intake).await {
        Some(next_offset) => ok(&PieceResponse { accepted: true, next_offset }),
        None => Err(stale(&job_id)),
    }
}

/// Whether the node runs that attempt. Asked once for each, because only who has begun an answer can go on with it. Nodes
/// begin such jobs without saying so: this is what says it, and from now on the lease lasts its full term.
pub(super) async fn holds(gateway: &Gateway, caller: &NodeCaller, job_id: &str, epoch: u64) -> Result<bool, Refusal> {
    let claim = LeaseClaim { job_id: job_id.to_owned(), epoch };
    let leases = gateway.store.renew(&caller.node.id, &[claim], gateway.lease_ttl_ms(), unix_ms()).await?;
    Ok(leases.first().is_some_and(|lease| lease.state != LeaseState::Stale))
}

/// The head, and what came with it of the body.
async fn read_head(intake: &mut Intake, size: u64) -> Result<(Option<AnswerHead>, Bytes), Refusal> {
    if size == 0 {
        return Ok((None, Bytes::new()));
    }
    if size > MAX_HEAD {
        return Err(Refusal::new(ErrorCode::PayloadTooLarge, format!("a head is limited to {MAX_HEAD} bytes")));
    }
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = BytesMut::new();
    while bytes.len() < size {
        match intake.next().await? {
            Some(chunk) => bytes.extend_from_slice(&chunk),
            None => return Err(Refusal::new(ErrorCode::InvalidRequest, "the piece is shorter than its head")),
        }
    }
    let rest = bytes.split_off(size).freeze();
    let head = serde_json::from_slice(&bytes)
        .map_err(|wrong| Refusal::new(ErrorCode::InvalidRequest, format!("the piece's head does not fit: {wrong}")))?;
    Ok((Some(head), rest))
}

/// Hands on what comes. Where to go on; none when nobody reads any more.
async fn take(answer: &Answering, mut offset: u64, first: Bytes, mut intake: Intake) -> Option<u64> {
    let deadline = Instant::now() + LONGEST;
    let mut chunk = first;
    loop {
        let size = chunk.len() as u64;
        let taken = if chunk.is_empty() { Taken::Yes } else { answer.take(offset, chunk).await };
        match taken {
            Taken::Yes => offset += size,
            Taken::Later => break,
            Taken::Gone => return None,
        }
        // What broke off is not an error here: its sender asks where to go on.
        chunk = match tokio::time::timeout_at(deadline, intake.next()).await {
            Ok(Ok(Some(chunk))) => chunk,
            _ => break,
        };
    }
    Some(answer.next())
}
