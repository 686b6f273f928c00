//! A job as callers see it; a queued one with what it waits for, as things stand now.

use crate::gateway::callers::nodes::Standing;
use crate::gateway::callers::seconds;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{JobRecord, NewJob, NodeRecord, allow};
use crate::wire::gateway::{Grant, JobState, JobView};
use std::collections::HashMap;

impl Gateway {
    /// One job.
    pub(crate) async fn job_view(&self, record: JobRecord) -> Result<JobView, Refusal> {
        let nodes = match record.leased_to.as_ref().or(record.job.node_id.as_ref()) {
            Some(id) => self.store.node(id).await?.into_iter().collect(),
            None => self.store.nodes(false).await?,
        };
        let limits = self.limits().await?;
        Ok(self.view(record, &nodes, &limits))
    }

    /// Several jobs.
    pub(crate) async fn job_views(&self, records: Vec<JobRecord>) -> Result<Vec<JobView>, Refusal> {
        let nodes = self.store.nodes(true).await?;
        let limits = self.limits().await?;
        Ok(records.into_iter().map(|record| self.view(record, &nodes, &limits)).collect())
    }

    fn view(&self, record: JobRecord, nodes: &[NodeRecord], limits: &HashMap<String, Vec<Grant>>) -> JobView {
        let reason = match record.state {
            JobState::Queued => Some(self.queued_because(&record.job, nodes, limits).to_owned()),
            _ => record.reason,
        };
        let node_id = record.leased_to.or(record.job.node_id);
        let name_of = |id: &String| nodes.iter().find(|node| node.id == *id).map(|node| node.name.clone());
        JobView {
            id: record.id,
            state: record.state,
            reason,
            operation: record.job.operation,
            node: node_id.as_ref().map(|id| name_of(id).unwrap_or_else(|| id.clone())),
            node_id,
            attempt: record.epoch,
            cancel_requested: record.cancel_requested,
            created_at: seconds(record.created_ms),
            started_at: record.started_ms.map(seconds),
            finished_at: record.finished_ms.map(seconds),
            result: record.answer,
            result_body: record.answer_body,
            error: record.failure,
            late_results: record.late_results,
        }
    }

    fn queued_because(&self, job: &NewJob, nodes: &[NodeRecord], limits: &HashMap<String, Vec<Grant>>) -> &'static str {
        let limit = job.caller.as_ref().and_then(|caller| limits.get(caller));
        let matches = |node: &&NodeRecord| {
            node.removed_ms.is_none()
                && job.node_id.as_ref().is_none_or(|id| *id == node.id)
                && node.protocol >= job.min_protocol
                && limit.is_none_or(|grants| allow(grants, &node.id, &node.labels))
                && job.labels.iter().all(|(name, value)| node.labels.get(name) == Some(value))
        };
        let standings: Vec<_> = nodes.iter().filter(matches).map(|node| self.standing(node)).collect();
        if standings.contains(&Standing::Ready) {
            "waiting_for_slot"
        } else if standings.contains(&Standing::Draining) {
            "node_draining"
        } else if standings.is_empty() {
            "no_node_matches"
        } else {
            "node_unreachable"
        }
    }
}
