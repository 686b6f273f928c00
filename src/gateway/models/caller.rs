//! Who asks for a model, and which nodes that caller may use.
//!
//! A key of this gateway belongs to its owner, so it may use every node, or those that it was limited to. A caller that says on whose behalf it asks is kept
//! to nodes that have this client in their list, or that have no list; a key of scope `admin` is not. The headers can only
//! narrow what the key allows.

use super::clients::normal_client;
use super::report::NodeReport;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{KeyRecord, NodeRecord};
use crate::wire::gateway::Scope;
use crate::wire::v1::ErrorCode;
use axum::http::HeaderMap;
use std::sync::Arc;

/// The longest identity, bytes.
const LONGEST: usize = 253;

/// A caller that showed a key.
#[derive(Debug, Clone)]
pub(crate) struct ModelCaller {
    pub(super) key: Arc<KeyRecord>,
    /// On whose behalf it asks: a client, and the client's product.
    clients: Vec<String>,
}

impl ModelCaller {
    /// The caller of a request. `client` is what else the request says of its client.
    pub(crate) async fn of(gateway: &Gateway, headers: &HeaderMap, client: Option<&str>) -> Result<Self, Refusal> {
        let key = gateway.authorize(headers, &[Scope::Call, Scope::Admin]).await?;
        let named = ["x-mswarm-client-identity", "x-mswarm-client"].map(|name| header(headers, name));
        let mut clients: Vec<String> = Vec::new();
        for name in named.into_iter().chain([Ok(client.map(str::to_owned))]) {
            let Some(name) = name?.filter(|name| !name.trim().is_empty()) else { continue };
            // What is no client is on no list.
            let name = normal_client(&name).map_or_else(|| format!("?{name}"), |client| client.value);
            if clients.first().is_some_and(|first| *first != name) {
                return Err(Refusal::new(ErrorCode::InvalidRequest, "the request names two different clients")
                    .hint("x-mswarm-client-identity, x-mswarm-client and client_identity are the same value"));
            }
            clients = vec![name];
        }
        if !clients.is_empty()
            && let Some(product) = header(headers, "x-mswarm-client-product")?.and_then(|name| normal_client(&name))
        {
            clients.push(product.value);
        }
        Ok(Self { key, clients })
    }

    /// The client's name, when it gave one.
    pub(crate) fn client(&self) -> Option<&str> {
        self.clients.first().map(String::as_str)
    }

    /// Whether it may use the node that reported this.
    pub(crate) fn may_use(&self, node: &NodeRecord, report: &NodeReport) -> bool {
        self.key.may_use(&node.id, &node.labels) && self.may_speak_for(report)
    }

    fn may_speak_for(&self, report: &NodeReport) -> bool {
        self.clients.is_empty()
            || self.key.scopes.contains(&Scope::Admin)
            || report.client_allowlist.is_empty()
            || report.client_allowlist.iter().any(|allowed| self.clients.contains(&allowed.value))
    }
}

fn header(headers: &HeaderMap, name: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let wrong = || Refusal::new(ErrorCode::InvalidRequest, format!("the header {name} is not a client"));
    let text = value.to_str().map_err(|_| wrong())?;
    if text.len() > LONGEST { Err(wrong()) } else { Ok(Some(text.to_owned())) }
}
