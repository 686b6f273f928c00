//! Opens the token of a request, and lets what starts work be used once.
//!
//! Single use is for work: one start with a token of `self_hosted.invoke`; one start and one retry with one of
//! `self_hosted.generic_job.invoke`, which also reads, uploads and cancels its own job as often as it likes until it expires,
//! as do tokens that only read.

use super::claims;
use super::options::MswarmOptions;
use super::refusal::Refusal;
use super::replay::{Replay, Use};
use crate::base::{Secret, SignedTokenError, hash_token, open_token, unix_ms};
use crate::wire::node::InvocationClaims;
use hyper::header::{AUTHORIZATION, HeaderMap};

/// What opens tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    secret: Option<Secret>,
    node_id: String,
    replay: Replay,
}

/// A token whose claims hold.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) claims: InvocationClaims,
    /// SHA-256 of the whole text in hex.
    pub(super) sha256: String,
    /// Until when the work makes sense, milliseconds since 1970.
    pub(super) deadline_ms: i64,
    /// The signature, which stands for all that is signed.
    signature: String,
    /// The last second at which it is good.
    exp: i64,
}

/// What a token is used up for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Start,
    Retry,
}

impl Tokens {
    pub(super) fn new(options: &MswarmOptions) -> Self {
        Self {
            secret: options.secret.clone().filter(|secret| !secret.is_empty()),
            node_id: options.node_id.clone(),
            replay: Replay::open(options.used_tokens.clone()),
        }
    }

    /// The token of a request, for `scope` and this node.
    ///
    /// # Errors
    /// 503 `missing_config` without a secret; 401 `token_missing`, `token_malformed`, `token_signature`, `token_scope`,
    /// `token_claims`, `token_expired`, `token_deadline_passed`; 400 `wrong_node`.
    pub(super) fn open(&self, headers: &HeaderMap, scope: &str) -> Result<Token, Refusal> {
        let secret = self.secret.as_ref().ok_or_else(|| {
            Refusal::new(
                503,
                "missing_config",
                "this node has no invocation signing secret, so it takes no work directly",
            )
        })?;
        let text = token_text(headers).ok_or_else(|| {
            Refusal::unauthorized("token_missing", "send an invocation token: `Authorization: Bearer …`")
        })?;
        let value = open_token(secret, text).map_err(|wrong| {
            let code = match wrong {
                SignedTokenError::Signature => "token_signature",
                SignedTokenError::Malformed | SignedTokenError::Algorithm => "token_malformed",
            };
            Refusal::unauthorized(code, format!("the invocation token is refused: {wrong}"))
        })?;
        let (claims, deadline_ms, exp) = claims::check(value, scope, unix_ms())?;
        if claims.node_id.as_deref() != Some(self.node_id.as_str()) {
            return Err(Refusal::new(400, "wrong_node", "the invocation token is for another node"));
        }
        let signature = text.rsplit('.').next().unwrap_or_default().to_owned();
        Ok(Token { claims, sha256: hash_token(text), deadline_ms, signature, exp })
    }

    /// Uses a token up for a purpose.
    ///
    /// # Errors
    /// 401 `token_used`; 503 when so many are remembered that no further one can be.
    pub(super) fn spend(&self, token: &Token, purpose: Purpose) -> Result<(), Refusal> {
        let key = hash_token(&format!("{purpose:?} {}", token.signature));
        match self.replay.note(&key, token.exp) {
            Use::First => Ok(()),
            Use::Again => {
                Err(Refusal::unauthorized("token_used", "the invocation token was used before; each starts work once"))
            }
            Use::Full => Err(Refusal::later("replay_cache_full", "too many unexpired tokens are in use")),
        }
    }
}

/// The token, with or without the word in front of it.
fn token_text(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match text.split_once(char::is_whitespace) {
        Some((word, rest)) if word.eq_ignore_ascii_case("bearer") => rest.trim(),
        _ => text,
    };
    (!token.is_empty() && !token.eq_ignore_ascii_case("bearer")).then_some(token)
}
