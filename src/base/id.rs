//! Names for things: sortable ids, unguessable tokens, and the hashes under which tokens are kept.

use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// A new id `<prefix>_<32 hex>`: a version 7 UUID without dashes, so ids sort by the time they were made.
pub fn mint(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// A new secret `<prefix>_<43 URL-safe characters>` of 256 random bits from the operating system's generator.
pub fn random_token(prefix: &str) -> String {
    use base64::Engine as _;
    let bytes: [u8; 32] = rand::random();
    format!("{prefix}_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// The form in which a token is stored: SHA-256 in hex. Tokens have 256 random bits, so no salt or stretching is needed.
pub fn hash_token(token: &str) -> String {
    sha256_hex(token.as_bytes())
}

/// SHA-256 of `bytes` as 64 lower-case hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What a machine shows a gateway instead of its id: `sha256:` and the hex SHA-256 of the trimmed machine id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a machine id.
    pub fn of(machine_id: &str) -> Self {
        Self(format!("sha256:{}", sha256_hex(machine_id.trim().as_bytes())))
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_that_of_the_protocol() {
        // vector: specs of the mswarm protocol, appendix B
        assert_eq!(
            Fingerprint::of("2d9cc30e-3ae8-4d34-b0c4-b07fa7947f9a\n").as_str(),
            "sha256:ca5c40ab8952c435f35afd2329a84d856eba06e93627447d40b223c7e3a4bec8"
        );
    }

    #[test]
    fn ids_sort_by_time_and_tokens_do_not_repeat() {
        let ids: Vec<_> = (0..100).map(|_| mint("job")).collect();
        assert!(ids.is_sorted());
        assert_ne!(random_token("wpk"), random_token("wpk"));
        assert_eq!(random_token("wpk").len(), 4 + 43);
    }
}
