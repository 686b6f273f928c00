//! An agent that a node offers, with what everybody may know of it: never where its model is reached.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is kept of a heartbeat's entry. Anything else, private addresses above all, is dropped before it is kept.
const PUBLIC: [&str; 29] = [
    "name",
    "provider",
    "adapter",
    "source_agent_slug",
    "model",
    "model_id",
    "public_model_id",
    "upstream_model",
    "display_name",
    "context_window",
    "max_output_tokens",
    "supports_tools",
    "supports_streaming",
    "supports_vision",
    "supports_json_schema",
    "supports_gbnf",
    "openai_compatible",
    "best_usage",
    "capabilities",
    "cost_per_million",
    "rating",
    "reasoning_rating",
    "max_complexity",
    "health_status",
    "metadata_quality",
    "input_modalities",
    "output_modalities",
    "operations",
    "parameter_size",
];

/// What is kept of an operation.
const OPERATION: [&str; 6] =
    ["type", "method", "supported_parameters", "response_formats", "output_mime_types", "limits"];

/// The operation of an agent that names none.
pub(crate) const CHAT: &str = "chat.completions";

/// One agent of one node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Agent(Map<String, Value>);

impl Agent {
    /// The agent of a heartbeat's entry; none when it is not offered or has no name.
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let entry = entry.as_object()?;
        // Saying nothing means that it is offered: mswarm counts it so in the catalogue's fingerprint.
        if !matches!(entry.get("exposed"), None | Some(Value::Null | Value::Bool(true))) {
            return None;
        }
        let mut kept = Map::new();
        for name in PUBLIC {
            if let Some(value) = entry.get(name).filter(|value| !value.is_null()) {
                kept.insert(name.to_owned(), value.clone());
            }
        }
        if let Some(Value::Array(operations)) = kept.get_mut("operations") {
            for operation in operations.iter_mut().filter_map(Value::as_object_mut) {
                operation.retain(|name, _| OPERATION.contains(&name.as_str()));
            }
        }
        let agent = Self(kept);
        if agent.slug().is_empty() { None } else { Some(agent) }
    }

    /// A text of it; empty when it has none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.0.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// A value of it; null when it has none.
    pub(crate) fn value(&self, field: &str) -> Value {
        self.0.get(field).cloned().unwrap_or_default()
    }

    /// Its name on its node.
    pub(crate) fn slug(&self) -> &str {
        let slug = self.text("source_agent_slug");
        if slug.is_empty() { self.text("name") } else { slug }
    }

    /// Its model as its node calls it.
    pub(crate) fn model(&self) -> &str {
        ["model", "upstream_model", "model_id", "name"]
            .map(|field| self.text(field))
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
    }

    /// Its model as callers may call it.
    pub(crate) fn model_id(&self) -> &str {
        let public = self.text("public_model_id");
        if !public.is_empty() {
            public
        } else if self.text("model_id").is_empty() {
            self.model()
        } else {
            self.text("model_id")
        }
    }

    /// Every name under which a caller may ask for it without saying of which node.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let fields = ["source_agent_slug", "name", "public_model_id", "model_id", "model"];
        fields.into_iter().map(|field| self.text(field)).filter(|name| !name.is_empty())
    }

    /// Whether it can do that.
    pub(crate) fn can(&self, operation: &str) -> bool {
        match self.0.get("operations").and_then(Value::as_array) {
            Some(operations) => operations.iter().any(|known| known["type"] == operation),
            None => operation == CHAT,
        }
    }

    /// The parameters that it takes for an operation, as it says.
    pub(crate) fn parameters(&self, operation: &str) -> Value {
        let operations = self.0.get("operations").and_then(Value::as_array);
        let found = operations.and_then(|all| all.iter().find(|known| known["type"] == operation));
        found.map(|known| known["supported_parameters"].clone()).unwrap_or_default()
    }

    /// `healthy`, `degraded`, `unreachable`, `blocked` or `unknown`.
    pub(crate) fn health(&self) -> &str {
        match self.text("health_status") {
            "" => "unknown",
            health => health,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn private_addresses_and_hidden_agents_are_not_kept() {
        let entry = json!({
            "name": "qwen-local", "source_agent_slug": "qwen-local", "model": "qwen-gguf", "exposed": true,
            "base_url": "http://127.0.0.1:18901/v1", "health_path": "/health", "auth_mode": "bearer", "x": "http://10.0.0.1",
            "operations": [{"type": "chat.completions", "path": "http://10.0.0.1/v1", "supported_parameters": ["model"]}]
        });
        let agent = Agent::read(&entry).unwrap();
        let text = serde_json::to_string(&agent).unwrap();
        assert!(!text.contains("://") && !text.contains("bearer"), "{text}");
        assert_eq!((agent.slug(), agent.model(), agent.health()), ("qwen-local", "qwen-gguf", "unknown"));
        assert!(agent.can(CHAT) && !agent.can("images.generations"));
        for hidden in [
            json!({"name": "a", "exposed": false}),
            json!({"name": "a", "exposed": "yes"}),
            json!({"exposed": true}),
            json!(1),
        ] {
            assert_eq!(Agent::read(&hidden), None);
        }
        assert!(Agent::read(&json!({"name": "a"})).is_some());
    }
}
