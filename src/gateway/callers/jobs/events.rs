//! `GET /v1/jobs/{id}/events`: a job's output as it comes, as server-sent events; `Last-Event-ID: epoch.seq` resumes.
//!
//! The last event is always `end`, unless the reader said `follow=false`: then the stream ends with what there is. A stream that ends without it was cut (e.g. the gateway restarts): resume.

use crate::gateway::intake::{Id, query};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::shared::Gateway;
use crate::gateway::store::{JobRecord, StoredEvent};
use crate::gateway::wake::JobWait;
use crate::wire::gateway::{JobEvent, JobState, Scope};
use crate::wire::node::EventKind;
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// How often a silent stream shows that it is alive.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// Events read at a time.
const PAGE: u32 = 256;

pub(crate) async fn events(
    State(gateway): State<Arc<Gateway>>,
    Id(id): Id,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let stay = query(raw.as_deref(), &["follow"])?.get("follow").is_none_or(|value| value != "false");
    let after = last_event_id(&headers)?;
    let changes = gateway.wake.job(&id);
    gateway.seen_job(&key, &id).await?;
    let epoch = after.map_or(0, |(epoch, _)| epoch);
    let follow = Follow { gateway, id, after, epoch, state: None, changes, stay, done: false };
    let body = Body::from_stream(stream::unfold(follow, |mut follow| async move {
        let chunk = follow.next().await?;
        Some((Ok::<_, Infallible>(chunk), follow))
    }));
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, [("x-accel-buffering", "no")], body).into_response())
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<(u64, u64)>, Refusal> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let parts = value.to_str().ok().and_then(|id| id.trim().split_once('.'));
    match parts.map(|(epoch, seq)| (epoch.parse(), seq.parse())) {
        Some((Ok(epoch), Ok(seq))) => Ok(Some((epoch, seq))),
        _ => Err(Refusal::new(ErrorCode::InvalidRequest, "Last-Event-ID is not of the form `epoch.seq`")),
    }
}

/// One reader of a job.
struct Follow {
    gateway: Arc<Gateway>,
    id: String,
    /// The last event that was sent.
    after: Option<(u64, u64)>,
    /// The attempt that the reader knows of.
    epoch: u64,
    /// The state that the reader knows of.
    state: Option<JobState>,
    changes: JobWait,
    /// Whether the reader waits for more.
    stay: bool,
    done: bool,
}

impl Follow {
    /// The next piece of the stream; none at its end.
    async fn next(&mut self) -> Option<Bytes> {
        if self.done {
            return None;
        }
        loop {
            match self.read().await {
                Ok(text) if !text.is_empty() => return Some(text.into()),
                Ok(_) if self.done => return None,
                Ok(_) => {}
                Err(refusal) => {
                    // Headers are sent: all that is left is to end, and the reader resumes.
                    tracing::warn!(job_id = self.id, cause = refusal.cause.as_deref(), "events cut short");
                    return None;
                }
            }
            tokio::select! {
                () = self.changes.changed() => {}
                () = tokio::time::sleep(COMMENT_EVERY) => return Some(Bytes::from_static(b":\n\n")),
                () = self.gateway.shutdown.draining().cancelled() => return None,
            }
        }
    }

    async fn read(&mut self) -> Result<String, Refusal> {
        // The job before its events: when it has ended here, all its events are there below.
        let record = self.gateway.known_job(&self.id).await?;
        let events = self.gateway.store.events(&self.id, self.after, PAGE).await?;
        let all = events.len() < PAGE as usize;
        let mut text = String::new();
        for event in events {
            self.attempt(&mut text, event.epoch);
            self.after = Some((event.epoch, event.seq));
            write_event(&mut text, &event);
        }
        if all {
            self.attempt(&mut text, record.epoch);
            if self.state.replace(record.state) != Some(record.state) && !record.state.is_terminal() {
                write(&mut text, "state", None, &json!({"state": record.state, "epoch": record.epoch}));
            }
            if record.state.is_terminal() {
                self.end(&mut text, record).await?;
            }
            self.done |= !self.stay;
        }
        Ok(text)
    }

    fn attempt(&mut self, text: &mut String, epoch: u64) {
        if epoch > self.epoch {
            self.epoch = epoch;
            write(text, "attempt", None, &json!({"epoch": epoch}));
        }
    }

    async fn end(&mut self, text: &mut String, record: JobRecord) -> Result<(), Refusal> {
        let view = self.gateway.job_view(record).await?;
        write(text, "end", None, &view);
        self.done = true;
        Ok(())
    }
}

fn write_event(text: &mut String, event: &StoredEvent) {
    let name = match event.kind {
        EventKind::Stdout => "stdout",
        EventKind::Stderr => "stderr",
        EventKind::Progress => "progress",
    };
    let data = JobEvent { epoch: event.epoch, offset: event.offset, data: STANDARD.encode(&event.data) };
    write(text, name, Some((event.epoch, event.seq)), &data);
}

/// JSON has no line breaks of its own, so one `data` line holds it.
fn write(text: &mut String, name: &str, id: Option<(u64, u64)>, data: &impl Serialize) {
    let data = serde_json::to_string(data).unwrap_or_default();
    if let Some((epoch, seq)) = id {
        let _ = writeln!(text, "id: {epoch}.{seq}");
    }
    let _ = write!(text, "event: {name}\ndata: {data}\n\n");
}
