//! What no archive may hold: every secret that is known, by its value, and everything that looks like one.

use crate::base::Secret;
use crate::cli::direct_args::SIGNING_SECRETS;
use crate::cli::error::{CliError, ExitKind};
use crate::client::Network;
use crate::state::{Credentials, Home, NodeConfig, Settings};
use regex::{Captures, Regex};
use serde_json::Value;

/// Shorter values are words of ordinary text.
const SHORTEST: usize = 4;
const REDACTED: &str = "[redacted]";

/// Takes secrets out of texts.
pub struct Redaction {
    values: Vec<Secret>,
    patterns: Vec<(Regex, &'static str)>,
}

impl Redaction {
    /// With all secrets of a home that can be read, and of the network settings in force.
    ///
    /// # Errors
    /// When a file cannot be read whose secret would have to be known: without it nothing can be promised.
    pub fn of(home: &Home, config: Option<&NodeConfig>) -> Result<Self, CliError> {
        let mut values: Vec<Secret> = Vec::new();
        for file in [home.node_key(), home.signing_secret(), home.api_token_file()] {
            match std::fs::read_to_string(&file) {
                Ok(text) => values.push(Secret::new(text)),
                Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {}
                Err(failed) => {
                    let text = format!(
                        "{}: {failed}: without it, its secret cannot be kept out of the archive",
                        file.display()
                    );
                    return Err(CliError::new(ExitKind::Config, text).hint("mend the file's permissions"));
                }
            }
        }
        values.extend(Credentials::of(home).token().ok().flatten());
        if let Ok(settings) = Settings::load(home, &|name| std::env::var_os(name)) {
            values.extend(settings.secret("auth_token"));
        }
        for name in ["WAYPOST_TOKEN", "MIRAGE_TOKEN"].iter().chain(&SIGNING_SECRETS) {
            values.extend(std::env::var(name).ok().map(Secret::new));
        }
        let network = config.map_or_else(Network::default, crate::daemon::network);
        values.extend(network.secrets());
        values.extend(config.map(|config| crate::daemon::kept_network(config).secrets()).unwrap_or_default());
        Self::with(values)
    }

    fn with(mut values: Vec<Secret>) -> Result<Self, CliError> {
        values.retain(|value| value.expose().len() >= SHORTEST);
        // The longest first: one may be a part of another.
        values.sort_by_key(|value| std::cmp::Reverse(value.expose().len()));
        let patterns = [
            // Keys and tokens of ours and of gateways like ours.
            (r"\b(msw|msn|mss|mse|wpa|wpk|wpn)_[A-Za-z0-9_-]{8,}", "${1}_[redacted]"),
            (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?", REDACTED),
            (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", "${1} [redacted]"),
            // Credentials in the address of anything; greedy, for those with an unescaped @.
            (r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/]+@", "${1}[redacted]@"),
            (
                r#"(?i)\b([a-z0-9_-]*(?:password|passwd|secret|api[_-]?key|token)["']?\s*[=:]\s*["']?)([^\s"',;}]{4,})"#,
                "${1}[redacted]",
            ),
        ];
        let compiled: Result<Vec<_>, regex::Error> =
            patterns.into_iter().map(|(pattern, by)| Ok((Regex::new(pattern)?, by))).collect();
        let patterns = compiled.map_err(|wrong| CliError::new(ExitKind::Failure, wrong.to_string()))?;
        Ok(Self { values, patterns })
    }

    /// A text without secrets.
    pub fn text(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for value in &self.values {
            clean = clean.replace(value.expose(), REDACTED);
            // As it stands in JSON.
            let escaped = serde_json::to_string(value.expose()).unwrap_or_default();
            let escaped = escaped.trim_matches('"');
            if escaped != value.expose() && !escaped.is_empty() {
                clean = clean.replace(escaped, REDACTED);
            }
        }
        for (pattern, by) in &self.patterns {
            clean = pattern
                .replace_all(&clean, |found: &Captures<'_>| {
                    let mut put = String::new();
                    found.expand(by, &mut put);
                    put
                })
                .into_owned();
        }
        clean
    }

    /// A value without what its keys call a secret, and without secrets in its texts.
    pub fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(fields) => {
                for (key, field) in fields {
                    if is_secret(key) && !field.is_null() && !field.is_boolean() {
                        *field = REDACTED.into();
                    } else {
                        self.json(field);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let named = ["secret", "password", "passwd", "token", "api_key", "apikey", "private_key", "credential"];
    // Whoever has a key of scope enroll joins as the machine whose fingerprint they know.
    key == "machine_fingerprint" || named.iter().any(|word| key.contains(word)) || key == "key"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn known_values_and_what_looks_like_a_secret_are_taken_out() {
        let redaction =
            Redaction::with(vec![Secret::new("hunter2"), Secret::new("ab"), Secret::new("pa\"ss")]).unwrap();
        let text = "hunter2 abc msn_0123456789abcdef mss_fedcba9876543210 Authorization: Bearer abcdefgh12 http://me:p@ss@proxy:1 \
                    eyJhbGciOiJI.eyJzdWIi.sig api_key=qwertz {\"password\": \"uiop1\"} pa\\\"ss";
        let clean = redaction.text(text);
        for secret in [
            "hunter2",
            "0123456789abcdef",
            "fedcba9876543210",
            "abcdefgh12",
            "p@ss",
            "eyJ",
            "qwertz",
            "uiop1",
            "pa\\\"ss",
        ] {
            assert!(!clean.contains(secret), "{secret}: {clean}");
        }
        assert!(clean.contains("abc ") && clean.contains("[redacted]@proxy:1"), "{clean}");
        let mut value = json!({ "name": "box", "x_token": "plain", "deep": [{ "note": "hunter2!" }], "api_key": 7, "tokens": true, "machine_fingerprint": "sha256:00" });
        redaction.json(&mut value);
        assert_eq!((&value["x_token"], &value["machine_fingerprint"]), (&json!(REDACTED), &json!(REDACTED)));
        assert_eq!((&value["deep"][0]["note"], &value["api_key"]), (&json!("[redacted]!"), &json!(REDACTED)));
        assert_eq!((&value["name"], &value["tokens"]), (&json!("box"), &json!(true)));
    }
}
