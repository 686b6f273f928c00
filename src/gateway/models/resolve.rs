//! From the name that a caller gives to the agent that answers: that very one or none, never one in its stead.

use super::caller::ModelCaller;
use super::failed::ModelFailure;
use super::offer::Offer;
use super::slug;
use crate::gateway::callers::nodes::Standing;
use crate::gateway::shared::Gateway;
use serde_json::json;

impl Gateway {
    /// The agent that is to answer. `model` is `mcoda-<server>-<agent>` or `mcoda/<server>/<agent>` for one node's;
    /// `mcoda-auto-<agent>`, `mcoda/load-balanced/<agent>` or the agent's or model's own name for whichever node has it.
    pub(crate) async fn resolve(
        &self,
        caller: &ModelCaller,
        model: &str,
        operation: &str,
    ) -> Result<Offer, ModelFailure> {
        let mut offers = self.named(caller, model).await?;
        if offers.is_empty() {
            return Err(ModelFailure::new(404, "model_not_found", format!("there is no model '{model}'"))
                .detail("model", model)
                .detail("hint", "GET …/openai/models lists what there is"));
        }
        unambiguous(model, &offers)?;
        offers.retain(|offer| offer.agent.can(operation));
        if offers.is_empty() {
            return Err(ModelFailure::new(400, "unsupported_operation", format!("'{model}' cannot do {operation}"))
                .detail("model", model)
                .detail("operation", operation));
        }
        let away = offers[0].clone();
        offers.retain(|offer| offer.standing == Standing::Ready);
        let mut ranked = Vec::new();
        for offer in offers {
            let waits = self.presence.of(&offer.node.id).polls > 0;
            let active = self.store.active_jobs(&offer.node.id).await?;
            ranked.push(((offer.health_rank(), !waits, active), offer));
        }
        let best = ranked.into_iter().min_by(|(one, _), (other, _)| one.cmp(other));
        best.map(|(_, offer)| offer).ok_or_else(|| unavailable(model, &away))
    }

    /// All that have this name and that the caller may use.
    async fn named(&self, caller: &ModelCaller, model: &str) -> Result<Vec<Offer>, ModelFailure> {
        let wanted = slug::canonical(model);
        let group = wanted.strip_prefix("mcoda-auto-").or_else(|| wanted.strip_prefix("mcoda-load-balanced-"));
        // By the agents' names first: nodes are looked up only where one fits.
        let found = self.catalog.offering(|agent| {
            let own = slug::canonical(agent.slug());
            (wanted.starts_with("mcoda-") && wanted.ends_with(&own)) || agent.names().any(|name| name == model)
        });
        let mut offers = Vec::new();
        for (node_id, report, agent) in found {
            let Ok(node) = self.node(&node_id).await else { continue };
            if node.removed_ms.is_none() && caller.may_use(&node, &report) {
                let standing = self.standing(&node);
                offers.push(Offer { node, report, agent, standing });
            }
        }
        let exact: [&dyn Fn(&Offer) -> bool; 5] = [
            &|offer| offer.remote_slug() == model,
            &|offer| offer.slug() == wanted,
            &|offer| offer.report.balanced && group == Some(slug::canonical(offer.agent.slug()).as_str()),
            &|offer| offer.agent.slug() == model,
            &|offer| offer.agent.names().any(|name| name == model),
        ];
        for fits in exact {
            let fitting: Vec<Offer> = offers.iter().filter(|offer| fits(offer)).cloned().collect();
            if !fitting.is_empty() {
                return Ok(fitting);
            }
        }
        Ok(Vec::new())
    }
}

/// Whether it is one model, whichever of them answers.
fn unambiguous(model: &str, offers: &[Offer]) -> Result<(), ModelFailure> {
    let one_node = slug::canonical(model) == offers[0].slug();
    let same = |offer: &Offer| {
        let same_model = offer.agent.model_id() == offers[0].agent.model_id();
        let same_agent = offer.node.id == offers[0].node.id && offer.agent.slug() == offers[0].agent.slug();
        if one_node { same_agent } else { same_model }
    };
    if offers.iter().all(same) {
        return Ok(());
    }
    let names: Vec<String> = offers.iter().map(Offer::remote_slug).collect();
    Err(ModelFailure::invalid(format!("'{model}' may mean different models; name one of them"))
        .detail("model", model)
        .detail("candidates", json!(names)))
}

/// Its node cannot answer now.
pub(super) fn unavailable(model: &str, offer: &Offer) -> ModelFailure {
    let what = match offer.standing {
        Standing::Draining => "takes nothing new",
        Standing::Unreachable => "is not connected",
        Standing::Removed => "was removed",
        Standing::Ready => "has no free slot",
    };
    ModelFailure::new(503, "upstream_error", format!("node {} {what}", offer.node.name))
        .detail("reason", "self_hosted_node_unavailable")
        .detail("node_id", offer.node.id.clone())
        .detail("model", model)
}
