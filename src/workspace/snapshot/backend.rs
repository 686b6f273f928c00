//! Which backend a manifest means. A table, because the reference's manifests name classes of its own program.

use super::name::{bad, shown};
use crate::workspace::Error;

/// Backends that a snapshot may name, as a configuration names them. Whether one can be mounted is decided elsewhere.
const KNOWN: [&str; 30] = [
    "ram",
    "disk",
    "s3",
    "r2",
    "gcs",
    "oci",
    "supabase",
    "minio",
    "ceph",
    "seaweedfs",
    "wasabi",
    "backblaze",
    "digitalocean",
    "tencent",
    "aliyun",
    "scaleway",
    "qingstor",
    "redis",
    "ssh",
    "nextcloud",
    "hf_buckets",
    "hf_datasets",
    "hf_models",
    "hf_spaces",
    "gridfs",
    "dropbox",
    "onedrive",
    "gdrive",
    "github",
    "postgres",
];

/// The backend of `resource_class`: our own name (`ram`) or the last part of a class path (`some.module.RAMResource`).
pub(super) fn named(class: &str) -> Result<&'static str, Error> {
    let last = class.rsplit(['.', ':', '/']).next().unwrap_or(class).to_ascii_lowercase();
    let short = ["resource", "vfs", "backend"].iter().find_map(|suffix| last.strip_suffix(suffix)).unwrap_or(&last);
    let plain = |name: &str| name.replace('_', "");
    KNOWN
        .into_iter()
        .find(|known| plain(known) == plain(short))
        .ok_or_else(|| bad(format!("manifest.json: unknown resource class '{}'", shown(class))))
}
