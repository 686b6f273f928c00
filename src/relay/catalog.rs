//! The catalogue of agents, and its fingerprint: the same agents always have the same one, whichever node says so.
//!
//! What is hashed is defined by the nodes that exist: the compact JSON of chosen fields in a fixed order, sorted as JavaScript
//! sorts. Health counts; prices, ratings and sizes do not.

use crate::base::sha256_hex;
use crate::wire::node::{ModelEntry, ModelOperation};
use serde::Serialize;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Punctuation in the order of the Unicode root collation, before digits and letters.
const PUNCTUATION: &str = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// The agents that a node tells its gateway of.
#[derive(Debug, Clone)]
pub struct Catalog {
    models: Vec<ModelEntry>,
    fingerprint: String,
}

impl Catalog {
    /// Of these agents.
    pub fn new(models: Vec<ModelEntry>) -> Self {
        let fingerprint = fingerprint(&models);
        Self { models, fingerprint }
    }

    /// `sha256:` and 64 hex digits.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// All agents.
    pub fn models(&self) -> &[ModelEntry] {
        &self.models
    }

    /// How many of them callers may use.
    pub fn exposed(&self) -> usize {
        self.models.iter().filter(|model| model.exposed != Some(false)).count()
    }
}

/// What of an agent is hashed, in the order in which it is.
#[derive(Serialize)]
struct Hashed<'a> {
    name: &'a str,
    provider: Option<&'a str>,
    adapter: Option<&'a str>,
    source_agent_slug: Option<&'a str>,
    model_id: Option<&'a str>,
    public_model_id: Option<&'a str>,
    upstream_model: Option<&'a str>,
    exposed: bool,
    capabilities: Vec<&'a str>,
    input_modalities: Vec<&'a str>,
    output_modalities: Vec<&'a str>,
    operations: Vec<HashedOperation<'a>>,
    health_status: Option<&'a str>,
}

#[derive(Serialize)]
struct HashedOperation<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    path: &'a str,
    method: &'a str,
    supported_parameters: Vec<&'a str>,
    response_formats: Vec<&'a str>,
    output_mime_types: Vec<&'a str>,
    limits: Option<Map<String, Value>>,
}

fn fingerprint(models: &[ModelEntry]) -> String {
    format!("sha256:{}", sha256_hex(canonical(models).as_bytes()))
}

/// The text that is hashed.
fn canonical(models: &[ModelEntry]) -> String {
    let mut entries: Vec<_> = models.iter().map(hashed).collect();
    let key = |entry: &Hashed<'_>| format!("{}:{}", entry.provider.unwrap_or_default(), entry.name);
    entries.sort_by(|a, b| collated(&key(a), &key(b)));
    // Strings, numbers and maps with text keys cannot fail to serialise.
    serde_json::to_string(&entries).unwrap_or_default()
}

fn hashed(model: &ModelEntry) -> Hashed<'_> {
    let mut capabilities = sorted(&model.capabilities);
    capabilities.dedup();
    let mut operations: Vec<_> = model.operations.iter().map(hashed_operation).collect();
    operations.sort_by(|a, b| by_code_units(a.kind, b.kind));
    Hashed {
        name: &model.name,
        provider: model.provider.as_deref(),
        adapter: model.adapter.as_deref(),
        source_agent_slug: model.source_agent_slug.as_deref(),
        model_id: model.model_id.as_deref().or(model.model.as_deref()),
        public_model_id: model.public_model_id.as_deref(),
        upstream_model: model.upstream_model.as_deref().or(model.model.as_deref()),
        exposed: model.exposed.unwrap_or(true),
        capabilities,
        input_modalities: sorted(&model.input_modalities),
        output_modalities: sorted(&model.output_modalities),
        operations,
        health_status: model.health_status.as_deref(),
    }
}

fn hashed_operation(operation: &ModelOperation) -> HashedOperation<'_> {
    HashedOperation {
        kind: &operation.kind,
        path: &operation.path,
        method: &operation.method,
        supported_parameters: sorted(&operation.supported_parameters),
        response_formats: operation.response_formats.as_deref().map(sorted).unwrap_or_default(),
        output_mime_types: operation.output_mime_types.as_deref().map(sorted).unwrap_or_default(),
        limits: operation
            .limits
            .as_ref()
            .map(|limits| limits.iter().map(|(name, value)| (name.clone(), as_javascript_writes(value))).collect()),
    }
}

fn sorted(items: &[String]) -> Vec<&str> {
    let mut items: Vec<_> = items.iter().map(String::as_str).collect();
    items.sort_by(|a, b| by_code_units(a, b));
    items
}

