//! Where a daemon is looked for when none runs from this home.

use crate::state::Settings;

/// The URL of the settings, else the loopback address with their port.
pub(super) fn url_of(settings: &Settings) -> String {
    settings.text("url").map_or_else(|| format!("http://127.0.0.1:{}", settings.port()), str::to_owned)
}
