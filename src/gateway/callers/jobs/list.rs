//! `GET /v1/jobs?state=&node=&limit=&cursor=`: jobs, newest first; for a key that is limited to some nodes its own. Several states are separated by commas.

use crate::gateway::callers::nodes::unknown;
use crate::gateway::intake::query;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::JobFilter;
use crate::wire::gateway::{JobList, JobState, Scope};
use crate::wire::v1::ErrorCode;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use std::sync::Arc;

const USUAL: u32 = 50;
const MOST: u32 = 500;

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let mut asked = query(raw.as_deref(), &["state", "node", "limit", "cursor"])?;
    let mut states = Vec::new();
    for word in asked.remove("state").unwrap_or_default().split(',').filter(|word| !word.is_empty()) {
        let state = JobState::parse(word);
        states.push(state.ok_or_else(|| invalid(format!("'{word}' is not a state of a job")))?);
    }
    let limit = match asked.remove("limit") {
        None => USUAL,
        Some(number) => match number.parse::<u32>() {
            Ok(limit @ 1..) => limit.min(MOST),
            _ => return Err(invalid(format!("limit is '{number}', not a number from 1 to {MOST}"))),
        },
    };
    let node_id = match asked.remove("node") {
        Some(name) => {
            let node = gateway.node(&name).await?;
            if !key.may_use(&node.id, &node.labels) {
                return Err(unknown(&name));
            }
            Some(node.id.clone())
        }
        None => None,
    };
    // One more than asked for tells whether there is a next page.
    let caller = key.grants.is_some().then(|| key.id.clone());
    let filter = JobFilter { states, node_id, caller, before: asked.remove("cursor"), limit: limit + 1 };
    let mut records = gateway.store.jobs(filter).await?;
    let more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next_cursor = records.last().filter(|_| more).map(|record| record.id.clone());
    ok(&JobList { items: gateway.job_views(records).await?, next_cursor })
}

fn invalid(message: String) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, message)
}
