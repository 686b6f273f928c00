//! Answers of models in OpenAI's form: whole ones, and the chunks that they come in or are made into.

use serde_json::{Map, Value, json};

/// The name that the caller gave in place of the node's own.
pub(super) fn with_model(mut answer: Value, model: &str) -> Value {
    if let Some(Value::String(own)) = answer.get_mut("model") {
        model.clone_into(own);
    }
    answer
}

/// The text of a chunk's first choice.
pub(super) fn chunk_text(chunk: &Value) -> &str {
    chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default()
}

/// Whether a chunk ends a choice.
pub(super) fn is_last(chunk: &Value) -> bool {
    let choices = chunk["choices"].as_array();
    choices.is_some_and(|choices| choices.iter().any(|choice| !choice["finish_reason"].is_null()))
}

/// The text of a whole answer's first choice.
pub(super) fn answer_text(answer: &Value) -> Option<&str> {
    answer["choices"][0]["message"]["content"].as_str()
}

/// A whole answer as chunks. Of the first choice, the text up to `sent` bytes is left out, as is everything that chunks have
/// said before when there were any.
pub(super) fn chunks_of(answer: &Value, sent: Option<usize>) -> Vec<Value> {
    let mut chunks = Vec::new();
    let choices = answer["choices"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (n, choice) in choices.iter().enumerate() {
        let index = choice["index"].as_u64().unwrap_or(n as u64);
        let mut delta = Map::new();
        match (n, sent) {
            (_, None) => {
                let message = choice["message"].as_object().cloned().unwrap_or_default();
                delta = message.into_iter().filter(|(_, value)| !value.is_null()).collect();
                number_calls(&mut delta);
            }
            (0, Some(sent)) => {
                let rest = answer_text(answer).and_then(|text| text.get(sent..)).unwrap_or_default();
                if !rest.is_empty() {
                    delta.insert("content".to_owned(), rest.into());
                }
            }
            _ => {}
        }
        if !delta.is_empty() {
            chunks.push(chunk(answer, json!([{"index": index, "delta": delta, "finish_reason": null}])));
        }
        let finish = choice.get("finish_reason").filter(|reason| !reason.is_null()).cloned();
        let finish = finish.unwrap_or_else(|| "stop".into());
        chunks.push(chunk(answer, json!([{"index": index, "delta": {}, "finish_reason": finish}])));
    }
    chunks
}

/// The chunk that has the usage and nothing else.
pub(super) fn usage_chunk(answer: &Value) -> Value {
    let mut usage = chunk(answer, json!([]));
    usage["usage"] = answer["usage"].clone();
    usage
}

fn chunk(answer: &Value, choices: Value) -> Value {
    json!({
        "id": answer["id"], "object": "chat.completion.chunk", "created": answer["created"], "model": answer["model"],
        "choices": choices,
    })
}

/// In chunks, calls of tools have numbers.
fn number_calls(delta: &mut Map<String, Value>) {
    let calls = delta.get_mut("tool_calls").and_then(Value::as_array_mut);
    for (n, call) in calls.into_iter().flatten().enumerate() {
        if let Value::Object(call) = call {
            call.entry("index").or_insert_with(|| n.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_tool_calls_becomes_chunks() {
        let answer = json!({"id": "c", "created": 1, "model": "m", "choices": [{"index": 0, "finish_reason": "tool_calls",
            "message": {"role": "assistant", "content": null, "tool_calls": [{"id": "t", "function": {"name": "f"}}]}}]});
        let chunks = chunks_of(&answer, None);
        assert_eq!(chunks.len(), 2);
        let delta = &chunks[0]["choices"][0]["delta"];
        assert_eq!((&delta["tool_calls"][0]["index"], delta.get("content")), (&json!(0), None));
        assert_eq!(chunks[1]["choices"][0]["finish_reason"], "tool_calls");
        assert!(is_last(&chunks[1]) && !is_last(&chunks[0]));
    }

    #[test]
    fn only_what_was_not_sent_is_added() {
        let answer = json!({"model": "m", "choices": [{"message": {"content": "hello"}, "finish_reason": "length"}]});
        let chunks = chunks_of(&answer, Some(3));
        assert_eq!(chunks.iter().map(chunk_text).collect::<Vec<_>>(), ["lo", ""]);
        assert_eq!(chunks_of(&answer, Some(5)).len(), 1);
    }
}
