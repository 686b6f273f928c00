//! The table of operations. A door does not know operations by heart: it looks them up here.

use serde_json::{Map, Value};

/// An HTTP method of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The word in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// What a request's body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// Nothing; an empty JSON object is accepted.
    None,
    /// A JSON object, merged into the parameters.
    Json,
    /// A JSON object, or multipart with `request` (that object) and `stdin` (bytes: the operation's body).
    JsonWithStdin,
    /// Multipart with `tar` or `snapshot` (the operation's body) and fields, or the tar itself as `application/x-tar`.
    Archive,
}

/// What a success answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// JSON with this status.
    Json(u16),
    /// The answer's body as `application/x-tar`, status 200.
    Archive,
}

/// One row of the table.
#[derive(Debug)]
pub struct Operation {
    /// `noun.verb`, the name in jobs and in the owner's policy.
    pub name: &'static str,
    /// The method of its route.
    pub method: Method,
    /// Its route; `{x}` is a path parameter that becomes the parameter `x`.
    pub path: &'static str,
    /// What a request's body holds.
    pub body: BodyKind,
    /// What a success answers.
    pub answer: AnswerKind,
    /// Whether running it twice is the same as running it once, so that a lost attempt may be repeated.
    pub repeatable: bool,
    /// Whether a gateway may ask for it. The node's own life is not for others to end.
    pub remote: bool,
}

/// Every operation of `/v1`.
pub static OPERATIONS: &[Operation] = &[
    op("health", Method::Get, "/v1/health", BodyKind::None, AnswerKind::Json(200), true),
    local("shutdown", Method::Post, "/v1/shutdown", BodyKind::None, AnswerKind::Json(200)),
    op("workspaces.create", Method::Post, "/v1/workspaces", BodyKind::Json, AnswerKind::Json(201), false),
    op("workspaces.list", Method::Get, "/v1/workspaces", BodyKind::None, AnswerKind::Json(200), true),
    op("workspaces.load", Method::Post, "/v1/workspaces/load", BodyKind::Archive, AnswerKind::Json(201), false),
    op("workspaces.get", Method::Get, "/v1/workspaces/{id}", BodyKind::None, AnswerKind::Json(200), true),
    op("workspaces.delete", Method::Delete, "/v1/workspaces/{id}", BodyKind::None, AnswerKind::Json(200), false),
    op("workspaces.snapshot", Method::Get, "/v1/workspaces/{id}/snapshot", BodyKind::None, AnswerKind::Archive, true),
    op("workspaces.clone", Method::Post, "/v1/workspaces/{id}/clone", BodyKind::Json, AnswerKind::Json(201), false),
    op(
        "workspaces.execute",
        Method::Post,
        "/v1/workspaces/{id}/execute",
        BodyKind::JsonWithStdin,
        AnswerKind::Json(200),
        false,
    ),
    op("sessions.create", Method::Post, "/v1/workspaces/{id}/sessions", BodyKind::Json, AnswerKind::Json(201), false),
    op("sessions.list", Method::Get, "/v1/workspaces/{id}/sessions", BodyKind::None, AnswerKind::Json(200), true),
    op(
        "sessions.delete",
        Method::Delete,
        "/v1/workspaces/{id}/sessions/{session_id}",
        BodyKind::None,
        AnswerKind::Json(200),
        false,
    ),
    op("jobs.list", Method::Get, "/v1/jobs", BodyKind::None, AnswerKind::Json(200), true),
    op("jobs.get", Method::Get, "/v1/jobs/{job_id}", BodyKind::None, AnswerKind::Json(200), true),
    op("jobs.wait", Method::Post, "/v1/jobs/{job_id}/wait", BodyKind::Json, AnswerKind::Json(200), true),
    op("jobs.output", Method::Get, "/v1/jobs/{job_id}/output", BodyKind::None, AnswerKind::Json(200), true),
    op("jobs.cancel", Method::Delete, "/v1/jobs/{job_id}", BodyKind::None, AnswerKind::Json(200), true),
];

const fn op(
    name: &'static str,
    method: Method,
    path: &'static str,
    body: BodyKind,
    answer: AnswerKind,
    repeatable: bool,
) -> Operation {
    Operation { name, method, path, body, answer, repeatable, remote: true }
}

const fn local(
    name: &'static str,
    method: Method,
    path: &'static str,
    body: BodyKind,
    answer: AnswerKind,
) -> Operation {
    Operation { name, method, path, body, answer, repeatable: false, remote: false }
}

impl Operation {
    /// The row of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }
}

/// A request for one operation, whichever door it came through.
#[derive(Debug, Clone, Default)]
pub struct OperationRequest {
    /// The operation's name.
    pub operation: String,
    /// Its parameters: path, query and JSON body in one object, with `snake_case` names.
    pub params: Map<String, Value>,
    /// Its body, e.g. standard input or an archive.
    pub body: bytes::Bytes,
}
