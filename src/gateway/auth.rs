//! Who asks, and whether they may.

use super::refusal::Refusal;
use super::shared::Gateway;
use super::store::{KeyCheck, KeyRecord, NodeRecord};
use crate::base::{hash_token, unix_ms};
use crate::wire::gateway::Scope;
use crate::wire::v1::ErrorCode;
use axum::http::{HeaderMap, header};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// A node that proved its token.
#[derive(Debug, Clone)]
pub(crate) struct NodeCaller {
    /// The node, at most a second old.
    pub(crate) node: Arc<NodeRecord>,
    /// The hash of the token it used.
    pub(crate) token_hash: String,
}

impl NodeCaller {
    /// The node that a body names must be the one whose token came with it.
    pub(crate) fn named(&self, node_id: &str) -> Result<(), Refusal> {
        if node_id == self.node.id {
            return Ok(());
        }
        let message = format!("the token belongs to node {}, but the request names '{node_id}'", self.node.id);
        Err(Refusal::new(ErrorCode::Forbidden, message).hint("run setup again to get this node's own token"))
    }

    /// A newer run of the same node's program takes over from older ones. Protocol 1 names none.
    pub(crate) fn current(&self, instance_id: Option<&str>) -> Result<(), Refusal> {
        match (instance_id, self.node.instance_id.as_deref()) {
            (Some(asks), Some(holds)) if asks != holds => Err(superseded(&self.node.id)),
            _ => Ok(()),
        }
    }
}

pub(crate) fn superseded(node_id: &str) -> Refusal {
    Refusal::new(ErrorCode::InstanceSuperseded, format!("a newer instance of node {node_id} has taken over"))
        .hint("stop the other instance, or give this machine its own state directory and set it up anew")
}

pub(crate) fn removed(node_id: &str) -> Refusal {
    Refusal::new(ErrorCode::NodeRemoved, format!("node {node_id} was removed from this gateway"))
        .hint("set it up again with an enrolment key to bring it back")
}

impl Gateway {
    /// The node of a request's token.
    pub(crate) async fn authenticate_node(&self, headers: &HeaderMap) -> Result<NodeCaller, Refusal> {
        let caller = self.node_of_token(headers).await?;
        if caller.node.removed_ms.is_some() {
            return Err(removed(&caller.node.id));
        }
        Ok(caller)
    }

    /// The same for a call that a removed node may make.
    pub(crate) async fn node_of_token(&self, headers: &HeaderMap) -> Result<NodeCaller, Refusal> {
        let Some(token) = credential(headers)? else {
            return Err(Refusal::new(ErrorCode::Unauthorized, "the node's runtime token is missing")
                .hint("send it as `Authorization: Bearer <token>`"));
        };
        let token_hash = hash_token(token);
        if let Some(node) = self.tokens.get(&token_hash) {
            return Ok(NodeCaller { node, token_hash });
        }
        let Some(node) = self.store.node_by_token(&token_hash).await? else {
            return Err(Refusal::new(ErrorCode::Unauthorized, "the node's runtime token is not known")
                .hint("it was replaced by a later setup or a rotation, or it belongs to another gateway: set the node up again"));
        };
        if self.presence.rotated_token(&node.id).is_some_and(|new| hash_token(new.expose()) == token_hash) {
            // Using the new token ends the old one: it must not live on in the cache.
            self.presence.rotated(&node.id);
            self.forget_nodes();
        }
        let node = Arc::new(node);
        self.tokens.put(token_hash.clone(), Arc::clone(&node));
        Ok(NodeCaller { node, token_hash })
    }

    /// The key of a request, when it has that scope. No use of it is spent.
    pub(crate) async fn look_at_key(&self, headers: &HeaderMap, scope: Scope) -> Result<KeyRecord, Refusal> {
        let key = credential(headers)?.ok_or_else(|| no_key(&[scope]))?;
        match self.store.check_key(&hash_token(key), scope, false, unix_ms()).await? {
            KeyCheck::Good(record) => Ok(record),
            other => Err(refuse_key(other, &[scope])),
        }
    }

