//! Chunks that come with a result: those that a node could not send before, because a batch failed. Of the failed batch the
//! gateway may have everything, when only its answer was lost: what is there already is not kept again.

use super::completion::{answer_text, chunk_text};
use crate::base::unix_ms;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::wire::node::{Event, EventKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Chunks that are looked back at: more than a node sends at once.
const LOOK_BACK: usize = 512;

/// Keeps the chunks of a result, before the result ends the job. A job that is over or another node's is left alone.
pub(crate) async fn keep_tail(
    gateway: &Gateway,
    job_id: &str,
    node_id: &str,
    tail: &[Value],
    answer: Option<&Value>,
) -> Result<(), Refusal> {
    if tail.is_empty() {
        return Ok(());
    }
    let _numbering = gateway.numbering.lock().await;
    let Some(record) = gateway.store.job(job_id).await? else { return Ok(()) };
    if record.state.is_terminal() || record.leased_to.as_deref() != Some(node_id) {
        return Ok(());
    }
    let mut kept: Vec<Value> = Vec::new();
    let mut next_seq = 0;
    let mut after = record.epoch.checked_sub(1).map(|before| (before, u64::MAX >> 1));
    loop {
        let page = gateway.store.events(job_id, after, 1000).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.epoch, last.seq));
        next_seq = last.seq + 1;
        kept.extend(page.iter().filter_map(|event| serde_json::from_slice(&event.data).ok()));
    }
    let known = overlap(&kept, tail, answer.and_then(answer_text));
    let new = &tail[known..];
    let events: Vec<Event> = (next_seq..)
        .zip(new)
        .map(|(seq, chunk)| Event {
            seq,
            kind: EventKind::Progress,
            offset: 0,
            data: STANDARD.encode(chunk.to_string()),
        })
        .collect();
    gateway.store.append_events(job_id, node_id, record.epoch, &events, 0, unix_ms()).await?;
    Ok(())
}

/// How many of the tail's first chunks are the last ones of those kept. Chunks may be equal by chance, so what gives the
/// whole text counts, when it is known; else the longest.
fn overlap(kept: &[Value], tail: &[Value], text: Option<&str>) -> usize {
    let most = kept.len().min(tail.len()).min(LOOK_BACK);
    let fits: Vec<usize> = (0..=most).rev().filter(|&n| kept[kept.len() - n..] == tail[..n]).collect();
    let whole = |&n: &usize| {
        let all: String = kept.iter().chain(&tail[n..]).map(chunk_text).collect();
        Some(all.as_str()) == text
    };
    fits.iter().copied().find(|n| text.is_some() && whole(n)).or_else(|| fits.first().copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chunks(text: &str) -> Vec<Value> {
        text.chars().map(|letter| json!({"choices": [{"delta": {"content": letter.to_string()}}]})).collect()
    }

    #[test]
    fn what_is_there_already_is_found() {
        let known = |kept: &str, tail: &str, text: Option<&str>| overlap(&chunks(kept), &chunks(tail), text);
        assert_eq!(known("abcd", "efg", Some("abcdefg")), 0);
        assert_eq!(known("abcd", "cdef", Some("abcdef")), 2);
        assert_eq!(known("abaa", "aab", Some("abaaab")), 1, "equal chunks, told apart by the text");
        assert_eq!(known("abaa", "aab", Some("abaaaab")), 0);
        assert_eq!(known("abaa", "aab", None), 2);
        assert_eq!(known("", "ab", None), 0);
    }
}
