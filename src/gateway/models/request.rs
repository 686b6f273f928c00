//! What a caller asks of a model, and the job that protocol 1 makes of it.

use super::agent::CHAT;
use super::failed::ModelFailure;
use super::offer::Offer;
use super::slug::canonical;
use serde_json::{Map, Value, json};

/// Among a job's parameters, its agent's names as they are compared; for claims only, no node sees it.
pub(crate) const ALIASES: &str = "agent_aliases";

/// What a caller may not say to a node: the gateway decides it, or it is a secret that must not be kept.
const NOT_FORWARDED: [&str; 9] = [
    "docdex",
    "scheduling",
    "policy",
    "workspace",
    "session",
    "codali_job",
    "codali_gateway",
    "attached_mswarm_api_key",
    ALIASES,
];

/// A request in OpenAI's form.
#[derive(Debug, Clone)]
pub(crate) struct ModelRequest {
    /// The name that the caller gave.
    pub(crate) model: String,
    /// `chat.completions`, `images.generations`, `audio.generations` or `videos.generations`.
    pub(crate) operation: &'static str,
    /// Whether the answer is wanted in pieces.
    pub(crate) stream: bool,
    /// Whether the pieces end with one that has the usage.
    pub(crate) include_usage: bool,
    /// −100 to 100, lower first.
    pub(crate) priority: i64,
    openai: Map<String, Value>,
    scheduling: Option<Map<String, Value>>,
    docdex: Option<Value>,
}

impl ModelRequest {
    /// Reads a body.
    pub(crate) fn read(operation: &'static str, mut body: Map<String, Value>) -> Result<Self, ModelFailure> {
        let Some(model) = body.get("model").and_then(Value::as_str).filter(|model| !model.trim().is_empty()) else {
            return Err(ModelFailure::invalid("model is missing: which model shall answer?"));
        };
        let model = model.trim().to_owned();
        let stream = body.get("stream") == Some(&Value::Bool(true));
        if operation == CHAT {
            if body.get("messages").and_then(Value::as_array).is_none_or(|messages| messages.is_empty()) {
                return Err(ModelFailure::invalid("messages is not a list with a message"));
            }
        } else {
            if stream {
                return Err(ModelFailure::invalid(format!("{operation} cannot be streamed")));
            }
            if body.get("prompt").and_then(Value::as_str).is_none_or(|prompt| prompt.trim().is_empty()) {
                return Err(ModelFailure::invalid("prompt is not a text"));
            }
        }
        let docdex = beside(&mut body, "docdex").map(without_secrets);
        let scheduling = match beside(&mut body, "scheduling") {
            None => None,
            Some(Value::Object(scheduling)) => Some(scheduling),
            Some(_) => return Err(ModelFailure::invalid("scheduling is not an object")),
        };
        let priority = match scheduling.as_ref().and_then(|scheduling| scheduling.get("priority")) {
            None | Some(Value::Null) => 0,
            Some(priority) => priority
                .as_i64()
                .filter(|priority| (-100..=100).contains(priority))
                .ok_or_else(|| ModelFailure::invalid(format!("scheduling.priority is {priority}, not −100 to 100")))?,
        };
        let include_usage = body.get("stream_options").is_some_and(|options| options["include_usage"] == true);
        for name in NOT_FORWARDED {
            body.remove(name);
        }
        Ok(Self { model, operation, stream, include_usage, priority, openai: body, scheduling, docdex })
    }

    /// The job's parameters for the agent that is to answer. A plain request never lets an agent use tools of its node: such
    /// nodes have them on unless they are told.
    pub(super) fn params(&self, offer: &Offer) -> Map<String, Value> {
        let agent = &offer.agent;
        let mut openai = self.openai.clone();
        openai.insert("model".to_owned(), agent.model().into());
        let provider = if agent.text("provider").is_empty() { "mcoda" } else { agent.text("provider") };
        let params = json!({
            "agent_slug": offer.slug(),
            "remote_slug": offer.remote_slug(),
            "provider": provider,
            "adapter": agent.value("adapter"),
            "source_agent_slug": agent.value("source_agent_slug"),
            "model": agent.model(),
            "openai_request": openai,
            "policy": {"allow_tools": false, "execution_class": "chat"},
        });
        let Value::Object(mut params) = params else { return Map::new() };
        if let Some(scheduling) = &self.scheduling {
            params.insert("scheduling".to_owned(), scheduling.clone().into());
        }
        if let Some(docdex) = &self.docdex {
            params.insert("docdex".to_owned(), docdex.clone());
        }
        let aliases = aliases(&params);
        params.insert(ALIASES.to_owned(), aliases);
        params
    }
}

/// The names by which a poll may exclude a job of these parameters.
pub(crate) fn aliases(params: &Map<String, Value>) -> Value {
    let names = ["agent_slug", "source_agent_slug", "remote_slug"].into_iter();
    let mut aliases: Vec<String> =
        names.filter_map(|name| params.get(name)?.as_str()).map(canonical).filter(|alias| !alias.is_empty()).collect();
    aliases.sort();
    aliases.dedup();
    json!(aliases)
}

/// A part of the body that is not the model's: at the top, or in `metadata`.
fn beside(body: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let inner = body.get_mut("metadata").and_then(Value::as_object_mut).and_then(|metadata| metadata.remove(name));
    body.remove(name).or(inner).filter(|value| !value.is_null())
}

/// Keys come to a node with the poll, never in a job, which is kept.
fn without_secrets(mut docdex: Value) -> Value {
    if let Value::Object(fields) = &mut docdex {
        for name in ["apiKey", "api_key", "attached_mswarm_api_key"] {
            fields.remove(name);
        }
    }
    docdex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Result<ModelRequest, ModelFailure> {
        let Value::Object(body) = body else { panic!("no object") };
        ModelRequest::read(CHAT, body)
    }

    #[test]
    fn what_is_not_the_models_is_taken_out_and_secrets_are_dropped() {
        let request = read(json!({
            "model": "m", "messages": [{"role": "user", "content": "hi"}], "temperature": 0.2,
            "policy": {"allow_shell": true}, "attached_mswarm_api_key": "secret", "workspace": {"root": "/"},
            "docdex": {"repo_id": "r", "api_key": "secret", "apiKey": "secret"},
            "metadata": {"scheduling": {"priority": -3}, "mine": 1}
        }))
        .unwrap();
        assert_eq!(request.priority, -3);
        assert_eq!(request.docdex, Some(json!({"repo_id": "r"})));
        let openai = Value::Object(request.openai);
        assert_eq!(openai["metadata"], json!({"mine": 1}));
        assert_eq!(openai["temperature"], 0.2);
        assert!(
            !openai.to_string().contains("secret")
                && openai.get("policy").is_none()
                && openai.get("workspace").is_none()
        );
    }

    #[test]
    fn a_wrong_request_says_what_is_wrong() {
        let messages = json!([{"role": "user", "content": "hi"}]);
        for (body, word) in [
            (json!({"messages": messages}), "model"),
            (json!({"model": "m", "messages": []}), "messages"),
            (json!({"model": "m", "messages": messages, "scheduling": {"priority": 101}}), "priority"),
            (json!({"model": "m", "messages": messages, "scheduling": 1}), "scheduling"),
        ] {
            let failed = read(body).unwrap_err();
            assert!(failed.status == 400 && failed.message.contains(word), "{failed:?}");
        }
    }
}
