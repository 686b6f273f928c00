//! Whether the state directory can be written and has room, and how much the node keeps that the gateway does not have yet.

use super::check::Check;
use crate::state::Home;
use std::path::Path;

/// Free bytes below which a result may not be kept.
const TOO_LITTLE: u64 = 100 << 20;
/// Free bytes below which it is time to look.
const LITTLE: u64 = 1 << 30;

pub fn check(home: &Home) -> Check {
    if let Err(failed) = tempfile::tempfile_in(home.root()) {
        let fix = "free some space, or mend the permissions";
        return Check::bad("disk", format!("{}: {failed}", home.root().display()), fix);
    }
    let journal = std::fs::metadata(home.journal()).map_or(0, |meta| meta.len());
    let kept = format!(
        "journal {}, outbox {}, logs {}",
        size(journal),
        size(below(&home.outbox())),
        size(below(&home.logs()))
    );
    let Some(free) = free(home.root()) else { return Check::good("disk", format!("can be written; {kept}")) };
    let message = format!("{} free; {kept}", size(free));
    let fix = format!("free some space where {} is", home.root().display());
    match free {
        0..TOO_LITTLE => Check::bad("disk", message, fix),
        TOO_LITTLE..LITTLE => Check::warning("disk", message, fix),
        _ => Check::good("disk", message),
    }
}

#[cfg(unix)]
fn free(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None // that it can be written is known there
}

/// Bytes of the files directly in a directory.
fn below(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).filter(std::fs::Metadata::is_file).map(|meta| meta.len()).sum()
}

/// Bytes for people: `512 B`, `3.4 MiB`.
fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64 / 1024.0;
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    for unit in units {
        if value < 1024.0 || unit == "TiB" {
            return format!("{value:.1} {unit}");
        }
        value /= 1024.0;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        let of = [0, 1023, 1024, 3 << 20, 5 << 40].map(size);
        assert_eq!(of, ["0 B", "1023 B", "1.0 KiB", "3.0 MiB", "5.0 TiB"]);
    }
}
