//! Which node a request goes to: the one that it names, or any that fits. A key that is limited to some nodes sees no others:
//! to it they are not there.

use super::callers::nodes::{POLL_GAP, Standing, unknown};
use super::callers::relayed::ready;
use super::places::bound;
use super::presence::millis;
use super::promise::Promise;
use super::refusal::{Answer, Refusal};
use super::shared::Gateway;
use super::store::{JobRecord, KeyRecord, NodeRecord};
use crate::base::unix_ms;
use crate::wire::v1::{ErrorCode, Operation};
use axum::http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The word in place of a node's name that leaves the choice to the gateway.
pub(crate) const ANY: &str = "any";

/// The header of every relayed response that names the node, by id: what a client of `any` names from then on.
const NODE_HEADER: HeaderName = HeaderName::from_static("x-waypost-node");

/// What stands in place of a node's name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A node by id or name.
    Named(String),
    /// Any node with these labels: `any`, `any;gpu=true;os=linux`.
    Any(BTreeMap<String, String>),
}

/// Reads what stands in place of a node's name, percent-decoded.
pub(crate) fn wanted(text: &str) -> Result<Wanted, Refusal> {
    let mut parts = text.split(';');
    if parts.next() != Some(ANY) {
        return Ok(Wanted::Named(text.to_owned()));
    }
    let mut labels = BTreeMap::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Refusal::new(ErrorCode::InvalidRequest, format!("'{part}' in '{text}' is not NAME=VALUE"))
                .hint("e.g. any;gpu=true;os=linux"));
        };
        if labels.insert(name.to_owned(), value.to_owned()).is_some_and(|other| other != value) {
            let message = format!("'{text}' asks for two values of the label {name}");
            return Err(Refusal::new(ErrorCode::InvalidRequest, message));
        }
    }
    Ok(Wanted::Any(labels))
}

