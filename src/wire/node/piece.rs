//! *(2)* Bodies beside a job, in pieces that survive a cut.
//!
//! A body has offsets, and the receiver decides where it goes on: whoever sends a piece that is there already loses nothing,
//! whoever asks from an offset again gets the same bytes.
//!
//! * `GET …/jobs/{id}/body?epoch=N&offset=K`: bytes of the job's body from there, as many as are at hand; waits a few seconds
//!   for the first. [`BODY_END`] is set on the piece that reaches the body's end. Asking from an offset says that everything
//!   before it has arrived. Without `offset`: the whole body, where the gateway has it.
//! * `PUT …/jobs/{id}/answer?epoch=N&offset=K[&head=L]`: bytes of the answer's body while it is made, for a caller that waits
//!   ([`Job::stream_answer`](super::Job::stream_answer)). The first `L` bytes are the [`AnswerHead`]; every piece has it until
//!   one was acknowledged. 409 when nobody reads on.
//! * `PUT …/jobs/{id}/result-body?epoch=N&offset=K&size=S`: bytes of an answer's body that is complete, for a result that
//!   names it. Without `offset`: all of it in one piece.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The header, `true`, of the piece of a job's body that reaches its end.
pub const BODY_END: &str = "x-body-end";

/// What a caller is told before the first byte of a streamed answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerHead {
    /// The operation's own answer.
    pub answer: Value,
    /// The body's media type.
    pub content_type: String,
    /// Its length in bytes, when it is known before it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// The answer to a piece that was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PieceResponse {
    /// True.
    #[serde(default)]
    pub accepted: bool,
    /// The first byte that the gateway does not have: where to go on.
    pub next_offset: u64,
}
