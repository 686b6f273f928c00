//! The routes' table and what they share.

use super::options::MswarmOptions;
use super::refusal::{Refusal, json_response};
use super::tokens::Tokens;
use super::{cancel, capabilities, control, generic_jobs, healthz, jobs};
use crate::api::body::Room;
use crate::wire::NODE_PREFIX;
use axum::body::Body;
use hyper::{Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The direct-mode routes of one node.
#[derive(Debug)]
pub struct Mswarm {
    pub(super) options: MswarmOptions,
    pub(super) tokens: Tokens,
    pub(super) bodies: Room,
    /// Model jobs.
    pub(super) slots: Arc<Semaphore>,
}

impl Mswarm {
    /// The routes. Reads which tokens were used before.
    pub fn new(options: MswarmOptions) -> Self {
        Self {
            tokens: Tokens::new(&options),
            bodies: Room::new(options.max_held_bytes),
            slots: Arc::new(Semaphore::new(options.max_invocations.max(1))),
            options,
        }
    }

    /// Takes nothing new from now on; what runs goes on.
    pub fn drain(&self) {
        self.slots.close();
        if let Some(generic) = &self.options.generic {
            generic.drain();
        }
    }

    /// Lets generic jobs end for so long, and ends the rest. Model jobs end with their connections.
    pub async fn end(&self, grace: Duration) {
        self.drain();
        if let Some(generic) = &self.options.generic {
            generic.shutdown(grace).await;
        }
    }

    /// Whether a path is one of these routes'.
    pub(in crate::api) fn takes(path: &str) -> bool {
        path == "/healthz" || path.strip_prefix(NODE_PREFIX).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Answers a request. What runs for it ends when this future, or the body of its answer, is dropped.
    pub(in crate::api) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let below = path.strip_prefix(NODE_PREFIX).unwrap_or(&path);
        let parts: Option<Vec<String>> = below
            .split('/')
            .skip(1)
            .map(|part| percent_decode_str(part).decode_utf8().ok().map(std::borrow::Cow::into_owned))
            .collect();
        let parts = parts.unwrap_or_default();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let answered = match (&head.method, parts.as_slice()) {
            (&Method::GET, ["healthz"]) if path == "/healthz" => Ok(healthz::answer(&self.options)),
            (&Method::GET, ["capabilities"]) => capabilities::answer(self, &head),
            (&Method::POST, ["jobs"]) => jobs::answer(self, &head, body).await,
            (&Method::POST, ["generic-jobs"]) => generic_jobs::answer(self, &head, body).await,
            (&Method::POST, ["generic-jobs", job, "cancel"]) => cancel::answer(self, &head, body, job).await,
            (_, ["generic-job-control", rest @ ..]) => match control::answer(self, &head, body, rest).await {
                Some(answered) => answered,
                None => Ok(no_route(&head.method, &path)),
            },
            _ => Ok(no_route(&head.method, &path)),
        };
        answered.unwrap_or_else(Refusal::into_response)
    }
}

/// As the framework of the reference says it.
fn no_route(method: &Method, path: &str) -> Response<Body> {
    let message = format!("Route {method}:{path} not found");
    json_response(404, &json!({ "message": message, "error": "Not Found", "statusCode": 404 }))
}
