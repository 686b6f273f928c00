//! Signed tokens that somebody else gives out: which of them are accepted here.

use crate::base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// The shortest shared secret, bytes: as long as the shortest hash.
const MIN_SECRET: usize = 32;

/// What a token must be.
#[derive(Debug, Clone)]
pub struct JwtOptions {
    /// The one algorithm that is accepted, e.g. `RS256`. What a token says of itself decides nothing.
    pub algorithm: String,
    /// The public key in PEM; for `HS…` the shared secret.
    pub key: Secret,
    /// What `iss` must be.
    pub issuer: Option<String>,
    /// What must be in `aud`.
    pub audience: Option<String>,
    /// What `azp` must be one of; empty asks for none.
    pub authorized_parties: Vec<String>,
    /// How far the clocks may be apart.
    pub clock_skew: Duration,
}

/// Options that no rule can be made of.
#[derive(Debug, thiserror::Error)]
pub enum JwtError {
    /// Not an algorithm, or not one of ours.
    #[error(
        "jwt_alg: '{0}' is not one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA"
    )]
    Algorithm(String),
    /// The key is of another kind.
    #[error("the key is not a public key in PEM that fits {algorithm}: {problem}")]
    Key {
        /// The algorithm.
        algorithm: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A shared secret that can be guessed, or that is a public key and so no secret.
    #[error("{algorithm} needs a shared secret of at least {MIN_SECRET} bytes, not {found}")]
    Secret {
        /// The algorithm.
        algorithm: String,
        /// What was given.
        found: String,
    },
}

/// Decides whether a token is accepted.
pub struct JwtRule {
    key: DecodingKey,
    validation: Validation,
    authorized_parties: Vec<String>,
}

/// Claims that the library does not check as strictly as we do: it skips a time that is not a number.
#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "exp")]
    _exp: f64,
    #[serde(rename = "nbf", default)]
    _nbf: Option<f64>,
    #[serde(default)]
    azp: Option<String>,
}

impl JwtRule {
    /// Reads the key.
    ///
    /// # Errors
    /// When there is no such algorithm or the key does not fit it.
    pub fn new(options: JwtOptions) -> Result<Self, JwtError> {
        let algorithm: Algorithm =
            options.algorithm.parse().map_err(|_| JwtError::Algorithm(options.algorithm.clone()))?;
        let key = key(algorithm, &options)?;
        let mut validation = Validation::new(algorithm);
        validation.leeway = options.clock_skew.as_secs();
        validation.validate_nbf = true;
        let mut required = vec!["exp"];
        if let Some(issuer) = &options.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        match &options.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                required.push("aud");
            }
            None => validation.validate_aud = false,
        }
        validation.set_required_spec_claims(&required);
        Ok(Self { key, validation, authorized_parties: options.authorized_parties })
    }

    /// Whether this is a token that counts here and now.
    pub fn accepts(&self, token: &str) -> bool {
        is_jwt(token) && self.claims(token).is_some_and(|claims| self.is_party(&claims))
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        match decode::<Claims>(token, &self.key, &self.validation) {
            Ok(decoded) => Some(decoded.claims),
            Err(refused) => {
                tracing::debug!(%refused, "a token is not accepted");
                None
            }
        }
    }

    fn is_party(&self, claims: &Claims) -> bool {
        let parties = &self.authorized_parties;
        parties.is_empty() || claims.azp.as_ref().is_some_and(|party| parties.contains(party))
    }
}

impl fmt::Debug for JwtRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtRule").field("algorithms", &self.validation.algorithms).finish_non_exhaustive()
    }
}

/// Whether the header says that it is a JWT, and asks for nothing that we would have to understand.
fn is_jwt(token: &str) -> bool {
    let header = token.split('.').next().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    let header: Option<Map<String, Value>> = header.and_then(|header| serde_json::from_slice(&header).ok());
    header.is_some_and(|header| {
        let is_jwt = header.get("typ").and_then(Value::as_str).is_some_and(|typ| typ.eq_ignore_ascii_case("JWT"));
        is_jwt && !header.contains_key("crit")
    })
}

fn key(algorithm: Algorithm, options: &JwtOptions) -> Result<DecodingKey, JwtError> {
    let pem = options.key.expose();
    let name = || options.algorithm.clone();
    let fits = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
            let found = match pem {
                _ if pem.contains("-----BEGIN") => "a key in PEM".to_owned(),
                _ if pem.len() < MIN_SECRET => format!("{} bytes", pem.len()),
                _ => return Ok(DecodingKey::from_secret(pem.as_bytes())),
            };
            return Err(JwtError::Secret { algorithm: name(), found });
        }
        _ if pem.contains("PRIVATE KEY") => {
            return Err(JwtError::Key { algorithm: name(), problem: "it is a private key".to_owned() });
        }
        Algorithm::ES256 | Algorithm::ES384 => DecodingKey::from_ec_pem(pem.as_bytes()),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem.as_bytes()),
        _ => DecodingKey::from_rsa_pem(pem.as_bytes()),
    };
    fits.map_err(|wrong| JwtError::Key { algorithm: name(), problem: wrong.to_string() })
}

#[cfg(test)]
mod tests;