    /// The key of a request, when it has one of these scopes. A key that counts its uses loses one.
    pub(crate) async fn authorize(&self, headers: &HeaderMap, scopes: &[Scope]) -> Result<Arc<KeyRecord>, Refusal> {
        let key = credential(headers)?.ok_or_else(|| no_key(scopes))?;
        let hash = hash_token(key);
        let now = unix_ms();
        let mut verdict = KeyCheck::Unknown;
        for &scope in scopes {
            let cached = self.keys.get(&(hash.clone(), scope));
            if let Some(record) = cached.filter(|key| key.expires_ms.is_none_or(|end| now < end)) {
                return Ok(record);
            }
            verdict = match self.store.check_key(&hash, scope, true, now).await? {
                KeyCheck::Good(record) => {
                    let record = Arc::new(record);
                    if record.uses_left.is_none() {
                        self.keys.put((hash, scope), Arc::clone(&record));
                    }
                    return Ok(record);
                }
                other => other,
            };
        }
        Err(refuse_key(verdict, scopes))
    }
}

fn no_key(scopes: &[Scope]) -> Refusal {
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    Refusal::new(ErrorCode::Unauthorized, "a key is missing").hint(format!(
        "send a key of scope {} as `Authorization: Bearer <key>` or `x-api-key: <key>`",
        names.join(" or ")
    ))
}

fn refuse_key(verdict: KeyCheck, scopes: &[Scope]) -> Refusal {
    let new_key = "an operator makes a new one with `waypost gateway key create`";
    let names = |scopes: &[Scope]| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    match verdict {
        KeyCheck::Expired(since) => {
            let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(since).unwrap_or_default());
            let at = humantime::format_rfc3339_seconds(at);
            Refusal::new(ErrorCode::Unauthorized, format!("the key expired at {at}")).hint(new_key)
        }
        KeyCheck::UsedUp => {
            Refusal::new(ErrorCode::Unauthorized, "the key was used as often as it may be").hint(new_key)
        }
        KeyCheck::Revoked => Refusal::new(ErrorCode::Unauthorized, "the key was revoked").hint(new_key),
        KeyCheck::OutOfScope(has) => {
            let message = format!("the key has scope {}, this needs {}", names(&has), names(scopes));
            Refusal::new(ErrorCode::Forbidden, message).hint("use another key, or create one with that scope")
        }
        KeyCheck::Unknown | KeyCheck::Good(_) => Refusal::new(ErrorCode::Unauthorized, "the key is not known")
            .hint("check that it is whole and that it is a key of this gateway"),
    }
}

/// The credential of a request: `Authorization: Bearer` (the word in any case), else `x-api-key`.
pub(crate) fn credential(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let unreadable =
        |_| Refusal::new(ErrorCode::Unauthorized, "the credential has characters that no credential of ours has");
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        let Some(value) = headers.get("x-api-key") else { return Ok(None) };
        return Ok(Some(value.to_str().map_err(unreadable)?.trim()).filter(|key| !key.is_empty()));
    };
    let value = value.to_str().map_err(unreadable)?.trim();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Refusal::new(ErrorCode::Unauthorized, "the Authorization header is not of the form `Bearer <key>`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_comes_in_two_headers_and_any_case() {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap())])
        };
        assert_eq!(credential(&with("authorization", "bEaReR  k ")).unwrap(), Some("k"));
        assert_eq!(credential(&with("x-api-key", " k ")).unwrap(), Some("k"));
        assert_eq!(credential(&with("x-api-key", "")).unwrap(), None);
        assert_eq!(credential(&HeaderMap::new()).unwrap(), None);
        assert!(credential(&with("authorization", "Basic eDp5")).is_err());
    }
}
