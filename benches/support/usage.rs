//! What a process uses, as Linux counts it.

use std::fs;

/// A line of the process's memory, e.g. `VmRSS` (now) or `VmHWM` (the most since the last reset), in megabytes.
pub fn memory(pid: u32, line: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let value = status.lines().find_map(|text| text.strip_prefix(line)).unwrap_or_default();
    let kilobytes: f64 = value.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    kilobytes * 1024.0 / 1e6
}

/// `VmHWM` counts from now on.
pub fn reset_peak(pid: u32) {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("the process is ours");
}

/// Seconds of processor time so far, of all its threads.
pub fn processor(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name before may hold anything but ends with the last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
    // User and system time, in hundredths of a second on every Linux.
    (ticks(11) + ticks(12)) / 100.0
}
