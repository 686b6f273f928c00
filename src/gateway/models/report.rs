//! What a node says of itself in its heartbeats and is kept, and what of it is not as it should be.

use super::agent::Agent;
use super::clients::normal_client;
use super::failures::newer;
use super::signature::public_projection;
use crate::wire::node::{ClientId, HeartbeatRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most agents of a node and clients of its list that are kept.
const MOST: usize = 1000;

/// What is kept of a node's heartbeats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct NodeReport {
    /// What it offers, never what it hides.
    pub(crate) agents: Vec<Agent>,
    /// Who may use it beside its owner, in normal form; empty means nobody else.
    pub(crate) client_allowlist: Vec<ClientId>,
    /// What it can do, in the words that everybody may read; none without a good signature.
    pub(crate) capabilities: Option<Value>,
    /// Whether it says enough for load to be balanced over it.
    pub(crate) balanced: bool,
    /// `outbound` or `direct`.
    pub(crate) relay_mode: String,
    /// The newest failure that it reported, milliseconds by its own clock; none before its first heartbeat.
    pub(crate) newest_failure_ms: Option<i64>,
}

/// What a heartbeat shows that is or is not as it should be: kind, whether it is, code, sentence.
pub(super) type Finding = (&'static str, bool, String, String);

impl NodeReport {
    /// Takes in a heartbeat, whose sender has shown `token`.
    pub(super) fn next(&self, request: &HeartbeatRequest, token: &str) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let capabilities =
            request.capabilities.as_deref().and_then(|payload| match public_projection(payload, token) {
                Ok(projection) => {
                    findings.push(found(
                        "capability_signature",
                        true,
                        "verified",
                        "what it can do is signed with its token",
                    ));
                    Some(projection)
                }
                Err(wrong) => {
                    findings.push(found("capability_signature", false, wrong.0, wrong.1));
                    None
                }
            });
        let (newest, codes) = newer(&request.health.recent_failures, self.newest_failure_ms);
        if !codes.is_empty() {
            let message = format!("jobs failed since the heartbeat before: {}", codes.join(", "));
            findings.push(found("recent_failures", false, &codes[0], &message));
        }
        if let Some(lifecycle) = &request.runtime.lifecycle {
            findings.push(found("lifecycle", false, &lifecycle.reason, &lifecycle.message));
        }
        let failed = [&request.discovery.mcoda_status, &request.ollama.status]
            .into_iter()
            .any(|status| status.as_deref() == Some("error"));
        if failed {
            findings.push(found(
                "discovery",
                false,
                "error",
                "it could not look for its agents; those of before still count",
            ));
        }
        // A search that failed says nothing about what is there.
        let agents = if failed && request.models.is_empty() {
            self.agents.clone()
        } else {
            request.models.iter().filter_map(Agent::read).take(MOST).collect()
        };
        let report = Self {
            agents,
            client_allowlist: allowlist(&request.client_allowlist),
            capabilities,
            balanced: request.capacity.load_balancer_protocol_version.is_some_and(|version| version >= 1),
            relay_mode: request.runtime.relay_mode.clone(),
            newest_failure_ms: Some(newest),
        };
        (report, findings)
    }
}

/// What is kept must be written again when it says something else. When capabilities were looked at is not something else: nodes
/// look again all the time.
pub(super) fn is_news(kept: &NodeReport, next: &NodeReport) -> bool {
    let timeless = |report: &NodeReport| {
        let mut report = report.clone();
        if let Some(Value::Object(capabilities)) = &mut report.capabilities {
            capabilities.retain(|name, _| name != "captured_at" && name != "snapshot_id");
        }
        report
    };
    kept != next && timeless(kept) != timeless(next)
}

/// A list in normal form. What is no client cannot be one that asks.
fn allowlist(clients: &[ClientId]) -> Vec<ClientId> {
    let mut known = Vec::new();
    for client in clients.iter().filter_map(|client| normal_client(&client.value)).take(MOST) {
        if !known.contains(&client) {
            known.push(client);
        }
    }
    known
}

fn found(kind: &'static str, ok: bool, reason: &str, message: &str) -> Finding {
    (kind, ok, reason.to_owned(), message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_look_at_the_same_capabilities_is_no_news() {
        let report = |captured: &str, gpu: bool| NodeReport {
            capabilities: Some(json!({"captured_at": captured, "snapshot_id": captured, "gpu": gpu})),
            ..NodeReport::default()
        };
        assert!(!is_news(&report("now", true), &report("then", true)));
        assert!(is_news(&report("now", true), &report("now", false)));
        assert!(!is_news(&NodeReport::default(), &NodeReport::default()));
    }
}
