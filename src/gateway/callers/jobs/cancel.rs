//! `DELETE /v1/jobs/{id}`: asks for a job's end. 200 when it has ended, 202 when its node has to be told first.

use super::unknown;
use crate::base::unix_ms;
use crate::gateway::intake::Id;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::reply;
use crate::gateway::shared::Gateway;
use crate::gateway::store::CancelOutcome;
use crate::wire::gateway::Scope;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn cancel(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    gateway.seen_job(&key, &id).await?;
    let (status, record) = match gateway.store.cancel(&id, unix_ms()).await? {
        CancelOutcome::Ended(record) | CancelOutcome::AlreadyEnded(record) => (200, record),
        CancelOutcome::Requested(record) => (202, record),
        CancelOutcome::Unknown => return Err(unknown(&id)),
    };
    reply(status, &gateway.job_view(record).await?)
}
