//! Signed tokens of the gateway: each for one request of one node, and good once.

use crate::base::{Secret, SignedTokenError, open_token, unix_ms};
use crate::wire::v1::{ErrorCode, Failure};
use hyper::Uri;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What such a token is for.
const SCOPE: &str = "self_hosted.v1.invoke";
/// The longest life of a token, seconds, with room for two clocks that differ.
const LONGEST_LIFE: i64 = 120;
/// How often the secret is looked up again when a signature is wrong: it may have been replaced.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Beyond this many used tokens those whose time is over are forgotten.
const SWEEP_AT: usize = 1024;

/// Looks the secret up where it is kept.
type Lookup = dyn Fn() -> Option<Secret> + Send + Sync;

/// What a node needs to check tokens.
pub struct Invocations {
    node_id: String,
    lookup: Box<Lookup>,
    secret: Mutex<(Option<Secret>, Instant)>,
    /// When this began, seconds since 1970: what was used before that is not known any more.
    began: i64,
    /// By their ids: until when they would be good.
    used: Mutex<HashMap<String, i64>>,
}

/// What a token says.
#[derive(Deserialize)]
struct Claims {
    node_id: String,
    scope: String,
    method: String,
    path: String,
    #[serde(default)]
    body_sha256: Option<String>,
    jti: String,
    iat: i64,
    exp: i64,
}

impl Invocations {
    /// For a node, with what looks up the secret that it shares with its gateway.
    pub fn new(node_id: impl Into<String>, lookup: impl Fn() -> Option<Secret> + Send + Sync + 'static) -> Self {
        let secret = Mutex::new((lookup(), Instant::now()));
        Self { node_id: node_id.into(), lookup: Box::new(lookup), secret, began: now(), used: Mutex::default() }
    }

    /// Uses up a token for this request. Gives the SHA-256 in hex that the body must have, where the token says one.
    ///
    /// # Errors
    /// [`ErrorCode::Unauthorized`] for one that the gateway did not sign, and a code of its own for one that is expired,
    /// used, or for something else.
    pub(super) fn accept(&self, token: &str, method: &str, target: &Uri) -> Result<Option<String>, Failure> {
        let malformed = || Failure::new(ErrorCode::Unauthorized, "the token lacks a claim");
        let claims: Claims = serde_json::from_value(self.open(token)?).map_err(|_| malformed())?;
        let refuse = |code, why: &str| Err(Failure::new(code, format!("the token {why}")));
        let now = now();
        if claims.exp < now || claims.iat < self.began {
            return refuse(ErrorCode::TokenExpired, "is expired: compare the clocks of node and gateway");
        }
        if claims.exp - now > LONGEST_LIFE || claims.exp - claims.iat > LONGEST_LIFE {
            return refuse(ErrorCode::Unauthorized, "would be good for too long");
        }
        if claims.scope != SCOPE {
            return refuse(ErrorCode::TokenMisplaced, "is for something else");
        }
        if claims.node_id != self.node_id {
            return refuse(ErrorCode::TokenMisplaced, "is for another node");
        }
        let path = target.path_and_query().map_or("/", |path| path.as_str());
        if claims.method != method || claims.path != path {
            return refuse(ErrorCode::TokenMisplaced, "is for another request");
        }
        if !self.use_up(claims.jti, claims.exp, now) {
            return refuse(ErrorCode::TokenUsed, "was used before");
        }
        Ok(claims.body_sha256)
    }

    fn open(&self, token: &str) -> Result<serde_json::Value, Failure> {
        let wrong = |wrong: SignedTokenError| Failure::new(ErrorCode::Unauthorized, format!("the token: {wrong}"));
        let missing = || Failure::new(ErrorCode::Unauthorized, "this node has no secret to check tokens with");
        let mut secret = self.secret.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = secret.0.as_ref().map(|secret| open_token(secret, token));
        match opened {
            Some(Ok(claims)) => return Ok(claims),
            Some(Err(other)) if other != SignedTokenError::Signature => return Err(wrong(other)),
            _ if secret.1.elapsed() < LOOK_AGAIN => {}
            _ => *secret = ((self.lookup)(), Instant::now()),
        }
        open_token(secret.0.as_ref().ok_or_else(missing)?, token).map_err(wrong)
    }

    fn use_up(&self, id: String, until: i64, now: i64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= SWEEP_AT && used.len().is_power_of_two() {
            used.retain(|_, until| *until >= now);
        }
        used.insert(id, until).is_none()
    }
}

impl fmt::Debug for Invocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocations").field("node_id", &self.node_id).finish_non_exhaustive()
    }
}

fn now() -> i64 {
    unix_ms() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sign_token;
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn claims(change: impl FnOnce(&mut Value)) -> Value {
        let mut claims = json!({
            "node_id": "shn_1", "scope": SCOPE, "method": "POST", "path": "/v1/workspaces?a=b", "jti": "1",
            "iat": now(), "exp": now() + 60,
        });
        change(&mut claims);
        claims
    }

    #[test]
    fn a_token_is_good_once_for_what_it_says() {
        let secret = Secret::new("s");
        let node = Invocations::new("shn_1", || Some(Secret::new("s")));
        let target = Uri::from_static("/v1/workspaces?a=b");
        let accept = |claims: &Value| node.accept(&sign_token(&secret, claims), "POST", &target).map_err(|f| f.code);
        let good = claims(|claims| claims["body_sha256"] = "ab".into());
        assert_eq!(accept(&good), Ok(Some("ab".to_owned())));
        assert_eq!(accept(&good), Err(ErrorCode::TokenUsed));
        let wrong: [(&str, Value, ErrorCode); 8] = [
            ("exp", json!(now() - 1), ErrorCode::TokenExpired),
            ("exp", json!(now() + 3600), ErrorCode::Unauthorized),
            ("iat", json!(now() - 30), ErrorCode::TokenExpired),
            ("scope", json!("self_hosted.invoke"), ErrorCode::TokenMisplaced),
            ("node_id", json!("shn_2"), ErrorCode::TokenMisplaced),
            ("method", json!("GET"), ErrorCode::TokenMisplaced),
            ("path", json!("/v1/workspaces"), ErrorCode::TokenMisplaced),
            ("jti", json!(null), ErrorCode::Unauthorized),
        ];
        for (name, value, code) in wrong {
            let claims = claims(|claims| {
                claims["jti"] = "2".into();
                claims[name] = value;
            });
            assert_eq!(accept(&claims), Err(code), "{claims}");
        }
        assert_eq!(accept(&claims(|claims| claims["jti"] = "2".into())), Ok(None));
        let forged = sign_token(&Secret::new("other"), &claims(|claims| claims["jti"] = "3".into()));
        assert_eq!(node.accept(&forged, "POST", &target).unwrap_err().code, ErrorCode::Unauthorized);
    }

    #[test]
    fn a_secret_that_was_replaced_is_looked_up_again() {
        let kept = Arc::new(Mutex::new("old"));
        let node = Invocations::new("shn_1", {
            let kept = kept.clone();
            move || Some(Secret::new(*kept.lock().unwrap()))
        });
        *kept.lock().unwrap() = "new";
        let token = sign_token(&Secret::new("new"), &claims(|_| {}));
        let accept = || node.accept(&token, "POST", &Uri::from_static("/v1/workspaces?a=b"));
        assert!(accept().is_err());
        node.secret.lock().unwrap().1 -= LOOK_AGAIN;
        assert!(accept().is_ok());
    }
}
