//! Secrets that do not go into a snapshot.

pub use crate::workspace::config::REDACTED;
use serde_json::Value;

/// Parts of the names of configuration fields that hold secrets, lower-case.
const SECRET: [&str; 7] = ["access_key", "secret", "password", "token", "api_key", "credential", "private_key"];

/// A mount's configuration without its secrets.
pub(super) fn redacted(config: &Value) -> Value {
    match config {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let lower = name.to_lowercase();
                let secret = !value.is_null() && SECRET.iter().any(|part| lower.contains(part));
                (name.clone(), if secret { REDACTED.into() } else { redacted(value) })
            })
            .collect(),
        Value::Array(values) => values.iter().map(redacted).collect(),
        other => other.clone(),
    }
}

/// Whether something in a configuration was replaced.
pub fn is_redacted(config: &Value) -> bool {
    match config {
        Value::String(text) => text == REDACTED,
        Value::Array(values) => values.iter().any(is_redacted),
        Value::Object(fields) => fields.values().any(is_redacted),
        _ => false,
    }
}