/// JavaScript's plain order of strings.
fn by_code_units(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// JavaScript has no `1.0`.
fn as_javascript_writes(value: &Value) -> Value {
    match value.as_f64() {
        #[allow(clippy::cast_possible_truncation, reason = "a whole number of at most 53 bits")]
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
            Value::from(number as i64)
        }
        _ => value.clone(),
    }
}

/// As `localeCompare` orders ASCII: punctuation, digits, letters whatever their case; of equal ones small letters first.
/// What is not ASCII comes after it, by its code points.
fn collated(a: &str, b: &str) -> Ordering {
    let weights = |text: &str| text.chars().map(weight).collect::<Vec<_>>();
    let capitals = |text: &str| text.chars().map(|c| c.is_ascii_uppercase()).collect::<Vec<_>>();
    weights(a).cmp(&weights(b)).then_with(|| capitals(a).cmp(&capitals(b)))
}

fn weight(c: char) -> (u8, u32) {
    if let Some(place) = PUNCTUATION.find(c) {
        return (0, u32::try_from(place).unwrap_or(u32::MAX));
    }
    let class = if c.is_ascii_digit() {
        1
    } else if c.is_ascii_alphabetic() {
        2
    } else if c.is_ascii() {
        0
    } else {
        3
    };
    (class, u32::from(c.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ollama(name: &str, exposed: bool) -> ModelEntry {
        let parameters =
            "model messages stream temperature top_p max_tokens stop response_format tools tool_choice".split(' ');
        serde_json::from_value(json!({
            "name": name, "provider": "ollama", "adapter": "ollama", "model_id": name, "upstream_model": name,
            "digest": "d", "supports_tools": false, "exposed": exposed, "rating": 5, "health_status": "healthy",
            "input_modalities": ["text"], "output_modalities": ["text"],
            "operations": [{"type": "chat.completions", "path": "/api/chat", "method": "POST",
                            "supported_parameters": parameters.collect::<Vec<_>>()}],
        }))
        .unwrap()
    }

    #[test]
    fn the_vectors_of_existing_nodes_come_out() {
        assert_eq!(
            Catalog::new(Vec::new()).fingerprint(),
            "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
        );
        let both = [ollama("phi3.5:3.8b", true), ollama("nomic-embed-text:latest", false)];
        let first = r#"[{"name":"nomic-embed-text:latest","provider":"ollama","adapter":"ollama","source_agent_slug":null,"model_id":"nomic-embed-text:latest","public_model_id":null,"upstream_model":"nomic-embed-text:latest","exposed":false,"capabilities":[],"input_modalities":["text"],"output_modalities":["text"],"operations":[{"type":"chat.completions","path":"/api/chat","method":"POST","supported_parameters":["max_tokens","messages","model","response_format","stop","stream","temperature","tool_choice","tools","top_p"],"response_formats":[],"output_mime_types":[],"limits":null}],"health_status":"healthy"},{"name":"phi3.5:3.8b","#;
        assert!(canonical(&both).starts_with(first), "{}", canonical(&both));
        let catalog = Catalog::new(both.to_vec());
        assert_eq!(catalog.fingerprint(), "sha256:8572875767ebe14b05518d73b901b085569d531b677ed0fed5e1a92c2ee1fdcc");
        assert_eq!((catalog.models().len(), catalog.exposed()), (2, 1));
        assert_eq!(
            Catalog::new(both[..1].to_vec()).fingerprint(),
            "sha256:26eed9fd77a53c4a44f09521d3eeae6408a5b4661096910fb2f185fa143678c7"
        );
    }

    #[test]
    fn health_counts_and_ratings_do_not() {
        let model = ollama("phi3.5:3.8b", true);
        let same = ModelEntry { context_window: Some(8192), ..model.clone() };
        assert_eq!(fingerprint(&[same]), fingerprint(std::slice::from_ref(&model)));
        let ill = ModelEntry { health_status: Some("degraded".to_owned()), ..model.clone() };
        assert_ne!(fingerprint(&[ill]), fingerprint(&[model]));
    }

    #[test]
    fn names_are_ordered_as_javascript_collates_them() {
        // As `[…].sort((a, b) => a.localeCompare(b))` gives them.
        let ordered =
            ["_a", "-a", ":a", ".a", "/a", "1a", "a", "A", "a_b", "a-b", "a:b", "a.b", "a1", "aB", "ac", "Ad", "b"];
        let mut names = ordered;
        names.reverse();
        names.sort_by(|a, b| collated(a, b));
        assert_eq!(names, ordered);
    }

    #[test]
    fn limits_keep_their_order_and_numbers_are_written_as_javascript_does() {
        let mut model = ollama("m", true);
        model.operations[0].limits = json!({"max_n": 4.0, "max_duration_seconds": 1.5}).as_object().cloned();
        assert!(canonical(&[model]).contains(r#""limits":{"max_n":4,"max_duration_seconds":1.5}"#));
    }
}
