//! Whether a token's claims hold, and whether they are about the body that comes with it.

use super::refusal::Refusal;
use crate::base::sha256_hex;
use crate::wire::node::{InvocationClaims, SCOPE_GENERIC_INVOKE, SCOPE_INVOKE};
use chrono::DateTime;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

/// The operations of model and media jobs.
pub(super) const OPERATIONS: [&str; 4] =
    ["chat.completions", "images.generations", "audio.generations", "videos.generations"];

/// The claims with the deadline (milliseconds since 1970) and the last second at which they hold.
pub(super) fn check(value: Value, scope: &str, now_ms: i64) -> Result<(InvocationClaims, i64, i64), Refusal> {
    let wrong =
        |text: String| Refusal::unauthorized("token_claims", format!("the invocation token is refused: {text}"));
    if value.get("scope").and_then(Value::as_str) != Some(scope) {
        return Err(Refusal::unauthorized("token_scope", format!("this needs an invocation token of scope {scope}")));
    }
    let claims: InvocationClaims = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
    let needed: &[(&str, &Option<String>)] = &[
        ("node_id", &claims.node_id),
        ("deadline_at", &claims.deadline_at),
        ("job_id", &claims.job_id),
        ("request_id", &claims.request_id),
        ("model", &claims.model),
        ("schema_version", &claims.schema_version),
        ("job_type", &claims.job_type),
    ];
    let of_kind = |name: &str| match scope {
        SCOPE_INVOKE => !matches!(name, "schema_version" | "job_type"),
        SCOPE_GENERIC_INVOKE => name != "model",
        _ => matches!(name, "node_id" | "deadline_at"),
    };
    for (name, value) in needed.iter().filter(|(name, _)| of_kind(name)) {
        if value.as_deref().is_none_or(|text| text.trim().is_empty()) {
            return Err(wrong(format!("it has no {name}")));
        }
    }
    if let Some(operation) = claims.operation.as_deref().filter(|operation| !OPERATIONS.contains(operation)) {
        return Err(wrong(format!("it is for the operation {operation}, which there is not")));
    }
    let exp = claims.exp.filter(|exp| exp.is_finite()).ok_or_else(|| wrong("it has no exp".to_owned()))?;
    // Whole seconds, as its maker counts them: it is good throughout the second that it names.
    let exp = exp.floor().clamp(0.0, 9e15) as i64;
    if exp < now_ms / 1000 {
        return Err(Refusal::unauthorized("token_expired", "the invocation token has expired"));
    }
    let deadline = claims.deadline_at.as_deref().unwrap_or_default();
    let deadline_ms = DateTime::parse_from_rfc3339(deadline.trim())
        .map_err(|_| wrong("its deadline_at is no instant in ISO 8601".to_owned()))?
        .timestamp_millis();
    if deadline_ms < now_ms {
        return Err(Refusal::unauthorized("token_deadline_passed", "the deadline of the invocation token has passed"));
    }
    Ok((claims, deadline_ms, exp))
}

/// What the body says must be what the token says.
pub(super) fn same(name: &'static str, claim: Option<&str>, body: &str) -> Result<(), Refusal> {
    if claim == Some(body) {
        return Ok(());
    }
    let reason = match name {
        "node_id" => "node_id_mismatch",
        "job_id" => "job_id_mismatch",
        "request_id" => "request_id_mismatch",
        "model" => "model_mismatch",
        "operation" => "operation_mismatch",
        "schema_version" => "schema_version_mismatch",
        _ => "job_type_mismatch",
    };
    Err(Refusal::invalid(reason, format!("{name} is not the one that the invocation token is for")))
}

/// A token that names a body starts no other.
pub(super) fn same_body(claims: &InvocationClaims, body: &[u8]) -> Result<(), Refusal> {
    let Some(claim) = &claims.body_sha256 else { return Ok(()) };
    let claim = claim.trim().trim_start_matches("sha256:").to_ascii_lowercase();
    if bool::from(sha256_hex(body).as_bytes().ct_eq(claim.as_bytes())) {
        return Ok(());
    }
    Err(Refusal::new(400, "body_mismatch", "the invocation token is for another body"))
}
