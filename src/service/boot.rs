//! When the service starts, said in one sentence.

use serde::{Deserialize, Serialize};

/// When a service starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boot {
    /// When the machine starts, with nobody logged in.
    AtBoot,
    /// When its user logs in.
    AtLogin,
    /// Not by itself.
    OnlyNow,
}

/// When it starts and why so; with the command that makes it better when there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootGuarantee {
    /// When.
    pub boot: Boot,
    /// Why, e.g. `linger is on for dev`.
    pub why: String,
    /// What somebody can type to have it start earlier, e.g. `sudo loginctl enable-linger dev`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<String>,
}

impl BootGuarantee {
    /// One sentence: `starts at boot (linger is on for dev)`.
    pub fn sentence(&self) -> String {
        let when = match self.boot {
            Boot::AtBoot => "starts at boot, with nobody logged in",
            Boot::AtLogin => "starts at login only",
            Boot::OnlyNow => "does not start by itself",
        };
        format!("{when} ({})", self.why)
    }
}
