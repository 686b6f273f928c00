//! One agent of the inventory that heartbeats carry: an entry of `models`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An agent as gateways are told of it, in protocol 1's field order. What an agent does not have is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelEntry {
    /// Its slug.
    pub name: String,
    /// `mcoda` or `ollama`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// How it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Its id on the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_agent_id: Option<String>,
    /// Its slug on the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_agent_slug: Option<String>,
    /// The model behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The model's public name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
    /// The name under which callers know the model, when it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_model_id: Option<String>,
    /// The model's name at its server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_model: Option<String>,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Tokens that it can take in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// Tokens that it gives at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// Whether it calls tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_tools: Option<bool>,
    /// Whether it answers piece by piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_streaming: Option<bool>,
    /// Whether it takes images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_vision: Option<bool>,
    /// Whether its server speaks the OpenAI protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openai_compatible: Option<bool>,
    /// Whether callers may use it; missing means that they may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposed: Option<bool>,
    /// What it is best at, e.g. `general_chat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_usage: Option<String>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// `healthy`, `degraded`, `unreachable`, `blocked` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_status: Option<String>,
    /// `discovered` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_quality: Option<String>,
    /// `text`, `image`, `audio`, `video`.
    pub input_modalities: Vec<String>,
    /// As `input_modalities`.
    pub output_modalities: Vec<String>,
    /// What it can be asked for.
    pub operations: Vec<ModelOperation>,
    /// Everything else: prices, ratings, how its server is reached.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// One operation of an agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelOperation {
    /// E.g. `chat.completions`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The path at its server.
    pub path: String,
    /// `POST`.
    pub method: String,
    /// Fields of a request that are passed on.
    pub supported_parameters: Vec<String>,
    /// Formats of an answer, for media.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_formats: Option<Vec<String>>,
    /// Media types of an answer, for media.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_mime_types: Option<Vec<String>>,
    /// Limits by name, in the order in which the agent's configuration has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Map<String, Value>>,
}
