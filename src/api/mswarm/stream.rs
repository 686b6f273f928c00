//! A chat's chunks as they are made. Its caller's disconnect ends the job.

use super::jobs::{Admitted, Running};
use super::service::Mswarm;
use super::sse;
use axum::body::Body;
use hyper::Response;
use serde_json::json;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Frames on their way to the socket.
const AHEAD: usize = 16;
/// How far a reader may be behind the job's end.
const LAG: Duration = Duration::from_secs(60);

pub(super) fn answer(mswarm: &Mswarm, admitted: Admitted) -> Response<Body> {
    let (frames, receiver) = mpsc::channel(AHEAD);
    let cancel = CancellationToken::new();
    let guard = cancel.clone().drop_guard();
    let mut running = Running::start(mswarm.options.invocations.clone(), &admitted);
    let longest = admitted.timeout.saturating_add(LAG);
    tokio::spawn(async move {
        let all = async {
            while let Some(chunk) = running.next().await {
                frames.send(sse::data(&chunk)).await.ok()?;
            }
            if let Err(failure) = running.into_result() {
                let error = json!({ "code": failure.code, "message": failure.message });
                frames.send(sse::data(&json!({ "object": "error", "error": error }))).await.ok()?;
            }
            frames.send(sse::DONE).await.ok()
        };
        tokio::select! {
            () = cancel.cancelled() => {}
            _ = tokio::time::timeout(longest, all) => {}
        }
        drop(admitted);
    });
    sse::response(receiver, mswarm.options.keep_alive, guard)
}
