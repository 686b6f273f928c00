//! An agent of a node, under the names that callers use.

use super::agent::Agent;
use super::caller::ModelCaller;
use super::report::NodeReport;
use super::slug;
use crate::gateway::callers::nodes::Standing;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::NodeRecord;
use std::sync::Arc;

/// One agent of one node.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) node: Arc<NodeRecord>,
    pub(crate) report: Arc<NodeReport>,
    pub(crate) agent: Agent,
    pub(crate) standing: Standing,
}

impl Offer {
    /// `mcoda-<server>-<agent>`.
    pub(crate) fn slug(&self) -> String {
        slug::of_node(&self.node.name, self.agent.slug())
    }

    /// `mcoda/<server>/<agent>`.
    pub(crate) fn remote_slug(&self) -> String {
        slug::remote(&self.node.name, self.agent.slug())
    }

    /// How the agent is, taking its node into account.
    pub(crate) fn health(&self) -> &str {
        match self.standing {
            Standing::Ready if self.node.status == "online" => self.agent.health(),
            Standing::Ready | Standing::Draining => match self.agent.health() {
                "blocked" => "blocked",
                "unreachable" => "unreachable",
                _ => "degraded",
            },
            Standing::Unreachable | Standing::Removed => "unreachable",
        }
    }

    /// Healthy ones first; then those whose health nobody knows.
    pub(super) fn health_rank(&self) -> u8 {
        match self.health() {
            "healthy" => 0,
            "unknown" => 1,
            "degraded" => 2,
            _ => 3,
        }
    }
}

/// Agents of several nodes that are one to callers.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// The agents' name on their nodes.
    pub(crate) agent_slug: String,
    /// In the order of their nodes' names, at least one.
    pub(crate) members: Vec<Offer>,
}

impl Group {
    /// `mcoda-auto-<agent>`.
    pub(crate) fn slug(&self) -> String {
        slug::auto(&self.agent_slug)
    }

    /// `mcoda/load-balanced/<agent>`.
    pub(crate) fn remote_slug(&self) -> String {
        slug::remote_auto(&self.agent_slug)
    }
}

/// The groups among offers. Agents of the same name with different models are no group: one would stand in for another.
pub(crate) fn groups(offers: &[Offer]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for offer in offers.iter().filter(|offer| offer.report.balanced) {
        let name = slug::canonical(offer.agent.slug());
        match groups.iter_mut().find(|group| slug::canonical(&group.agent_slug) == name) {
            Some(group) => group.members.push(offer.clone()),
            None => {
                groups.push(Group { agent_slug: offer.agent.slug().to_owned(), members: vec![offer.clone()] });
            }
        }
    }
    groups.retain(|group| {
        group.members.iter().all(|member| member.agent.model_id() == group.members[0].agent.model_id())
    });
    groups
}

impl Gateway {
    /// Everything that this caller may use, by node and agent.
    pub(crate) async fn offers(&self, caller: &ModelCaller) -> Result<Vec<Offer>, Refusal> {
        let mut offers = Vec::new();
        for node in self.store.nodes(false).await? {
            let report = self.catalog.of(&node.id);
            if !caller.may_use(&node, &report) {
                continue;
            }
            let (node, standing) = (Arc::new(node.clone()), self.standing(&node));
            for agent in &report.agents {
                offers.push(Offer {
                    node: Arc::clone(&node),
                    report: Arc::clone(&report),
                    agent: agent.clone(),
                    standing,
                });
            }
        }
        Ok(offers)
    }
}
