//! How a server knows who calls.

use super::invocation::Invocations;
use super::jwt::JwtRule;
use crate::base::Secret;
use crate::wire::v1::{ErrorCode, Failure};
use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderMap};
use std::path::PathBuf;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// What callers must show as `Authorization: Bearer …`. `/v1/health` is open to all.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Nothing.
    #[default]
    Open,
    /// This token.
    Token(Secret),
    /// This token, or nothing: then a caller may do what stays inside workspaces.
    Local {
        /// The token.
        token: Secret,
        /// Where its owner finds it, for those who are told that they need it; none when it is in the settings.
        token_file: Option<PathBuf>,
    },
    /// A signed token of another's making. Its bearer may do all but end the server.
    Jwt(Arc<JwtRule>),
    /// This token, or one that the node's gateway has signed for this very request.
    Direct {
        /// The token.
        token: Secret,
        /// What knows the gateway's tokens.
        invocations: Arc<Invocations>,
    },
}

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// All that the owner's policy allows.
    Owner,
    /// The same, but the server's own life is not theirs.
    User,
    /// What a gateway can ask for.
    Gateway,
    /// What stays inside workspaces.
    Guest,
}

/// A caller who may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) caller: Caller,
    /// The SHA-256 in hex of the only body that is allowed; none allows any.
    pub(super) body_sha256: Option<String>,
}

impl From<Caller> for Pass {
    fn from(caller: Caller) -> Self {
        Self { caller, body_sha256: None }
    }
}

impl Pass {
    /// The name under which its requests are counted. Those of the gateway are not: it counts its callers itself.
    pub(super) fn key(&self) -> Option<&'static str> {
        match self.caller {
            Caller::Owner => Some("owner"),
            Caller::User => Some("user"),
            Caller::Gateway | Caller::Guest => None,
        }
    }
}

impl Auth {
    /// Its name in logs.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Token(_) => "token",
            Self::Local { .. } => "local",
            Self::Jwt(_) => "jwt",
            Self::Direct { .. } => "direct",
        }
    }

    /// Whether nobody does anything without a credential.
    pub(super) fn asks_everybody(&self) -> bool {
        match self {
            Self::Open | Self::Local { .. } => false,
            Self::Token(_) | Self::Jwt(_) | Self::Direct { .. } => true,
        }
    }

    /// Lets a request pass.
    ///
    /// # Errors
    /// [`ErrorCode::Unauthorized`], and what a signed token that is not for this request is told.
    pub(super) fn pass(&self, method: &str, target: &Uri, headers: &HeaderMap) -> Result<Pass, Failure> {
        let known = self.caller(headers).map(Pass::from);
        // The owner's own token may have dots as well.
        if let Self::Direct { invocations, .. } = self
            && known.is_err()
            && let Some(signed) = bearer(headers).filter(|given| given.contains('.'))
        {
            let body_sha256 = invocations.accept(signed, method, target)?;
            return Ok(Pass { caller: Caller::Gateway, body_sha256 });
        }
        known
    }

    /// Who calls with these headers.
    ///
    /// # Errors
    /// [`ErrorCode::Unauthorized`].
    pub(super) fn caller(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        let bearer = bearer(headers);
        let known = match self {
            Self::Open => return Ok(Caller::Owner),
            Self::Local { .. } if !headers.contains_key(AUTHORIZATION) => return Ok(Caller::Guest),
            Self::Token(token) | Self::Local { token, .. } | Self::Direct { token, .. } => bearer
                .is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.expose().as_bytes())))
                .then_some(Caller::Owner),
            Self::Jwt(rule) => bearer.is_some_and(|given| rule.accepts(given)).then_some(Caller::User),
        };
        known.ok_or_else(|| self.explain(Failure::new(ErrorCode::Unauthorized, "Unauthorized")))
    }

    /// Adds where the credential is to be had.
    pub(super) fn explain(&self, failure: Failure) -> Failure {
        if failure.code != ErrorCode::Unauthorized || failure.hint.is_some() {
            return failure;
        }
        match self {
            Self::Local { token_file, .. } => {
                let place = token_file.as_ref().map_or("the settings".to_owned(), |file| file.display().to_string());
                failure.hint(format!(
                    "send the token in {place}: `Authorization: Bearer …`; without one, only what stays inside workspaces is allowed"
                ))
            }
            Self::Jwt(_) => failure.hint("send a signed token that this server accepts: `Authorization: Bearer …`"),
            Self::Token(_) | Self::Direct { .. } | Self::Open => {
                failure.hint("send the node's token: `Authorization: Bearer …`")
            }
        }
    }
}

/// The bearer token; the word in front of it in any case.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
