//! Short-lived tokens that one side signs and the other checks with the same secret: `header.claims.signature`, each part in
//! base64url without padding, signed with HMAC-SHA256 over the first two. The form of the invocation tokens of mswarm.

use super::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The header of what we sign.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The longest token that is looked at, bytes.
const LONGEST: usize = 16 << 10;

/// Why a text is not a token of ours. Says nothing about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedTokenError {
    /// Not three parts of base64url, or too long.
    #[error("it does not have the form of a signed token")]
    Malformed,
    /// The header names another algorithm than HS256.
    #[error("it is not signed with HS256")]
    Algorithm,
    /// Signed with another secret, or changed.
    #[error("its signature is wrong")]
    Signature,
}

/// Signs claims (a JSON object) as they are written.
pub fn sign_token(secret: &Secret, claims: &Value) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(signature(secret, &signed));
    format!("{signed}.{signature}")
}

/// The claims of a token whose signature is good. Whether they still hold is for the caller to say.
///
/// # Errors
/// [`SignedTokenError`].
pub fn open_token(secret: &Secret, token: &str) -> Result<Value, SignedTokenError> {
    if token.len() > LONGEST {
        return Err(SignedTokenError::Malformed);
    }
    let (signed, given) = token.rsplit_once('.').ok_or(SignedTokenError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(SignedTokenError::Malformed)?;
    let given = URL_SAFE_NO_PAD.decode(given).map_err(|_| SignedTokenError::Malformed)?;
    if !bool::from(signature(secret, signed).as_slice().ct_eq(&given)) {
        return Err(SignedTokenError::Signature);
    }
    if part(header)?.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err(SignedTokenError::Algorithm);
    }
    part(claims)
}

fn part(text: &str) -> Result<Value, SignedTokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SignedTokenError::Malformed)?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| SignedTokenError::Malformed)?;
    if value.is_object() { Ok(value) } else { Err(SignedTokenError::Malformed) }
}

fn signature(secret: &Secret, signed: &str) -> Vec<u8> {
    // HMAC takes keys of any length.
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes());
    mac.map(|mut mac| {
        mac.update(signed.as_bytes());
        mac.finalize().into_bytes().to_vec()
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Signed by the reference's own helper, and recomputed: specification of mswarm, appendix B.
    const REFERENCE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJub2RlX2lkIjoic2huX2Zha2UwMSIsImpvYl9pZCI6ImpvYi0xIiwicmVxdWVzdF9pZCI6InJlcS0xIiwibW9kZWwiOiJtIiwiZGVhZGxpbmVfYXQiOiIyMDMwLTAxLTAxVDAwOjAwOjAwLjAwMFoiLCJzY29wZSI6InNlbGZfaG9zdGVkLmludm9rZSIsImlhdCI6MTg5MzQ1MjQwMCwiZXhwIjoxODkzNDU2MDAwfQ.G8LZKANzbaQiX8wBuUPHBLV0fSgOIWDCEe7Pn9ZDU3o";

    fn claims() -> Value {
        json!({
            "node_id": "shn_fake01", "job_id": "job-1", "request_id": "req-1", "model": "m",
            "deadline_at": "2030-01-01T00:00:00.000Z", "scope": "self_hosted.invoke",
            "iat": 1_893_452_400, "exp": 1_893_456_000,
        })
    }

    #[test]
    fn tokens_are_those_of_the_reference() {
        let secret = Secret::new("s3cr3t");
        assert_eq!(sign_token(&secret, &claims()), REFERENCE);
        assert_eq!(open_token(&secret, REFERENCE), Ok(claims()));
    }

    #[test]
    fn what_is_not_signed_by_us_is_refused() {
        let secret = Secret::new("s3cr3t");
        assert_eq!(open_token(&Secret::new("other"), REFERENCE), Err(SignedTokenError::Signature));
        let changed = REFERENCE.replace("G8LZ", "G8LA");
        assert_eq!(open_token(&secret, &changed), Err(SignedTokenError::Signature));
        for text in ["", ".", "..", "a.b", "a.b.c.d", "é.é.é", &"x".repeat(LONGEST + 1)] {
            assert!(open_token(&secret, text).is_err(), "{text:.20}");
        }
        let other = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode("{}"));
        let token = format!("{other}.{}", URL_SAFE_NO_PAD.encode(signature(&secret, &other)));
        assert_eq!(open_token(&secret, &token), Err(SignedTokenError::Algorithm));
    }
}
