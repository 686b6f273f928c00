//! What the job needs of the machine.

use super::issues::Issues;
use serde_json::{Map, Value};

const CODE: &str = "invalid_resources";

/// How many GPUs the job needs.
pub(super) fn check(issues: &mut Issues, value: Option<&Value>) -> u64 {
    let Some(resources) = issues.object(CODE, "resources", value) else { return 0 };
    issues.unknown("resources", resources, &["gpu", "cpu", "memory_gb", "disk_gb"]);
    issues.amount(CODE, "resources", resources, "memory_gb");
    issues.amount(CODE, "resources", resources, "disk_gb");
    if let Some(cpu) = issues.object(CODE, "resources.cpu", resources.get("cpu")) {
        issues.unknown("resources.cpu", cpu, &["cores"]);
        issues.amount(CODE, "resources.cpu", cpu, "cores");
    }
    issues.object(CODE, "resources.gpu", resources.get("gpu")).map_or(0, |gpu| gpus(issues, gpu))
}

fn gpus(issues: &mut Issues, gpu: &Map<String, Value>) -> u64 {
    let at = "resources.gpu";
    issues.unknown(at, gpu, &["count", "min_vram_gb", "vendor", "cuda_min_version", "capabilities"]);
    issues.amount(CODE, at, gpu, "min_vram_gb");
    issues.text(CODE, at, gpu, "vendor");
    issues.text(CODE, at, gpu, "cuda_min_version");
    issues.texts(CODE, at, gpu, "capabilities");
    match gpu.get("count") {
        None | Some(Value::Null) => 1,
        Some(count) => count.as_u64().unwrap_or_else(|| {
            issues.add(CODE, "resources.gpu.count", "must be a whole number, 0 or more", Some(count));
            0
        }),
    }
}
