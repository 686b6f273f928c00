//! Bodies in pieces, both ways: what was cut goes on where the gateway says.

use super::node::Call;
use super::{CallError, CallErrorKind, NodeClient};
use crate::base::{Retry, Secret};
use crate::wire::node::{AnswerBody, BODY_END, PieceResponse};
use bytes::Bytes;
use futures_util::stream;
use reqwest::{Method, Response};
use std::convert::Infallible;
use std::io::SeekFrom;
use std::path::Path;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

/// The most bytes that are sent at once.
pub const PIECE: usize = 4 << 20;

/// How long a piece may take: the gateway answers after 20 seconds with what it has.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the gateway may take to begin a piece of a body; it waits 10 seconds for the caller's next byte.
const BEGIN: Duration = Duration::from_secs(20);
/// How long a body may bring nothing.
const SILENCE: Duration = Duration::from_secs(15);

/// A piece of a job's body, as it comes.
#[derive(Debug)]
pub struct BodyPiece {
    response: Response,
    token: Secret,
    is_last: bool,
}

impl BodyPiece {
    /// The next bytes; none at the piece's end.
    ///
    /// # Errors
    /// [`CallError`] when the connection breaks: what came is good, the rest can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Bytes>, CallError> {
        let call = Call { name: "body", secret: &self.token };
        match tokio::time::timeout(SILENCE, self.response.chunk()).await {
            Ok(chunk) => chunk.map_err(|failed| call.transport(failed)),
            Err(_) => Err(call.error(CallErrorKind::Timeout, Retry::Backoff)),
        }
    }

    /// Whether the body ends with it.
    pub fn is_last(&self) -> bool {
        self.is_last
    }
}

impl NodeClient {
    /// A job's body from an offset on, as much as the gateway has at hand.
    ///
    /// # Errors
    /// [`CallError`]; 409 means that it cannot be had, now or ever.
    pub async fn body_piece(&self, job_id: &str, epoch: u64, offset: u64) -> Result<BodyPiece, CallError> {
        let token = self.token();
        let call = Call { name: "body", secret: &token };
        let url = format!("{}&offset={offset}", self.gateway.beside(job_id, "body", epoch));
        let request = self.http.get(url).bearer_auth(token.expose());
        let response = match tokio::time::timeout(BEGIN, call.send(request)).await {
            Ok(response) => response?,
            Err(_) => return Err(call.error(CallErrorKind::Timeout, Retry::Backoff)),
        };
        let is_last = response.headers().get(BODY_END).is_some_and(|value| value == "true");
        Ok(BodyPiece { response, token, is_last })
    }

    /// Sends a piece of an answer that is made while its caller reads. `head` comes before the first byte. Gives where to go
    /// on.
    ///
    /// # Errors
    /// [`CallError`]; 409 means that nobody reads on.
    pub async fn answer_piece(
        &self,
        job_id: &str,
        epoch: u64,
        offset: u64,
        head: &Bytes,
        chunks: Vec<Bytes>,
    ) -> Result<u64, CallError> {
        let token = self.token();
        let call = Call { name: "answer", secret: &token };
        let size: usize = chunks.iter().map(Bytes::len).sum::<usize>() + head.len();
        let mut url = format!("{}&offset={offset}", self.gateway.beside(job_id, "answer", epoch));
        if !head.is_empty() {
            url.push_str(&format!("&head={}", head.len()));
        }
        let all = [head.clone()].into_iter().chain(chunks).filter(|chunk| !chunk.is_empty());
        let request = self
            .http
            .request(Method::PUT, url)
            .timeout(PIECE_TIMEOUT)
            .header("content-length", size)
            .bearer_auth(token.expose())
            .body(reqwest::Body::wrap_stream(stream::iter(all.map(Ok::<_, Infallible>).collect::<Vec<_>>())));
        Ok(call.answer::<PieceResponse>(call.send(request).await?).await?.next_offset)
    }

    /// Uploads an answer's body from a file, before the result that names it. What the gateway has of it from an earlier try
    /// is not sent again.
    ///
    /// # Errors
    /// [`CallError`]; of kind `Local` when the file cannot be read.
    pub async fn upload_result_body(
        &self,
        job_id: &str,
        epoch: u64,
        body: &AnswerBody,
        path: &Path,
    ) -> Result<(), CallError> {
        let token = self.token();
        let call = Call { name: "result body", secret: &token };
        let mut file = File::open(path).await.map_err(|failed| match failed.kind() {
            std::io::ErrorKind::NotFound => call.local(failed),
            // E.g. too many open files: that passes.
            _ => CallError { retry: Retry::Backoff, ..call.local(failed) },
        })?;
        let url = self.gateway.beside(job_id, "result-body", epoch);
        let mut offset = 0;
        // The first question of a long body is where to go on.
        let mut size = if body.size > PIECE as u64 { 0 } else { PIECE };
        loop {
            let mut piece = Vec::with_capacity(size.min(usize::try_from(body.size).unwrap_or(size)));
            let read = async {
                file.seek(SeekFrom::Start(offset)).await?;
                (&mut file).take(size as u64).read_to_end(&mut piece).await
            };
            read.await.map_err(|failed| call.local(failed))?;
            let request = self
                .http
                .request(Method::PUT, format!("{url}&offset={offset}&size={}", body.size))
                .timeout(PIECE_TIMEOUT + Duration::from_secs(piece.len() as u64 / super::node::SLOWEST))
                .header("content-type", &body.content_type)
                .header("x-content-sha256", &body.sha256)
                .bearer_auth(token.expose())
                .body(piece);
            let next = call.answer::<PieceResponse>(call.send(request).await?).await?.next_offset;
            if next >= body.size {
                return Ok(());
            }
            if next == offset && size > 0 {
                return Err(call.undecodable(200, "the gateway takes no more of the body"));
            }
            (offset, size) = (next, PIECE);
        }
    }
}
