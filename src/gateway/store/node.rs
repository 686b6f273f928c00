//! Nodes as they are kept.

use crate::wire::node::NodeCondition;
use std::collections::BTreeMap;

/// A node that joins.
#[derive(Debug, Clone)]
pub struct NewNode {
    /// The id that it gets when its machine is new; none makes one. The machine of a known node keeps its own.
    pub id: Option<String>,
    /// The machine.
    pub fingerprint: String,
    /// The wanted name. Taken by another machine, it gets a suffix `-2`, `-3`, ….
    pub name: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// `base::hash_token` of its new token.
    pub token_hash: String,
    /// The version of its program.
    pub version: String,
    /// The highest protocol it speaks.
    pub protocol: u32,
    /// Slots.
    pub slots: u32,
}

/// A node that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRecord {
    /// `shn_…`.
    pub id: String,
    /// The machine.
    pub fingerprint: String,
    /// Unique.
    pub name: String,
    /// Its labels: those that it reports, and over them those of the operator.
    pub labels: BTreeMap<String, String>,
    /// The version of its program.
    pub version: String,
    /// The highest protocol it speaks.
    pub protocol: u32,
    /// Slots, as last reported.
    pub slots: u32,
    /// The instance in force.
    pub instance_id: Option<String>,
    /// Whether an operator wants it drained.
    pub drain: bool,
    /// Whether it says itself that it drains.
    pub draining: bool,
    /// `online` or `degraded`, as it says.
    pub status: String,
    /// Its own conditions, as last reported.
    pub conditions: Vec<NodeCondition>,
    /// When it joined.
    pub created_ms: i64,
    /// When its last heartbeat came.
    pub last_beat_ms: Option<i64>,
    /// When it was removed.
    pub removed_ms: Option<i64>,
}

/// What a heartbeat says that is kept.
#[derive(Debug, Clone, Default)]
pub struct Beat {
    /// Which run of the program; none from protocol 1.
    pub instance_id: Option<String>,
    /// Whether it takes over.
    pub starting: bool,
    /// The version of its program.
    pub version: String,
    /// The highest protocol it speaks.
    pub protocol: u32,
    /// `online` or `degraded`.
    pub status: String,
    /// Whether it drains.
    pub draining: bool,
    /// Slots.
    pub slots: u32,
    /// Labels; none keeps those of the join.
    pub labels: Option<BTreeMap<String, String>>,
    /// Its conditions.
    pub conditions: Vec<NodeCondition>,
}

/// What an operator says of a node. It wins over what the node says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeEdit {
    /// A new name, kept when the machine joins again; none leaves it as it is.
    pub name: Option<String>,
    /// Labels to set, or, without a value, the operator's labels to take back: then what the node reports counts again.
    pub labels: BTreeMap<String, Option<String>>,
}

/// What became of an edit.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "the large one is what nearly every edit gets")]
pub enum EditOutcome {
    /// The node as it is now.
    Edited(NodeRecord),
    /// The name is that of this other node, by id; nothing was changed.
    NameTaken(String),
    /// No such node, or it was removed.
    Unknown,
}

/// What became of a heartbeat.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "the large one is what nearly every heartbeat gets")]
pub enum BeatOutcome {
    /// Kept; the node as it is now.
    Kept(NodeRecord),
    /// A newer instance is in force.
    Superseded,
    /// The node was removed.
    Removed,
}
