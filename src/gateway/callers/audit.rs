//! `GET /v1/audit?since=&limit=&cursor=`: administrative acts, newest first. `since` is in seconds since 1970 UTC.

use super::seconds;
use crate::gateway::intake::query;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{AuditFilter, AuditRecord};
use crate::wire::gateway::{AuditEntry, AuditLog, Scope};
use crate::wire::v1::ErrorCode;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use std::sync::Arc;

const USUAL: u32 = 50;
const MOST: u32 = 500;

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Answer {
    gateway.authorize(&headers, &[Scope::Admin]).await?;
    let asked = query(raw.as_deref(), &["since", "limit", "cursor"])?;
    let since_ms = match asked.get("since").map(|number| (number, number.parse::<f64>())) {
        None => None,
        Some((_, Ok(since))) if since.is_finite() => Some((since * 1000.0) as i64),
        Some((number, _)) => return Err(invalid(format!("since is '{number}', not seconds since 1970"))),
    };
    let limit = match asked.get("limit").map(|number| (number, number.parse::<u32>())) {
        None => USUAL,
        Some((_, Ok(limit @ 1..))) => limit.min(MOST),
        Some((number, _)) => return Err(invalid(format!("limit is '{number}', not a number from 1 to {MOST}"))),
    };
    let before = match asked.get("cursor").map(|cursor| (cursor, cursor.parse::<u64>())) {
        None => None,
        Some((_, Ok(before))) => Some(before),
        Some((cursor, _)) => return Err(invalid(format!("'{cursor}' is not a cursor of an answer"))),
    };
    // One more than asked for tells whether there is a next page.
    let mut records = gateway.store.audit_log(AuditFilter { since_ms, before, limit: limit + 1 }).await?;
    let more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next_cursor = records.last().filter(|_| more).map(|record| record.seq.to_string());
    ok(&AuditLog { items: records.into_iter().map(entry).collect(), next_cursor })
}

/// An act as it is listed.
pub fn entry(record: AuditRecord) -> AuditEntry {
    AuditEntry {
        seq: record.seq,
        at: seconds(record.at_ms),
        by: record.by,
        act: record.act,
        subject: record.subject,
        detail: record.detail,
    }
}

fn invalid(message: String) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, message)
}
