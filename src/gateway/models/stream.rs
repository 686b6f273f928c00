//! A model's answer as it comes, as server-sent events: each chunk as its node sends it, then `[DONE]`.
//!
//! A node sends its chunks in batches that may overtake each other. They are passed on in the order in which they come, but a
//! chunk that ends a choice stays back until the result: nothing comes after an end. What no chunk has said is then taken from
//! the result, so that a node that sends none (it does not for calls of tools) is heard too.

use super::ask::Asked;
use super::completion::{answer_text, chunk_text, chunks_of, is_last, usage_chunk, with_model};
use super::failed::ModelFailure;
use crate::gateway::store::JobRecord;
use bytes::Bytes;
use futures_util::Stream;
use serde_json::Value;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::Instant;

/// How long the head of the answer waits for its first chunk: a failure until then is told by its status.
const HEAD: Duration = Duration::from_secs(10);
/// How often a silent stream shows that it is alive.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// Chunks read at a time.
const PAGE: u32 = 256;

/// One answer on its way.
struct Chunks {
    asked: Asked,
    after: Option<(u64, u64)>,
    /// The attempt whose chunks were passed on.
    epoch: Option<u64>,
    /// The first choice's text so far.
    text: String,
    /// Chunks that end a choice.
    held: Vec<Value>,
    over: bool,
    /// How a failure is written when the head is gone.
    failed: fn(&ModelFailure) -> Value,
}

/// The answer's body, once its first piece is there or [`HEAD`] is over. `failed` writes a failure that comes later.
pub(crate) async fn stream(
    asked: Asked,
    failed: fn(&ModelFailure) -> Value,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + Send, ModelFailure> {
    let mut chunks =
        Chunks { asked, after: None, epoch: None, text: String::new(), held: Vec::new(), over: false, failed };
    let deadline = Instant::now() + HEAD;
    let first = loop {
        let (text, record) = chunks.read().await?;
        if !text.is_empty() || chunks.over || Instant::now() >= deadline {
            break text;
        }
        tokio::select! {
            waited = chunks.asked.wait(&record) => waited?,
            () = tokio::time::sleep_until(deadline) => {}
        }
    };
    let first = if first.is_empty() { Bytes::from_static(b":\n\n") } else { Bytes::from(first) };
    Ok(futures_util::stream::unfold((Some(first), chunks), |(first, mut chunks)| async move {
        let piece = match first {
            Some(first) => first,
            None => chunks.next().await?,
        };
        Some((Ok(piece), (None, chunks)))
    }))
}

impl Chunks {
    /// The next piece; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let quiet = Instant::now() + COMMENT_EVERY;
        while !self.over {
            match self.step(quiet).await {
                Ok(Some(text)) => return Some(text.into()),
                Ok(None) => {}
                Err(failed) => {
                    self.over = true;
                    return Some(event(&(self.failed)(&failed)).into());
                }
            }
        }
        None
    }

    async fn step(&mut self, quiet: Instant) -> Result<Option<String>, ModelFailure> {
        let (text, record) = self.read().await?;
        if !text.is_empty() || self.over {
            return Ok(Some(text));
        }
        tokio::select! {
            waited = self.asked.wait(&record) => waited.map(|()| None),
            () = tokio::time::sleep_until(quiet) => Ok(Some(":\n\n".to_owned())),
        }
    }

    /// What has come since the last read.
    async fn read(&mut self) -> Result<(String, JobRecord), ModelFailure> {
        // The job before its events: when it has ended here, all its events are there below.
        let record = self.asked.look().await?;
        let mut text = String::new();
        loop {
            let events = self.asked.gateway.store.events(&self.asked.id, self.after, PAGE).await?;
            let all = events.len() < PAGE as usize;
            for stored in events {
                self.after = Some((stored.epoch, stored.seq));
                if *self.epoch.get_or_insert(stored.epoch) != stored.epoch {
                    return Err(ModelFailure::new(
                        502,
                        "upstream_error",
                        "the node went away in the middle of its answer",
                    ));
                }
                if let Ok(chunk @ Value::Object(_)) = serde_json::from_slice(&stored.data) {
                    self.pass(&mut text, chunk);
                }
            }
            if all {
                break;
            }
        }
        if record.state.is_terminal() {
            let answer = self.asked.answer_of(record.clone())?;
            self.end(&mut text, &answer);
        }
        Ok((text, record))
    }

    fn pass(&mut self, text: &mut String, chunk: Value) {
        let chunk = with_model(chunk, &self.asked.request.model);
        self.text.push_str(chunk_text(&chunk));
        if is_last(&chunk) {
            self.held.push(chunk);
        } else {
            text.push_str(&event(&chunk));
        }
    }

    fn end(&mut self, text: &mut String, answer: &Value) {
        let begun = self.epoch.is_some();
        let missing = match answer_text(answer) {
            _ if !begun => Some(None),
            Some(whole) if whole.len() > self.text.len() && whole.starts_with(&self.text) => {
                Some(Some(self.text.len()))
            }
            _ if self.held.is_empty() => Some(Some(usize::MAX)),
            _ => None,
        };
        let last = std::mem::take(&mut self.held);
        let made = missing.map(|sent| chunks_of(answer, sent)).unwrap_or_default();
        // An end that the node has sent is its own; the rest of the text goes before it.
        let has_end = !last.is_empty();
        let made = made.into_iter().filter(|chunk| !has_end || !is_last(chunk));
        for chunk in made.chain(last) {
            text.push_str(&event(&chunk));
        }
        if self.asked.request.include_usage && answer.get("usage").is_some_and(Value::is_object) {
            text.push_str(&event(&usage_chunk(answer)));
        }
        text.push_str("data: [DONE]\n\n");
        self.over = true;
    }
}

fn event(value: &Value) -> String {
    let mut text = String::new();
    let _ = write!(text, "data: {value}\n\n");
    text
}
