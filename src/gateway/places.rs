//! Where workspaces are, as far as answers told that passed through. A workspace lives on one node, so a request for it that
//! leaves the choice of the node to the gateway can only go there.
//!
//! In memory and bounded: what is forgotten costs its caller a question, never a wrong answer.

use crate::wire::v1::Operation;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// More ids than this are not remembered: the older half is forgotten.
const MOST: usize = 50_000;

/// The nodes of workspaces and of node's own jobs, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    clock: u64,
    ids: HashMap<String, Place>,
}

#[derive(Debug, Default)]
struct Place {
    /// More than one when nodes have workspaces of the same name.
    nodes: Vec<String>,
    /// When it was last told or asked for.
    used: u64,
}

impl Places {
    /// The nodes that have it.
    pub(crate) fn of(&self, id: &str) -> Vec<String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.clock += 1;
        let used = known.clock;
        let Some(place) = known.ids.get_mut(id) else { return Vec::new() };
        place.used = used;
        place.nodes.clone()
    }

    /// A node has it.
    pub(crate) fn put(&self, id: &str, node_id: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.clock += 1;
        let used = known.clock;
        let place = known.ids.entry(id.to_owned()).or_default();
        place.used = used;
        if !place.nodes.iter().any(|node| node == node_id) {
            place.nodes.push(node_id.to_owned());
        }
        if known.ids.len() > MOST {
            let mut used: Vec<u64> = known.ids.values().map(|place| place.used).collect();
            let (_, middle, _) = used.select_nth_unstable(MOST / 2);
            let middle = *middle;
            known.ids.retain(|_, place| place.used > middle);
        }
    }

    /// A node has it no longer.
    pub(crate) fn forget(&self, id: &str, node_id: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = known.ids.get_mut(id) else { return };
        place.nodes.retain(|node| node != node_id);
        if place.nodes.is_empty() {
            known.ids.remove(id);
        }
    }

    /// Learns from a success of an operation on a node. `params` are those of its path.
    pub(crate) fn learn(&self, operation: &Operation, params: &Map<String, Value>, answer: &Value, node_id: &str) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        match operation.name {
            "workspaces.create" | "workspaces.load" | "workspaces.clone" => {
                if let Some(id) = text(answer.get("id")) {
                    self.put(&id, node_id);
                }
            }
            "workspaces.delete" => {
                if let Some(id) = text(params.get("id")) {
                    self.forget(&id, node_id);
                }
            }
            _ => {
                if let Some(id) = text(params.get("id")) {
                    self.put(&id, node_id);
                }
                if let Some(id) = text(answer.get("job_id")) {
                    self.put(&id, node_id);
                }
            }
        }
    }
}

/// What an operation works on that is already on some node: the id, or none when it is not in the request's path.
pub(crate) fn bound<'a>(operation: &Operation, params: &'a Map<String, Value>) -> Option<Option<&'a str>> {
    let name = if operation.path.contains("{id}") {
        "id"
    } else if operation.path.contains("{job_id}") {
        "job_id"
    } else {
        return (operation.name == "workspaces.clone").then_some(None);
    };
    Some(params.get(name).and_then(Value::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_in_a_long_time_is_forgotten() {
        let places = Places::default();
        for n in 0..=MOST {
            places.put(&n.to_string(), "shn_1");
            places.of("0");
        }
        assert_eq!((places.of("0"), places.of("1")), (vec!["shn_1".to_owned()], Vec::new()));
        assert!(places.0.lock().unwrap().ids.len() <= MOST);
        places.put("0", "shn_2");
        places.forget("0", "shn_1");
        assert_eq!(places.of("0"), ["shn_2"]);
    }
}
