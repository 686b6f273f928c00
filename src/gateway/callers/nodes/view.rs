//! A node as callers see it, and what can be expected of it now.

use crate::base::unix_ms;
use crate::gateway::callers::seconds;
use crate::gateway::presence::millis;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::NodeRecord;
use crate::wire::gateway::{NodeState, NodeView};
use crate::wire::node::NodeCondition;
use std::time::Duration;

/// Between two polls of a node with a free slot there is hardly a pause; more than this means that it does not poll.
pub(crate) const POLL_GAP: Duration = Duration::from_secs(10);

/// What can be expected of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Ready,
    Draining,
    Unreachable,
    Removed,
}

impl Gateway {
    /// What can be expected of a node now.
    pub(crate) fn standing(&self, node: &NodeRecord) -> Standing {
        if node.removed_ms.is_some() {
            Standing::Removed
        } else if self.silent_ms(node).is_none_or(|silent| silent > millis(self.config.heartbeat_timeout)) {
            Standing::Unreachable
        } else if node.drain || node.draining {
            Standing::Draining
        } else {
            Standing::Ready
        }
    }

    /// How long nothing was heard of a node; none when nothing ever was.
    fn silent_ms(&self, node: &NodeRecord) -> Option<i64> {
        let presence = self.presence.of(&node.id);
        if presence.polls > 0 {
            return Some(0);
        }
        node.last_beat_ms.max(presence.last_poll_ms).map(|heard| (unix_ms() - heard).max(0))
    }

    /// A node as callers see it.
    pub(crate) async fn node_view(&self, node: NodeRecord) -> Result<NodeView, Refusal> {
        let active_jobs = self.store.active_jobs(&node.id).await?;
        let mut conditions = vec![self.heartbeat_condition(&node), self.poll_condition(&node, active_jobs)];
        let known: Vec<_> =
            node.conditions.iter().filter(|own| !matches!(own.kind.as_str(), "heartbeat" | "poll")).collect();
        conditions.extend(known.into_iter().cloned());
        let state = match self.standing(&node) {
            Standing::Removed => NodeState::Removed,
            Standing::Unreachable => NodeState::Unreachable,
            Standing::Draining => NodeState::Draining,
            Standing::Ready if node.status == "online" && conditions.iter().all(|condition| condition.ok) => {
                NodeState::Online
            }
            Standing::Ready => NodeState::Degraded,
        };
        let report = self.catalog.of(&node.id);
        let direct = self.direct_view(&node.id).await?;
        let last_seen_ms = self.silent_ms(&node).and_then(|silent| u64::try_from(silent).ok());
        Ok(NodeView {
            id: node.id,
            name: node.name,
            labels: node.labels,
            state,
            conditions,
            version: node.version,
            protocol: node.protocol,
            slots: node.slots,
            active_jobs,
            last_seen_ms,
            created_at: seconds(node.created_ms),
            agents: report.agents.iter().map(|agent| agent.slug().to_owned()).collect(),
            client_allowlist: report.client_allowlist.clone(),
            capabilities: report.capabilities.clone(),
            direct,
        })
    }

    fn heartbeat_condition(&self, node: &NodeRecord) -> NodeCondition {
        let now = unix_ms();
        let Some(last) = node.last_beat_ms else {
            let waiting = now - node.created_ms;
            return condition("heartbeat", false, "never", "no heartbeat has come yet: start the node", waiting);
        };
        let age = (now - last).max(0);
        if age <= millis(self.config.heartbeat_timeout) {
            let since = self.presence.of(&node.id).beats_since_ms.unwrap_or(last);
            return condition("heartbeat", true, "fresh", "heartbeats come in time", now - since);
        }
        let message = format!("the last heartbeat came {} s ago: the node is off or cut off", age / 1000);
        condition("heartbeat", false, "stale", &message, age)
    }

    fn poll_condition(&self, node: &NodeRecord, active_jobs: u32) -> NodeCondition {
        let now = unix_ms();
        let presence = self.presence.of(&node.id);
        let since = now - presence.polls_since_ms.unwrap_or(now);
        let Some(last) = presence.last_poll_ms else {
            let message = "it has not asked for work since this gateway started";
            return condition("poll", false, "never", message, now - node.created_ms);
        };
        let quiet = (now - last).max(0);
        if presence.polls > 0 {
            condition("poll", true, "active", "it waits for work", since)
        } else if quiet <= millis(POLL_GAP) {
            condition("poll", true, "recent", "it asked for work a moment ago", since)
        } else if active_jobs >= node.slots {
            condition("poll", true, "all_slots_busy", "every slot has a job, so it asks for none", quiet)
        } else {
            let message = format!("it has not asked for work for {} s", quiet / 1000);
            condition("poll", false, "silent", &message, quiet)
        }
    }
}

fn condition(kind: &str, ok: bool, reason: &str, message: &str, for_ms: i64) -> NodeCondition {
    NodeCondition {
        kind: kind.to_owned(),
        ok,
        reason: reason.to_owned(),
        message: message.to_owned(),
        for_ms: u64::try_from(for_ms).unwrap_or_default(),
    }
}
