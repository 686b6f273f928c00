//! `GET /v1/jobs/{id}`: one job.

use crate::gateway::intake::Id;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn get(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let record = gateway.seen_job(&key, &id).await?;
    ok(&gateway.job_view(record).await?)
}
