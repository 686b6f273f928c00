//! The table of operations. A door does not know operations by heart: it looks them up here.

use serde_json::{Map, Value};

/// An HTTP method of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The word in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
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
    /// Multipart with `tar` or `snapshot` (the operation's body) and fields, the tar itself as `application/x-tar`, or a
    /// JSON object that says where the archive is.
    Archive,
}

/// What a success answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// JSON with this status.
    Json(u16),
    /// The answer's body as `application/x-tar`, status 200.
    Archive,
    /// The answer's body as `application/octet-stream`, status 200.
    Bytes,
}

/// One row of the table. Clients of several generations exist, so an operation may have several rows: they differ in method
/// and path and are the same in everything else that is not about HTTP.
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
    // The literal path comes first: it shadows a workspace of that name.
    op("workspaces.clone", Method::Post, "/v1/workspaces/clone", BodyKind::Json, AnswerKind::Json(201), false),
    op("workspaces.get", Method::Get, "/v1/workspaces/{id}", BodyKind::None, AnswerKind::Json(200), true),
    op("workspaces.delete", Method::Delete, "/v1/workspaces/{id}", BodyKind::None, AnswerKind::Json(200), false),
    op("workspaces.close", Method::Post, "/v1/workspaces/{id}/close", BodyKind::None, AnswerKind::Json(200), false),
    op("workspaces.cancel", Method::Post, "/v1/workspaces/{id}/cancel", BodyKind::None, AnswerKind::Json(200), true),
    op("workspaces.kill", Method::Post, "/v1/workspaces/{id}/kill", BodyKind::None, AnswerKind::Json(200), true),
    op("workspaces.snapshot", Method::Get, "/v1/workspaces/{id}/snapshot", BodyKind::None, AnswerKind::Archive, true),
    op(
        "workspaces.snapshot_to",
        Method::Post,
        "/v1/workspaces/{id}/snapshot",
        BodyKind::Json,
        AnswerKind::Json(200),
        true,
    ),
    op("workspaces.clone", Method::Post, "/v1/workspaces/{id}/clone", BodyKind::Json, AnswerKind::Json(201), false),
    op("workspaces.refresh", Method::Post, "/v1/workspaces/{id}/refresh", BodyKind::Json, AnswerKind::Json(200), true),
    op(
        "workspaces.execute",
        Method::Post,
        "/v1/workspaces/{id}/execute",
        BodyKind::JsonWithStdin,
        AnswerKind::Json(200),
        false,
    ),
    op(
        "workspaces.shell",
        Method::Post,
        "/v1/workspaces/{id}/shell",
        BodyKind::JsonWithStdin,
        AnswerKind::Json(200),
        false,
    ),
    op("workspaces.glob", Method::Post, "/v1/workspaces/{id}/glob", BodyKind::Json, AnswerKind::Json(200), true),
    op("sessions.create", Method::Post, "/v1/workspaces/{id}/sessions", BodyKind::Json, AnswerKind::Json(201), false),
    op("sessions.list", Method::Get, "/v1/workspaces/{id}/sessions", BodyKind::None, AnswerKind::Json(200), true),
    op(
        "sessions.update",
        Method::Patch,
        "/v1/workspaces/{id}/sessions/{session_id}",
        BodyKind::Json,
        AnswerKind::Json(200),
        false,
    ),
    op(
        "sessions.delete",
        Method::Delete,
        "/v1/workspaces/{id}/sessions/{session_id}",
        BodyKind::None,
        AnswerKind::Json(200),
        false,
    ),
    op(
        "sessions.cancel",
        Method::Post,
        "/v1/workspaces/{id}/sessions/{session_id}/cancel",
        BodyKind::None,
        AnswerKind::Json(200),
        true,
    ),
    op(
        "sessions.kill",
        Method::Post,
        "/v1/workspaces/{id}/sessions/{session_id}/kill",
        BodyKind::None,
        AnswerKind::Json(200),
        true,
    ),
    op("versions.commit", Method::Post, "/v1/workspaces/{id}/commit", BodyKind::Json, AnswerKind::Json(200), false),
    op("versions.log", Method::Get, "/v1/workspaces/{id}/versions", BodyKind::None, AnswerKind::Json(200), true),
    op("versions.diff", Method::Get, "/v1/workspaces/{id}/diff", BodyKind::None, AnswerKind::Json(200), true),
    op("versions.branch", Method::Post, "/v1/workspaces/{id}/branch", BodyKind::Json, AnswerKind::Json(201), false),
    op("versions.checkout", Method::Post, "/v1/workspaces/{id}/checkout", BodyKind::Json, AnswerKind::Json(200), true),
    op("asks.list", Method::Get, "/v1/workspaces/{id}/asks", BodyKind::None, AnswerKind::Json(200), true),
    op("asks.answer", Method::Post, "/v1/workspaces/{id}/asks/{ask_id}", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.read", Method::Post, "/v1/workspaces/{id}/vfs/read", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.read_stream", Method::Post, "/v1/workspaces/{id}/vfs/read_stream", BodyKind::Json, AnswerKind::Bytes, true),
    op("vfs.write", Method::Post, "/v1/workspaces/{id}/vfs/write", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.append", Method::Post, "/v1/workspaces/{id}/vfs/append", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.pwrite", Method::Post, "/v1/workspaces/{id}/vfs/pwrite", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.stat", Method::Post, "/v1/workspaces/{id}/vfs/stat", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.readdir", Method::Post, "/v1/workspaces/{id}/vfs/readdir", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.exists", Method::Post, "/v1/workspaces/{id}/vfs/exists", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.is_dir", Method::Post, "/v1/workspaces/{id}/vfs/is_dir", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.is_file", Method::Post, "/v1/workspaces/{id}/vfs/is_file", BodyKind::Json, AnswerKind::Json(200), true),
    op(
        "vfs.list_files",
        Method::Post,
        "/v1/workspaces/{id}/vfs/list_files",
        BodyKind::Json,
        AnswerKind::Json(200),
        true,
    ),
    op("vfs.mkdir", Method::Post, "/v1/workspaces/{id}/vfs/mkdir", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.rmdir", Method::Post, "/v1/workspaces/{id}/vfs/rmdir", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.unlink", Method::Post, "/v1/workspaces/{id}/vfs/unlink", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.create", Method::Post, "/v1/workspaces/{id}/vfs/create", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.rename", Method::Post, "/v1/workspaces/{id}/vfs/rename", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.symlink", Method::Post, "/v1/workspaces/{id}/vfs/symlink", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.readlink", Method::Post, "/v1/workspaces/{id}/vfs/readlink", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.setattr", Method::Post, "/v1/workspaces/{id}/vfs/setattr", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.getxattr", Method::Post, "/v1/workspaces/{id}/vfs/getxattr", BodyKind::Json, AnswerKind::Json(200), true),
    op("vfs.setxattr", Method::Post, "/v1/workspaces/{id}/vfs/setxattr", BodyKind::Json, AnswerKind::Json(200), false),
    op("vfs.listxattr", Method::Post, "/v1/workspaces/{id}/vfs/listxattr", BodyKind::Json, AnswerKind::Json(200), true),
    op(
        "vfs.removexattr",
        Method::Post,
        "/v1/workspaces/{id}/vfs/removexattr",
        BodyKind::Json,
        AnswerKind::Json(200),
        false,
    ),
    op("vfs.truncate", Method::Post, "/v1/workspaces/{id}/vfs/truncate", BodyKind::Json, AnswerKind::Json(200), true),
    op("tools.shell", Method::Post, "/v1/workspaces/{id}/tools/shell", BodyKind::Json, AnswerKind::Json(200), false),
    op("tools.read", Method::Post, "/v1/workspaces/{id}/tools/read", BodyKind::Json, AnswerKind::Json(200), true),
    op("tools.write", Method::Post, "/v1/workspaces/{id}/tools/write", BodyKind::Json, AnswerKind::Json(200), false),
    op("tools.edit", Method::Post, "/v1/workspaces/{id}/tools/edit", BodyKind::Json, AnswerKind::Json(200), false),
    op("tools.ls", Method::Post, "/v1/workspaces/{id}/tools/ls", BodyKind::Json, AnswerKind::Json(200), true),
    op("tools.grep", Method::Post, "/v1/workspaces/{id}/tools/grep", BodyKind::Json, AnswerKind::Json(200), true),
    op("tools.glob", Method::Post, "/v1/workspaces/{id}/tools/glob", BodyKind::Json, AnswerKind::Json(200), true),
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
    /// The first row of that name.
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
