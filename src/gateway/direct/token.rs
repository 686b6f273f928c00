//! The token of one request: signed with the node's secret, good for a minute and once.

use crate::base::{Secret, mint, sha256_hex, sign_token, unix_ms};
use serde_json::json;

/// How long it is good, seconds.
const LIFE: i64 = 60;

/// For a request of a node. `path` has the query; `body` is given when all of it is known.
pub(super) fn token(secret: &Secret, node_id: &str, method: &str, path: &str, body: Option<&[u8]>) -> String {
    let now = unix_ms() / 1000;
    let mut claims = json!({
        "node_id": node_id, "scope": "self_hosted.v1.invoke", "method": method, "path": path,
        "jti": mint("jti"), "iat": now, "exp": now + LIFE,
    });
    if let Some(body) = body {
        claims["body_sha256"] = sha256_hex(body).into();
    }
    sign_token(secret, &claims)
}
