//! What all nodes say of themselves, in memory, and in the store so that a restart does not forget it.

use super::agent::Agent;
use super::report::{NodeReport, is_news};
use crate::base::unix_ms;
use crate::gateway::store::{Store, StoreError};
use crate::wire::node::{HeartbeatRequest, NodeCondition};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All nodes.
#[derive(Debug, Default)]
pub(crate) struct Catalog(Mutex<HashMap<String, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    report: Arc<NodeReport>,
    /// Since when what was found is as it is, by kind: its code and when that began.
    since: HashMap<&'static str, (String, i64)>,
}

impl Catalog {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what the store has. What a node said meanwhile stays.
    pub(crate) async fn load(&self, store: &dyn Store) -> Result<(), StoreError> {
        let kept = store.reports().await?;
        let mut entries = self.entries();
        for (node_id, text) in kept {
            match serde_json::from_str(&text) {
                Ok(report) => {
                    entries.entry(node_id).or_insert_with(|| Entry { report: Arc::new(report), since: HashMap::new() });
                }
                // The node says it again with its next heartbeat.
                Err(error) => tracing::warn!(node_id, %error, "what the node said of itself cannot be read"),
            }
        }
        Ok(())
    }

    /// What a node said last; nothing of a node that never did.
    pub(crate) fn of(&self, node_id: &str) -> Arc<NodeReport> {
        self.entries().get(node_id).map(|entry| Arc::clone(&entry.report)).unwrap_or_default()
    }

    /// The agents that fit, with their nodes' ids, in a stable order.
    pub(crate) fn offering(&self, fits: impl Fn(&Agent) -> bool) -> Vec<(String, Arc<NodeReport>, Agent)> {
        let entries = self.entries();
        let mut found = Vec::new();
        for (node_id, entry) in entries.iter() {
            for agent in entry.report.agents.iter().filter(|agent| fits(agent)) {
                found.push((node_id.clone(), Arc::clone(&entry.report), agent.clone()));
            }
        }
        found.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        found
    }

    /// Takes in a heartbeat. The conditions are what the gateway finds in it.
    pub(crate) async fn take_in(
        &self,
        store: &dyn Store,
        request: &HeartbeatRequest,
        token: &str,
    ) -> Result<Vec<NodeCondition>, StoreError> {
        let node_id = &request.node_id;
        let (report, findings) = self.of(node_id).next(request, token);
        let report = Arc::new(report);
        let (changed, conditions) = {
            let mut entries = self.entries();
            let entry = entries.entry(node_id.clone()).or_default();
            let changed = is_news(&entry.report, &report);
            entry.report = Arc::clone(&report);
            entry.since.retain(|kind, _| findings.iter().any(|(found, ..)| found == kind));
            let now = unix_ms();
            let conditions = findings.into_iter().map(|(kind, ok, reason, message)| {
                let since = entry.since.entry(kind).or_insert_with(|| (reason.clone(), now));
                if since.0 != reason {
                    *since = (reason.clone(), now);
                }
                let for_ms = u64::try_from(now - since.1).unwrap_or_default();
                NodeCondition { kind: kind.to_owned(), ok, reason, message, for_ms }
            });
            (changed, conditions.collect())
        };
        if changed {
            let text = serde_json::to_string(report.as_ref());
            let text = text.map_err(|source| StoreError { what: "write a node's report", source: Box::new(source) })?;
            store.save_report(node_id, &text).await?;
        }
        Ok(conditions)
    }
}
