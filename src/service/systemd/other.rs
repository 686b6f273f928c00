//! A unit that is not ours, looked up by its name.

use super::commands::{SHORT, tried};
use super::manager::Systemd;
use std::path::PathBuf;

impl Systemd {
    /// The file of a unit in the user's or the machine's own directory, and whether the unit runs. None without the file.
    pub(in super::super) fn other(&self, unit: &str) -> Option<(PathBuf, bool)> {
        let file = self.places.units.as_ref()?.join(unit);
        if !file.exists() {
            return None;
        }
        let active = tried(self.commands.systemctl(["is-active", unit]), SHORT);
        let is_running = active.is_ok_and(|ran| matches!(ran.stdout.trim(), "active" | "activating" | "reloading"));
        Some((file, is_running))
    }
}
