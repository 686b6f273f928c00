//! The signed capability payload of the heartbeat: what the machine could do for generic jobs.
//!
//! This version looks for none of it, so that a heartbeat never waits for a probe: everything is `unknown`.

use super::health::iso;
use crate::base::{Secret, sha256_hex};
use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::SystemTime;

const SCHEMA: &str = "2026-06-14";

/// What the machine could do, as it was found once.
#[derive(Debug)]
pub(super) struct Capabilities {
    /// The compact JSON that is signed, with its keys in the order of the specification.
    text: String,
}

impl Capabilities {
    pub(super) fn unknown(node_id: &str, now: SystemTime) -> Self {
        let captured_at = iso(now);
        let software = |name: &str| json!({"name": name, "status": "unknown"});
        let mut snapshot = json!({
            "schema_version": SCHEMA,
            "captured_at": captured_at,
            "node_id": node_id,
            "platform": platform(),
            "arch": arch(),
            "generic_jobs_enabled": false,
            "job_types": [],
            "trust_modes": [],
            "gpu": {"status": "unknown", "count": 0, "vendors": [], "devices": []},
            "software": {
                "docker": software("docker"),
                "docker-nvidia": software("docker-nvidia"),
                "blender": software("blender"),
                "ffmpeg": software("ffmpeg"),
            },
            "runner_catalog": [],
        });
        let id = format!("caps_{}", &sha256_hex(snapshot.to_string().as_bytes())[..16]);
        snapshot["snapshot_id"] = Value::from(id.as_str());
        let scheduler_match = json!({
            "schema_version": SCHEMA,
            "snapshot_id": id,
            "node_id": node_id,
            "updated_at": captured_at,
            "generic_jobs_enabled": false,
            "available_job_types": [],
            "trust_modes": [],
            "resources": {
                "gpu_count": 0,
                "gpu_vendors": [],
                "has_cuda": false,
                "software": {"docker_nvidia": false, "blender": false, "ffmpeg": false},
            },
            "capabilities": [],
        });
        let absent = json!({"available": false, "status": "unknown"});
        let public_projection = json!({
            "schema_version": SCHEMA,
            "snapshot_id": id,
            "captured_at": captured_at,
            "generic_jobs_enabled": false,
            "job_types": [],
            "accelerators": {
                "gpu": {"available": false, "count": 0, "vendors": [], "cuda": false, "vram_tier": "none"},
            },
            "software": {"docker_nvidia": absent, "blender": absent, "ffmpeg": absent},
            "capabilities": [],
        });
        let payload = json!({
            "schema_version": SCHEMA,
            "snapshot_id": id,
            "private_catalog_entry": {
                "node_id": node_id,
                "snapshot_id": id,
                "captured_at": captured_at,
                "snapshot": snapshot,
                "scheduler_match": scheduler_match,
                "public_projection": public_projection,
            },
            "scheduler_match": scheduler_match,
            "public_projection": public_projection,
        });
        Self { text: payload.to_string() }
    }

    /// The payload with its signature: HMAC-SHA256 with the node's token over the payload's bytes. None only when the token
    /// cannot be a key, which no token is.
    pub(super) fn signed(&self, token: &Secret, now: SystemTime) -> Option<Box<RawValue>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(token.expose().as_bytes()).ok()?;
        mac.update(self.text.as_bytes());
        let value = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        let signature = json!({
            "alg": "HS256",
            "value": value,
            "signed_at": iso(now),
            "key_id": "self_hosted_runtime_token",
        });
        let open = self.text.strip_suffix('}')?;
        RawValue::from_string(format!("{open},\"signature\":{signature}}}")).ok()
    }
}

/// The platform as JavaScript names it.
fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

/// The architecture as JavaScript names it.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_the_text_before_it() {
        let capabilities = Capabilities::unknown("shn_1", SystemTime::UNIX_EPOCH);
        let signed = capabilities.signed(&Secret::new("msn_1"), SystemTime::UNIX_EPOCH).unwrap();
        let value: Value = serde_json::from_str(signed.get()).unwrap();
        let keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "schema_version",
                "snapshot_id",
                "private_catalog_entry",
                "scheduler_match",
                "public_projection",
                "signature"
            ]
        );
        let covered = signed.get().split(",\"signature\":").next().unwrap().to_owned() + "}";
        let mut mac = Hmac::<Sha256>::new_from_slice(b"msn_1").unwrap();
        mac.update(covered.as_bytes());
        let expected = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        assert_eq!(value["signature"]["value"], expected);
        assert!(value["snapshot_id"].as_str().unwrap().starts_with("caps_"));
    }
}
