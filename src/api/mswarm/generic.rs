//! What all routes of generic jobs begin with.

use super::capabilities::must_be_local;
use super::claims::{same, same_body};
use super::refusal::Refusal;
use super::request::parse;
use super::service::Mswarm;
use super::tokens::Token;
use crate::jobs::generic::{GenericJobs, Submission};
use crate::wire::node::SCOPE_GENERIC_INVOKE;
use crate::wire::node::generic::GenericEnvelope;
use axum::body::Body;
use hyper::http::request::Parts;
use serde_json::Value;

impl Mswarm {
    /// The queue, where the owner turned it on and nobody from elsewhere gets here.
    ///
    /// # Errors
    /// 404 `feature_disabled`; 403 `owner_local_required`.
    pub(super) fn generic(&self) -> Result<&GenericJobs, Refusal> {
        let jobs = self.options.generic.as_ref();
        let jobs = jobs.ok_or_else(|| Refusal::new(404, "feature_disabled", "this node takes no generic jobs"))?;
        must_be_local(&self.options)?;
        Ok(jobs)
    }

    /// The token for one job that is known by its id.
    ///
    /// # Errors
    /// As for every token; 400 when it is for another job.
    pub(super) fn token_for(&self, head: &Parts, job_id: &str) -> Result<Token, Refusal> {
        let token = self.tokens.open(&head.headers, SCOPE_GENERIC_INVOKE)?;
        same("job_id", token.claims.job_id.as_deref(), job_id)?;
        Ok(token)
    }

    /// A job as it was sent, with the token for it.
    ///
    /// # Errors
    /// As for every token and body; 400 when they do not belong together.
    pub(super) async fn submission(&self, head: &Parts, body: Body) -> Result<(Submission, Token), Refusal> {
        let token = self.tokens.open(&head.headers, SCOPE_GENERIC_INVOKE)?;
        let (body, _room) = self.read(head, body, self.options.max_body_bytes).await?;
        same_body(&token.claims, &body)?;
        let envelope: GenericEnvelope = parse(&body)?;
        let claims = &token.claims;
        same("node_id", claims.node_id.as_deref(), &envelope.node_id)?;
        same("job_id", claims.job_id.as_deref(), &envelope.job_id)?;
        same("request_id", claims.request_id.as_deref(), &envelope.request_id)?;
        let text = |key: &str| envelope.job.get(key).and_then(Value::as_str).unwrap_or_default();
        same("schema_version", claims.schema_version.as_deref(), text("schema_version"))?;
        same("job_type", claims.job_type.as_deref(), text("job_type"))?;
        let runners = claims.allowed_runner_ids.clone().filter(|runners| !runners.is_empty());
        let (token_sha256, deadline_ms) = (token.sha256.clone(), Some(token.deadline_ms));
        Ok((Submission { envelope, token_sha256, deadline_ms, runners }, token))
    }
}
