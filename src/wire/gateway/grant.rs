//! Grants: `GET|POST|DELETE /v1/keys/{id}/grants`, `POST /v1/keys/{id}/grants/remove`, with a key of scope `admin`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Nodes that a limited key may use: one node, those with some labels, or one node as long as it has some labels.
/// `{"node": "box"}`, `{"labels": {"gpu": "true"}}`. Neither of the two is no grant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The node: by id or name in a request, by id in an answer. A name is looked up once, when the grant is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Labels that the node must have, all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// What a key may use. Answer of every call below `/v1/keys/{id}/grants`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyGrants {
    /// `key_…`.
    pub key: String,
    /// False: it may use every node. True: those of its grants, which may be none.
    pub limited: bool,
    /// Each by itself is enough.
    pub grants: Vec<Grant>,
}
