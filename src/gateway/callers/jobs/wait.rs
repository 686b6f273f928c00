//! `POST /v1/jobs/{id}/wait`: the job at its end, or as it is after the timeout.

use crate::gateway::intake::{Id, json};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::{Scope, WaitJob};
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const USUAL_S: f64 = 55.0;
const MOST_S: f64 = 300.0;

pub(crate) async fn wait(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap, body: Body) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let request: WaitJob = json(&headers, body, gateway.config.max_json_bytes).await?;
    let seconds = request.timeout_s.unwrap_or(USUAL_S);
    if seconds.is_nan() || seconds < 0.0 {
        return Err(Refusal::new(ErrorCode::InvalidRequest, format!("timeout_s is {seconds}, not a time to wait")));
    }
    let deadline = Instant::now() + Duration::from_secs_f64(seconds.min(MOST_S));
    let mut changes = gateway.wake.job(&id);
    loop {
        let record = gateway.seen_job(&key, &id).await?;
        if record.state.is_terminal() || Instant::now() >= deadline {
            return ok(&gateway.job_view(record).await?);
        }
        tokio::select! {
            () = changes.changed() => {}
            () = tokio::time::sleep_until(deadline) => {}
            () = gateway.shutdown.draining().cancelled() => return ok(&gateway.job_view(record).await?),
        }
    }
}
