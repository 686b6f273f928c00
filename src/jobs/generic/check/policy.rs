//! What the caller lets the job do. The owner's rules come on top.

use super::issues::Issues;
use serde_json::Value;

const AT: &str = "policy";
const CODE: &str = "invalid_policy";
const FIELDS: &[&str] = &[
    "trust_mode",
    "network",
    "allow_raw_command",
    "allowed_images",
    "allowed_package_publishers",
    "max_artifact_bytes",
];

/// The longest artifact, when the policy says.
pub(super) fn check(issues: &mut Issues, value: Option<&Value>) -> Option<u64> {
    if value.is_none() {
        issues.add(CODE, AT, "is missing", None);
    }
    let policy = issues.object(CODE, AT, value)?;
    issues.unknown(AT, policy, FIELDS);
    one_of(issues, "policy.trust_mode", policy.get("trust_mode"), &["owner-local", "tenant-owned"], true);
    one_of(issues, "policy.network", policy.get("network"), &["none", "egress-allowlist"], false);
    if let Some(raw) = policy.get("allow_raw_command").filter(|raw| !raw.is_null() && **raw != Value::Bool(false)) {
        issues.add("unsafe_field", "policy.allow_raw_command", "raw commands are never run", Some(raw));
    }
    issues.texts(CODE, AT, policy, "allowed_images");
    issues.texts(CODE, AT, policy, "allowed_package_publishers");
    issues.positive(CODE, AT, policy, "max_artifact_bytes")
}

fn one_of(issues: &mut Issues, at: &str, value: Option<&Value>, words: &[&str], required: bool) {
    let good = match value {
        None | Some(Value::Null) => !required,
        Some(value) => value.as_str().is_some_and(|word| words.contains(&word)),
    };
    if !good {
        issues.add(CODE, at, format!("must be one of: {}", words.join(", ")), value);
    }
}