/// The node for a request, ready to take it, and the slot that it was chosen for among several. `params` are those of the
/// request's path.
///
/// A workspace is on one node, so a request for one goes to its node even through `any`, if it is known which that is.
///
/// # Errors
/// 404 for a node that is not there or not for this key, 403 for a key that may use none, 503 when no node can take it now,
/// 409 when it is not known which node has the workspace.
pub(crate) async fn select(
    gateway: &Gateway,
    key: &KeyRecord,
    wanted_node: &str,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<(Arc<NodeRecord>, Option<Promise>), Refusal> {
    let labels = match wanted(wanted_node)? {
        Wanted::Named(name) => {
            let node = gateway.usable_node(key, &name).await?;
            ready(gateway, &node)?;
            return Ok((node, None));
        }
        Wanted::Any(labels) => labels,
    };
    if let Some(id) = bound(operation, params) {
        let node = gateway.home(key, &labels, operation, id).await?;
        ready(gateway, &node)?;
        return Ok((node, None));
    }
    let node = gateway.any_node(key, &labels).await?;
    let promise = Promise::of(&gateway.presence, &node.id);
    Ok((node, Some(promise)))
}

/// Says which node a relayed request went to, in the answer and in a refusal.
pub(crate) fn from_node(node: &NodeRecord, answer: Answer) -> Answer {
    let Ok(id) = HeaderValue::try_from(&node.id) else { return answer };
    match answer {
        Ok(mut response) => {
            response.headers_mut().insert(NODE_HEADER, id);
            Ok(response)
        }
        Err(refusal) => Err(refusal.header(NODE_HEADER, id)),
    }
}

impl KeyRecord {
    /// Whether it sees a job: a key that is limited to some nodes sees only its own.
    pub(crate) fn sees(&self, job: &JobRecord) -> bool {
        self.grants.is_none() || job.job.caller.as_ref() == Some(&self.id)
    }

    /// Whether there can be a node for it at all.
    pub(crate) fn may_use_some(&self) -> Result<(), Refusal> {
        if self.grants.as_ref().is_some_and(Vec::is_empty) {
            return Err(Refusal::new(
                ErrorCode::Forbidden,
                "this key is limited to certain nodes, and there is none yet",
            )
            .hint(format!("an operator adds one with `waypost gateway grant add {} --node NAME`", self.id)));
        }
        Ok(())
    }
}

impl Gateway {
    /// A node by id or name, that was not removed and that the key may use.
    pub(crate) async fn usable_node(&self, key: &KeyRecord, name: &str) -> Result<Arc<NodeRecord>, Refusal> {
        key.may_use_some()?;
        let node = self.node(name).await?;
        if !key.may_use(&node.id, &node.labels) {
            return Err(unknown(name));
        }
        self.present_node(name).await
    }

    /// The node that has a workspace or a job.
    pub(crate) async fn home(
        &self,
        key: &KeyRecord,
        labels: &BTreeMap<String, String>,
        operation: &Operation,
        id: Option<&str>,
    ) -> Result<Arc<NodeRecord>, Refusal> {
        key.may_use_some()?;
        let hint = format!("name the node instead of `any`: its id came as {NODE_HEADER} when the workspace was made");
        let Some(id) = id else {
            let message = format!("{} works on a workspace, and its node is not known from the path", operation.name);
            return Err(Refusal::new(ErrorCode::Conflict, message).hint(hint));
        };
        let mut homes = Vec::new();
        for node_id in self.places.of(id) {
            let Ok(node) = self.present_node(&node_id).await else { continue };
            if key.may_use(&node.id, &node.labels) && has(&node, labels) {
                homes.push(node);
            }
        }
        match homes.pop() {
            Some(node) if homes.is_empty() => Ok(node),
            Some(_) => {
                let message = format!("several nodes have a '{id}'");
                Err(Refusal::new(ErrorCode::Conflict, message).hint(hint))
            }
            None => {
                let message = format!("{} works on '{id}', and it is not known which node has that", operation.name);
                Err(Refusal::new(ErrorCode::Conflict, message).hint(hint))
            }
        }
    }

    /// The node with these labels that has the most room, of which it has promised a slot.
    async fn any_node(&self, key: &KeyRecord, labels: &BTreeMap<String, String>) -> Result<Arc<NodeRecord>, Refusal> {
        key.may_use_some()?;
        let mut out = Out::default();
        let mut ready = Vec::new();
        let fleet = self.fleet().await?;
        for node in fleet.iter().filter(|node| key.may_use(&node.id, &node.labels)) {
            out.of += 1;
            if !has(node, labels) {
                out.labels += 1;
            } else if node.protocol < 2 {
                out.protocol += 1;
            } else {
                match self.standing(node) {
                    Standing::Removed | Standing::Unreachable => out.unreachable += 1,
                    Standing::Draining => out.draining += 1,
                    Standing::Ready if self.is_silent(node) => out.unreachable += 1,
                    Standing::Ready => ready.push(node),
                }
            }
        }
        let room: Vec<(&str, u32)> = ready.iter().map(|node| (node.id.as_str(), node.slots)).collect();
        match self.presence.hand_to_one_of(&room) {
            Some(at) => Ok(Arc::clone(ready[at])),
            None => {
                out.busy = ready.len();
                Err(out.refusal(labels))
            }
        }
    }

    /// Whether a node that has room does not ask for work.
    fn is_silent(&self, node: &NodeRecord) -> bool {
        let presence = self.presence.of(&node.id);
        let quiet = presence.last_poll_ms.is_some_and(|last| unix_ms() - last > millis(POLL_GAP));
        presence.polls == 0 && quiet && presence.room(node.slots) > 0
    }
}

fn has(node: &NodeRecord, labels: &BTreeMap<String, String>) -> bool {
    labels.iter().all(|(name, value)| node.labels.get(name) == Some(value))
}

/// How many nodes were out, and why. Only of those that the key may use: of others not even the number is told.
#[derive(Debug, Default)]
struct Out {
    of: usize,
    labels: usize,
    protocol: usize,
    unreachable: usize,
    draining: usize,
    busy: usize,
}

impl Out {
    fn refusal(&self, labels: &BTreeMap<String, String>) -> Refusal {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let with = if labels.is_empty() { String::new() } else { format!(" with {}", labels.join(", ")) };
        let kinds = [
            (self.labels, "without these labels"),
            (self.protocol, "of protocol 1"),
            (self.unreachable, "not connected"),
            (self.draining, "draining"),
            (self.busy, "without a free slot"),
        ];
        let kinds: Vec<String> =
            kinds.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}")).collect();
        let why = if self.of == 0 { "there is none".to_owned() } else { kinds.join(", ") };
        Refusal::new(ErrorCode::NodeUnreachable, format!("no node can take it; looked for any{with} among {}: {why}", self.of))
            .hint("try again, ask for fewer labels, or name a node: then the request waits for a slot. GET /v1/nodes lists them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_is_a_word_with_labels_behind_it() {
        let any = |pairs: &[(&str, &str)]| {
            Wanted::Any(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        assert_eq!(wanted("any").unwrap(), any(&[]));
        assert_eq!(wanted("any;").unwrap(), any(&[]));
        assert_eq!(wanted("any;gpu=true;url=a=b").unwrap(), any(&[("gpu", "true"), ("url", "a=b")]));
        assert_eq!(wanted("anyway").unwrap(), Wanted::Named("anyway".into()));
        for bad in ["any;gpu", "any;=x", "any;a=1;a=2"] {
            assert_eq!(wanted(bad).unwrap_err().failure.code, ErrorCode::InvalidRequest, "{bad}");
        }
    }
}
