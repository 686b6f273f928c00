//! Jobs: `POST /v1/jobs`, `GET /v1/jobs`, `GET|DELETE /v1/jobs/{id}`, `POST /v1/jobs/{id}/wait`, `GET /v1/jobs/{id}/events`,
//! `GET /v1/jobs/{id}/body` (an answer's body), all with a key of scope `call`.

use crate::wire::node::AnswerBody;
use crate::wire::v1::Failure;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for a node.
    Queued,
    /// Handed to a node that has not begun.
    Leased,
    /// Runs.
    Running,
    /// Ended with the operation's answer. For an execution that is any exit code.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Ended because its caller asked.
    Cancelled,
    /// Ended at its time limit.
    TimedOut,
    /// Nobody knows how it ended: the node went away in the middle.
    Lost,
    /// The owner of the node does not allow it.
    Refused,
}

impl JobState {
    /// Whether nothing will change any more.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Leased | Self::Running)
    }

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Lost => "lost",
            Self::Refused => "refused",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        use JobState::{Cancelled, Failed, Leased, Lost, Queued, Refused, Running, Succeeded, TimedOut};
        [Queued, Leased, Running, Succeeded, Failed, Cancelled, TimedOut, Lost, Refused]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Request of `POST /v1/jobs`. Unknown fields are refused. Answer: 202 and a [`JobView`]; 200 when the idempotency key
/// was used before with the same request, 422 when with another.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitJob {
    /// A node by id or name. With neither `node` nor `labels`, any node may take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Labels that the node must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The operation's name, e.g. `workspaces.execute`.
    pub operation: String,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
    /// Its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyInput>,
    /// How long it may run once it has begun, seconds. Default 3,600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<f64>,
    /// How long it may wait for a node, seconds. Default 86,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_timeout_s: Option<f64>,
    /// Makes a repeated submission harmless: the same key gives the same job. Also taken from the header `Idempotency-Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// −100 to 100, lower first. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// How often it may be handed out. Default 3. A job that has begun is handed out again only when `repeatable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Whether running it twice is harmless. Default: what the operation says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeatable: Option<bool>,
}

/// A job's body: text, or bytes in base64, or one uploaded before with `PUT /v1/blobs` (answer `{sha256, size}`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum BodyInput {
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Base64 {
        /// In base64.
        base64: String,
    },
    /// An uploaded blob.
    Blob {
        /// Its SHA-256 in hex.
        sha256: String,
    },
}

/// A job as callers see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobView {
    /// `job_…`.
    pub id: String,
    /// Where it is in its life.
    pub state: JobState,
    /// Why it is there, a code: `no_node_online`, `waiting_for_slot`, `exited`, `cancel_requested`, `lease_expired`, …
    pub reason: Option<String>,
    /// The operation.
    pub operation: String,
    /// The node that has or had it, or that it is meant for, by name.
    pub node: Option<String>,
    /// The same by id.
    pub node_id: Option<String>,
    /// How often it was handed out.
    pub attempt: u64,
    /// Whether its end was asked for.
    pub cancel_requested: bool,
    /// Seconds since 1970 UTC.
    pub created_at: f64,
    /// Seconds since 1970 UTC.
    pub started_at: Option<f64>,
    /// Seconds since 1970 UTC.
    pub finished_at: Option<f64>,
    /// The operation's own answer.
    pub result: Option<Value>,
    /// The answer's body, to be read at `/v1/jobs/{id}/body`.
    pub result_body: Option<AnswerBody>,
    /// What failed.
    pub error: Option<Failure>,
    /// Results that came after the job had ended otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late_results: Vec<LateResult>,
}

/// A result that came too late to count. It is kept, because work that was done is never thrown away silently.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LateResult {
    /// The attempt it belongs to.
    pub epoch: u64,
    /// How that attempt ended.
    pub state: JobState,
    /// Its answer.
    pub result: Option<Value>,
    /// Its failure.
    pub error: Option<Failure>,
}

/// Response of `GET /v1/jobs?state=&node=&limit=&cursor=`, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobList {
    /// At most `limit` (default 50, at most 500).
    pub items: Vec<JobView>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// Request of `POST /v1/jobs/{id}/wait`. The answer is the [`JobView`] at the end or after the timeout.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitJob {
    /// Seconds; default 55, at most 300.
    #[serde(default, alias = "timeoutS")]
    pub timeout_s: Option<f64>,
}

/// `data` of an SSE event of `GET /v1/jobs/{id}/events`; the SSE `id` is `epoch.seq` and resumes by `Last-Event-ID`. The
/// SSE `event` is `stdout`, `stderr`, `progress`, `attempt` (a new attempt begins: offsets start over), `state`, or, always
/// last, `end` with the [`JobView`] as its data. With `?follow=false` the stream ends after what there is so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobEvent {
    /// The attempt.
    pub epoch: u64,
    /// Where `data` begins in its stream, bytes.
    pub offset: u64,
    /// The bytes in base64.
    pub data: String,
}
