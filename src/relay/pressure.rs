//! How busy the machine is, in coarse numbers, for owners who have their gateway told: `hardware_pressure` of a heartbeat.
//!
//! What a platform does not tell without a library stays unknown. Graphics cards are not looked for.

use super::health::iso;
use serde_json::{Value, json};
use std::time::SystemTime;

/// Sizes of memory, in GiB, that are told apart.
const BUCKETS: [u64; 5] = [8, 16, 32, 64, 128];

/// What is known of memory, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Memory {
    total: u64,
    available: u64,
}

/// The machine now.
pub(super) fn pressure() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (load, memory) = if cfg!(target_os = "linux") {
        (load(&read("/proc/loadavg")), memory(&read("/proc/meminfo")))
    } else {
        (None, None)
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    described(SystemTime::now(), cores, load, memory)
}

fn described(now: SystemTime, cores: usize, load: Option<f64>, memory: Option<Memory>) -> Value {
    #[allow(clippy::cast_precision_loss, reason = "rounded to three places")]
    let used = memory.map(|memory| rounded(memory.total.saturating_sub(memory.available) as f64 / memory.total as f64));
    #[allow(clippy::cast_precision_loss, reason = "no machine has so many")]
    let ratio = load.map(|load| rounded(load / cores as f64));
    json!({
        "schema_version": 1,
        "collected_at": iso(now),
        "cpu": {"core_count": cores, "load_1m_ratio": ratio},
        "ram": {"used_ratio": used, "total_bucket": bucket(memory)},
        "gpu": {
            "available": false, "count": 0, "cuda": false,
            "vram": {"total_tier": "unknown", "used_ratio": null},
        },
    })
}

/// Three places behind the point.
fn rounded(ratio: f64) -> f64 {
    (ratio * 1000.0).round() / 1000.0
}

fn bucket(memory: Option<Memory>) -> String {
    let Some(memory) = memory else { return "unknown".to_owned() };
    let smallest = BUCKETS.into_iter().find(|gib| memory.total <= gib * 1024 * 1024);
    smallest.map_or_else(|| format!(">{}GiB", BUCKETS[4]), |gib| format!("<={gib}GiB"))
}

/// The load of the last minute, from `/proc/loadavg`.
fn load(text: &str) -> Option<f64> {
    text.split(' ').next()?.parse().ok()
}

/// From `/proc/meminfo`.
fn memory(text: &str) -> Option<Memory> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().split(' ').next()?.parse().ok()
    };
    let memory = Memory { total: field("MemTotal")?, available: field("MemAvailable")? };
    (memory.total > 0).then_some(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_coarse_and_unknown_ones_say_so() {
        let memory = memory("MemTotal:       16303684 kB\nMemFree: 1 kB\nMemAvailable:    8151842 kB\n");
        let value = described(SystemTime::UNIX_EPOCH, 2, load("1.2345 0.5 0.1 1/2 3"), memory);
        assert_eq!(
            value.to_string(),
            r#"{"schema_version":1,"collected_at":"1970-01-01T00:00:00.000Z","cpu":{"core_count":2,"load_1m_ratio":0.617},"ram":{"used_ratio":0.5,"total_bucket":"<=16GiB"},"gpu":{"available":false,"count":0,"cuda":false,"vram":{"total_tier":"unknown","used_ratio":null}}}"#
        );
        let unknown = described(SystemTime::UNIX_EPOCH, 2, load(""), super::memory(""));
        assert_eq!(
            (&unknown["cpu"]["load_1m_ratio"], &unknown["ram"]["total_bucket"]),
            (&Value::Null, &json!("unknown"))
        );
        assert_eq!(bucket(Some(Memory { total: 200 << 20, available: 0 })), ">128GiB");
    }
}
