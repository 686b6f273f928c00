//! What all handlers share.

use super::blobs::Blobs;
use super::config::GatewayConfig;
use super::direct::Doors;
use super::models::Catalog;
use super::places::Places;
use super::presence::Presence;
use super::recent::Recent;
use super::refusal::Refusal;
use super::store::{KeyRecord, NodeRecord, Store};
use super::streams::Streams;
use super::wake::Wake;
use crate::base::Shutdown;
use crate::wire::gateway::{Grant, Scope};
use crate::wire::node::CancelJob;
use crate::wire::v1::ErrorCode;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// One gateway process.
pub(crate) struct Gateway {
    pub(crate) config: GatewayConfig,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Blobs,
    pub(crate) streams: Arc<Streams>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) presence: Arc<Presence>,
    /// What nodes say of themselves.
    pub(crate) catalog: Catalog,
    pub(crate) places: Places,
    pub(crate) shutdown: Shutdown,
    /// Direct doors of nodes.
    pub(super) doors: Doors,
    /// Good keys that do not count their uses, by hash and scope.
    pub(super) keys: Recent<(String, Scope), Arc<KeyRecord>>,
    /// Nodes by the hash of their token.
    pub(super) tokens: Recent<String, Arc<NodeRecord>>,
    /// Nodes by id and by name.
    nodes: Recent<String, Arc<NodeRecord>>,
    /// All nodes that were not removed.
    fleet: Recent<(), Arc<Vec<Arc<NodeRecord>>>>,
    /// What limited keys may use, by their ids.
    limits: Recent<(), Arc<HashMap<String, Vec<Grant>>>>,
    /// Chunks of protocol 1 nodes have no numbers: they get theirs one request at a time.
    pub(crate) numbering: Mutex<()>,
}

impl Gateway {
    pub(crate) fn new(config: GatewayConfig, store: Arc<dyn Store>, blobs: Blobs) -> Self {
        Self {
            config,
            store,
            blobs,
            streams: Arc::default(),
            wake: Arc::default(),
            presence: Arc::default(),
            catalog: Catalog::default(),
            places: Places::default(),
            shutdown: Shutdown::new(),
            doors: Doors::default(),
            keys: Recent::new(),
            tokens: Recent::new(),
            nodes: Recent::new(),
            fleet: Recent::new(),
            limits: Recent::new(),
            numbering: Mutex::new(()),
        }
    }

    /// The term of a lease from now on, milliseconds.
    pub(crate) fn lease_ttl_ms(&self) -> u64 {
        u64::try_from(self.config.lease_ttl.as_millis()).unwrap_or(u64::MAX)
    }

    /// A node by id or name, at most a second old.
    pub(crate) async fn node(&self, id_or_name: &str) -> Result<Arc<NodeRecord>, Refusal> {
        if let Some(node) = self.nodes.get(id_or_name) {
            return Ok(node);
        }
        let Some(node) = self.store.node(id_or_name).await? else {
            return Err(Refusal::new(ErrorCode::NodeNotFound, format!("there is no node '{id_or_name}'"))
                .hint("GET /v1/nodes lists them"));
        };
        let node = Arc::new(node);
        self.nodes.put(id_or_name.to_owned(), Arc::clone(&node));
        Ok(node)
    }

    /// A node changed, and this is how it is now.
    pub(crate) fn remember_node(&self, token_hash: &str, node: NodeRecord) -> Arc<NodeRecord> {
        let node = Arc::new(node);
        self.tokens.put(token_hash.to_owned(), Arc::clone(&node));
        self.nodes.put(node.id.clone(), Arc::clone(&node));
        // A name may be another node's id, which goes before it: the store has to have said whose it is.
        if self.nodes.get(&node.name).is_some_and(|known| known.id == node.id) {
            self.nodes.put(node.name.clone(), Arc::clone(&node));
        }
        node
    }

    /// A node changed in a way that the next request must see.
    pub(crate) fn forget_nodes(&self) {
        self.tokens.forget();
        self.nodes.forget();
        self.fleet.forget();
    }

    /// All nodes that were not removed, by name, at most a second old.
    pub(crate) async fn fleet(&self) -> Result<Arc<Vec<Arc<NodeRecord>>>, Refusal> {
        if let Some(fleet) = self.fleet.get(&()) {
            return Ok(fleet);
        }
        let fleet = Arc::new(self.store.nodes(false).await?.into_iter().map(Arc::new).collect::<Vec<_>>());
        self.fleet.put((), Arc::clone(&fleet));
        Ok(fleet)
    }

    /// What limited keys may use, by their ids, at most a second old.
    pub(crate) async fn limits(&self) -> Result<Arc<HashMap<String, Vec<Grant>>>, Refusal> {
        if let Some(limits) = self.limits.get(&()) {
            return Ok(limits);
        }
        let keys = self.store.keys().await?;
        let limits = Arc::new(keys.into_iter().filter_map(|key| Some((key.id, key.grants?))).collect());
        self.limits.put((), Arc::clone(&limits));
        Ok(limits)
    }

    /// A key changed in a way that the next request must see.
    pub(crate) fn forget_keys(&self) {
        self.keys.forget();
        self.limits.forget();
    }

    /// The open cancels of a node; asks the store only when there may be some.
    pub(crate) async fn open_cancels(&self, node_id: &str) -> Result<Vec<CancelJob>, Refusal> {
        let Some(asked_at) = self.presence.ask_for_cancels(node_id) else { return Ok(Vec::new()) };
        let cancels = self.store.cancels_for(node_id).await?;
        if cancels.is_empty() {
            self.presence.no_cancels(node_id, asked_at);
        }
        Ok(cancels)
    }
}
